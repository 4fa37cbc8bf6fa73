"""What an author expects of a decision, held against it: the `expect` lines of examples, and of files of tests.

`expect grade in C, D` is met by a customer who is C or D, and by one who may still be either: then exactly
these stay possible, no fewer and no others. `expect total between 20 and 40` is met by whatever lies within.
In a story, the ladder is the tier held, `computed` the one that the facts give, and a move is one of that day.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import assert_never

from dsl.model import CheckedPolicy, Declaration, Expectation, Text
from dsl.types import TEXT, Type
from engine import story_moves as moves
from engine.decision import NOT_APPLICABLE, Decision, Held, Possible, Range, Shown, dumps, shown_json
from engine.facts_problems import Both
from engine.facts_values import Reader
from engine.shown import shown_value
from engine.story_moves import Difference
from engine.values import exact
from engine.wording import renamed, texts_of


def difference(
    policy: CheckedPolicy, decision: Decision, expectation: Expectation, *, exactly: bool = False
) -> Difference | None:
    """What an expectation does not find in a decision; None where it is met.

    `exactly` says of several values (`IN`) that all of them are to stay possible: it is not decided which.
    """
    if expectation.of == "transition":
        return moves.difference(policy, decision, expectation)
    texts = tuple(_texts(policy, expectation))
    got = renamed(_shown(decision, expectation), _first_spellings(texts))
    if _meets(policy, expectation, got, texts) and not (exactly and _fewer(expectation, got)):
        return None
    expected = _expected(policy, expectation, exactly=exactly or isinstance(got, Possible))
    return Difference(expectation, _name(policy, expectation), expected, _text(got))


def _first_spellings(texts: tuple[Text, ...]) -> dict[str, str]:
    """From the language of a decision back to the author's first spelling, by which everything is compared."""
    first = {text.text for text in texts}
    return {
        text.translation: text.text for text in texts if text.translation and text.translation not in first
    }


def _fewer(expectation: Expectation, got: Shown) -> bool:
    """Whether less stays possible than all that is expected to. Outcomes and tiers are expected by their key."""
    return len(set(expectation.values)) > len(_possible(got))


def _shown(decision: Decision, expectation: Expectation) -> Shown:
    """What the decision says of the thing expected; a benefit that may be granted is one possibility, none
    the other.
    """
    key = expectation.key
    match expectation.of:
        case "score":
            return decision.scores.get(key)
        case "value":
            return decision.values.get(key)
        case "choice":
            return decision.segments.get(key)
        case "tags":
            return decision.tags.get(key)
        case "ladder":
            outcome = decision.tiers[key]
            if decision.status == NOT_APPLICABLE:
                return NOT_APPLICABLE
            return outcome.tier if outcome.tier is not None else Possible(outcome.possible)
        case "computed":
            return moves.computed(decision, key)
        case "benefit":
            return _benefit(decision, key)
        case "status":
            return decision.status
        case "transition":
            raise AssertionError("a move is no value")
        case _:
            assert_never(expectation.of)


NONE = "none"


def _benefit(decision: Decision, key: str) -> Shown:
    grants = [grant for grant in decision.benefits if grant.benefit == key]
    if not grants:
        return NONE
    value = grants[0].value
    if not grants[0].possible or value is None or isinstance(value, Range | Possible | Held):
        return value
    return Possible((value, NONE))


def _meets(policy: CheckedPolicy, expectation: Expectation, got: Shown, texts: tuple[Text, ...]) -> bool:
    type = _type(policy, expectation)
    wanted = tuple(shown_value(exact(value), type) for value in expectation.values)
    match expectation.op:
        case "=":
            return got in _spellings(wanted[0], texts) or (got == NONE and wanted[0] is False)
        case "IN":
            return _among(_possible(got), [_spellings(one, texts) for one in wanted])
        case "BETWEEN":
            low, high = (_size(value, type) for value in wanted)
            ends = (got.min, got.max) if isinstance(got, Range) else (*_possible(got),)
            return all(end is not None and low <= _size(end, type) <= high for end in ends)
        case "CONTAINS":
            held = got.held if isinstance(got, Held) else got
            return isinstance(held, tuple) and all(
                any(value in held for value in _spellings(one, texts)) for one in wanted
            )
        case "UNKNOWN":
            return got is None or isinstance(got, Range | Possible | Held)
        case "NONE":
            return got == NONE
        case "NOT_GRADED":
            return got == NOT_APPLICABLE
        case _:
            assert_never(expectation.op)


def _among(got: tuple[Shown, ...], wanted: list[tuple[Shown, ...]]) -> bool:
    """Whether what came is one of the values expected; where several are possible, whether they are just
    these.
    """
    within = all(any(value in spellings for spellings in wanted) for value in got)
    return within and (len(got) == 1 or all(any(one in got for one in spellings) for spellings in wanted))


def _spellings(wanted: Shown, texts: tuple[Text, ...]) -> tuple[Shown, ...]:
    """What is as good as a value expected: itself, and the texts whose translation it is."""
    return (wanted, *(text.text for text in texts if text.translation == wanted))


def _possible(got: Shown) -> tuple[Shown, ...]:
    return got.values if isinstance(got, Possible) else (got,)


def _size(value: Shown, type: Type) -> Decimal:
    """What a shown value is compared by: a duration's seconds, a date's number among the days."""
    read = Reader("", "", None).read(value, type) if isinstance(value, str) else value
    if isinstance(read, date):
        return Decimal(read.toordinal())
    assert isinstance(read, Decimal), "the checker lets `between` stand only beside what has a size"
    return read


def _type(policy: CheckedPolicy, expectation: Expectation) -> Type:
    """The type of the values expected."""
    key = expectation.key
    match expectation.of:
        case "score":
            return policy.scores[key].type
        case "value":
            return policy.values[key].type
        case "ladder" | "computed" | "transition":
            return policy.ladders[key].type
        case "choice":
            return policy.choices[key].type
        case "benefit":
            return policy.benefits[key].type
        case "tags" | "status":
            return TEXT
        case _:
            assert_never(expectation.of)


# ---------------------------------------------------------------- in words


def _name(policy: CheckedPolicy, expectation: Expectation) -> str:
    found = _declared(policy, expectation)
    return policy.name if found is None else found.name


def _texts(policy: CheckedPolicy, expectation: Expectation) -> Iterator[Text]:
    found = _declared(policy, expectation)
    if found is not None:
        yield from texts_of(found, policy)


def _declared(policy: CheckedPolicy, expectation: Expectation) -> Declaration | None:
    """What is expected something of; None where it is the decision as a whole."""
    named: dict[str, Declaration] = {
        **policy.values,
        **policy.scores,
        **policy.ladders,
        **policy.choices,
        **policy.tags,
        **policy.benefits,
    }
    return named.get(expectation.key)


def _expected(policy: CheckedPolicy, expectation: Expectation, *, exactly: bool) -> Both:
    type = _type(policy, expectation)
    values = [_text(shown_value(exact(value), type))[0] for value in expectation.values]
    listed, listed_zh = ", ".join(values), "、".join(values)
    match expectation.op:
        case "=":
            return listed, listed_zh
        case "IN" if exactly:
            return f"{' or '.join(values)} (each of them possible)", f"{' 或 '.join(values)}（均有可能）"
        case "IN":
            return f"one of {listed}", f"{listed_zh} 之一"
        case "BETWEEN":
            return f"between {values[0]} and {values[1]}", f"{values[0]} 与 {values[1]} 之间"
        case "CONTAINS":
            return f"a list with {listed}", f"包含 {listed_zh}"
        case "UNKNOWN":
            return "undecided", "未定"
        case "NONE":
            return "not granted", "不授予"
        case "NOT_GRADED":
            return "not graded", "不分级"
        case _:
            assert_never(expectation.op)


# Words that stand for a value, in an example's outcome.
WORDS: dict[str, Both] = {
    NONE: ("not granted", "不授予"),
    NOT_APPLICABLE: ("not graded", "不分级"),
    "decided": ("graded", "已分级"),
    "undetermined": ("undecided", "未定"),
}


def _text(got: Shown) -> Both:
    match got:
        case None:
            return "unknown", "未知"
        case str():
            return WORDS.get(got, (got, got))
        case Range(low, high):
            ends = [_text(low)[0] if low is not None else "…", _text(high)[0] if high is not None else "…"]
            return f"between {ends[0]} and {ends[1]}", f"{ends[0]} 与 {ends[1]} 之间"
        case Possible(values):
            each = [_text(value) for value in values]
            return " or ".join(en for en, _ in each), " 或 ".join(zh for _, zh in each)
        case _:
            text = dumps(shown_json(got))
            return text, text
