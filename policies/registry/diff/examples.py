"""Examples by their names. They decide nothing: they say what somebody expects of the rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from dsl.model import Example, Expectation, Step
from dsl.types import Type, Value
from policies.registry.diff import words
from policies.registry.diff.changes import About, changed, renamed
from policies.registry.diff.difference import Difference, plain
from policies.registry.diff.names import Side
from policies.registry.diff.shapes import Shape, value_shape

Given = tuple[tuple[str, Value | None], ...]


def example_differences(before: Side, after: Side) -> Iterator[Difference]:
    """Examples that came, went, changed, or have another name."""
    ours = {each.name: each for each in before.policy.examples}
    theirs = {each.name: each for each in after.policy.examples}
    # Several may have been alike in all but their names: each is renamed or removed once.
    gone: dict[Shape, list[Example]] = {}
    for name, old in ours.items():
        if name not in theirs:
            gone.setdefault(_shape(old, before), []).append(old)
    for name, new in theirs.items():
        if name in ours:
            yield from _changed(ours[name], new, before, after)
        elif alike := gone.get(_shape(new, after)):
            old = alike.pop(0)
            names = words.quoted(old.name), words.quoted(new.name)
            yield renamed(_about(new, old, new), *names, decides=False)
        else:
            yield _told(_about(new, None, new), "added", None, after.slice(new.span))
    for alike in gone.values():
        for old in alike:
            yield _told(_about(old, old, None), "removed", before.slice(old.span), None)


def _changed(old: Example, new: Example, before: Side, after: Side) -> Iterator[Difference]:
    if _shape(old, before) != _shape(new, after):
        yield _told(_about(new, old, new), "changed", before.slice(old.span), after.slice(new.span))


def _about(named: Example, old: Example | None, new: Example | None) -> About:
    spans = {"span_before": old.span} if old else {}
    return About(
        "example",
        f"example.{named.name}",
        words.quoted(named.name),
        words.keyword("EXAMPLE"),
        **spans,
        **({"span_after": new.span} if new else {}),
    )


def _told(about: About, kind: str, before: str | None, after: str | None) -> Difference:
    said = (None if each is None else plain(each.strip()) for each in (before, after))
    told = changed(about, "example", *said, decides=False)
    return replace(told, kind="added" if kind == "added" else "removed" if kind == "removed" else "changed")


# ---------------------------------------------------------------- shapes


def _shape(example: Example, side: Side) -> Shape:
    """What is given and expected, with the names of the new version; the order of neither says anything."""
    steps = tuple(_step(step, side) for step in example.steps)
    return (example.on, _given(example.given, side), _expected(example.expect, side), steps)


def _step(step: Step, side: Side) -> Shape:
    return (step.on, _given(step.given, side), _expected(step.expect, side))


def _given(given: Given, side: Side) -> object:
    facts = side.policy.facts
    return frozenset((side.names.key(key), _value(value, facts[key].type, side)) for key, value in given)


def _expected(expected: Iterable[Expectation], side: Side) -> object:
    return frozenset(
        (
            each.of,
            side.names.key(each.key),
            each.op,
            tuple(_value(value, _type(each, side), side) for value in each.values),
        )
        for each in expected
    )


def _type(expected: Expectation, side: Side) -> Type | None:
    """The type whose members an expectation names, where it is one that has members."""
    policy = side.policy
    match expected.of:
        case "ladder" | "computed" | "transition":
            return policy.ladders[expected.key].type
        case "choice":
            return policy.choices[expected.key].type
        case "tags":
            return policy.tags[expected.key].type
        case _:
            return None


def _value(value: Value | None, type: Type | None, side: Side) -> Shape:
    return (value,) if value is None or type is None else value_shape(value, type, side.names)
