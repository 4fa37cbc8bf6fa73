"""Raw facts -> `Facts`, held against the policy's own schema.

The policy says which facts there are, of what type, how wide and within what bounds; here every field of a
request is read by that, and every bad field is reported, not only the first. A fact that is absent or null is
unknown, unless a default stands for it: then it is assumed, and the decision says so. JSON text is read by
`parse_json`, which keeps decimals exact; a table's rows by `read_row`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import islice

from dsl.diagnostics import nearest
from dsl.model import CheckedPolicy, Fact
from dsl.types import Kind, Value
from engine.facts_json import parse_around, parse_json
from engine.facts_problems import Both, FactProblem, FactsError, pointer, problem, shorten
from engine.facts_quick import quick_reader
from engine.facts_values import Reader, expected_words, times_power_of_ten
from engine.remembered import PerPolicy
from engine.values import plain_value
from engine.words import value_words

__all__ = [
    "FactProblem",
    "Facts",
    "FactsError",
    "facts_by_name",
    "facts_of",
    "parse_around",
    "parse_json",
    "read_facts",
    "read_row",
]

MOST_UNKNOWN_NAMES = 50
READERS = PerPolicy(quick_reader)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one customer: values by fact key, defaults included; a fact that is not there is
    unknown.

    `assumed` names the facts whose default stands in for them, in declaration order. `plain`: numbers are in
    their plainest form and nothing is None, as everything here leaves them; `plain_facts` sees to it elsewhere.
    """

    known: Mapping[str, Value] = field(default_factory=dict)
    assumed: tuple[str, ...] = ()
    plain: bool = field(default=False, compare=False)

    def get(self, key: str) -> Value | None:
        """The value of a fact, None where it is unknown."""
        return self.known.get(key)


def read_facts(policy: CheckedPolicy, raw: Mapping[str, object]) -> Facts:
    """The facts that an object of names (or aliases) and JSON values gives. Raises `FactsError` with every
    bad field.
    """
    if not isinstance(raw, Mapping):
        raise FactsError([problem("not_an_object", "", got=raw)])
    taken = READERS.of(policy).read(raw)
    if taken is not None:
        return Facts(*taken, plain=True)
    by_name = facts_by_name(policy)
    problems: list[FactProblem] = []
    given: dict[str, tuple[str, object]] = {}
    strangers: dict[str, object] = {}
    for name, value in raw.items():
        fact = by_name.get(name)
        if fact is None:
            strangers[str(name)] = value
        elif fact.key in given:
            problems.append(problem("given_twice", pointer(name), name=given[fact.key][0], key=name))
        else:
            given[fact.key] = (name, value)
    problems += _unknown_names(strangers, by_name)
    return _read(policy, given, problems, rows=False)


def read_row(policy: CheckedPolicy, row: Mapping[str, str]) -> Facts:
    """The facts of one row of a table, by column; empty cells are unknown, columns that are no facts are
    passed over.

    Raises `FactsError` with every bad field.
    """
    by_name = facts_by_name(policy)
    problems: list[FactProblem] = []
    given: dict[str, tuple[str, object]] = {}
    for name, cell in row.items():
        fact = by_name.get(name)
        if fact is None or cell is None or not cell.strip():
            continue
        if fact.key in given:
            problems.append(problem("given_twice", pointer(name), name=given[fact.key][0], key=name))
        else:
            given[fact.key] = (name, cell)
    return _read(policy, given, problems, rows=True)


def facts_of(policy: CheckedPolicy, given: Iterable[tuple[str, Value | None]]) -> Facts:
    """Facts from typed values by key (an example's `given`), defaults filled in. Raises `FactsError` for a
    required fact that is missing.
    """
    known = {key: value for key, value in given if value is not None}
    missing = [_missing(fact) for fact in policy.facts.values() if fact.required and fact.key not in known]
    if missing:
        raise FactsError(missing)
    return _with_defaults(policy, known)


def facts_by_name(policy: CheckedPolicy) -> dict[str, Fact]:
    """Facts by their name and by their alias."""
    names = {fact.name: fact for fact in policy.facts.values()}
    return names | policy.facts


def _read(
    policy: CheckedPolicy, given: Mapping[str, tuple[str, object]], problems: list[FactProblem], *, rows: bool
) -> Facts:
    known: dict[str, Value] = {}
    for fact in policy.facts.values():
        name, raw = given.get(fact.key, (fact.key, None))
        if raw is None:
            if fact.required:
                problems.append(_missing(fact))
            continue
        reader = Reader(fact.name, pointer(name), policy.currency, rows)
        value = reader.read(raw, fact.type)
        if value is not None and not reader.problems:
            reader.problems.extend(_bounds(fact, value, raw, pointer(name)))
            known[fact.key] = value
        problems += [each.masked() for each in reader.problems] if fact.masked else reader.problems
    if problems:
        raise FactsError(problems)
    return _with_defaults(policy, known)


def _with_defaults(policy: CheckedPolicy, known: Mapping[str, Value]) -> Facts:
    values: dict[str, Value] = {}
    assumed: list[str] = []
    for key, fact in policy.facts.items():
        if key in known:
            values[key] = plain_value(known[key])
        elif fact.default is not None:
            values[key] = plain_value(fact.default)
            assumed.append(key)
    return Facts(values, tuple(assumed), plain=True)


def plain_facts(facts: Facts) -> Facts:
    """Facts that were made by hand, as `read_facts` would have left them."""
    if facts.plain:
        return facts
    known = {key: plain_value(value) for key, value in facts.known.items() if value is not None}
    return Facts(known, facts.assumed, plain=True)


def _missing(fact: Fact) -> FactProblem:
    return problem("required", pointer(fact.key), expected=expected_words(fact.type, None), name=fact.name)


def _bounds(fact: Fact, value: Value, raw: object, place: str) -> list[FactProblem]:
    """A value outside its bounds is refused, never clamped."""
    if _below(value, fact.at_least):
        return [_beyond("too_low", ("at least", "不低于"), fact, fact.at_least, value, raw, place)]
    if _below(fact.at_most, value):
        return [_beyond("too_high", ("at most", "不高于"), fact, fact.at_most, value, raw, place)]
    return []


def _beyond(
    code: str, side: Both, fact: Fact, bound: Value | None, value: Value, raw: object, place: str
) -> FactProblem:
    """A value beyond a bound, said as people write the fact's values: `100%`, `30 days`."""
    assert bound is not None, "a value is beyond a bound"
    en, zh = value_words(bound, fact.type, "en"), value_words(bound, fact.type, "zh")
    expected = f"{side[0]} {en}", f"{side[1]} {zh}"
    hint = _meant_percent(fact, value, raw)
    words = {"name": fact.name, "bound": en, "bound_zh": zh}
    return problem(code, place, expected=expected, got=raw, hint=hint, **words)


def _meant_percent(fact: Fact, value: Value, raw: object) -> Both | None:
    """What to write for a percentage that was sent as a whole: `80` for 80%."""
    if fact.type.kind is not Kind.PERCENT or not isinstance(value, Decimal) or "%" in str(raw):
        return None
    meant = plain_value(times_power_of_ten(value, -2))
    if _below(meant, fact.at_least) or _below(fact.at_most, meant):
        return None
    percent, fraction = value_words(meant, fact.type, "en"), f"{meant:f}"
    return f"write `{percent}` or `{fraction}`", f"请写 `{percent}` 或 `{fraction}`"


def _below(one: Value | None, other: Value | None) -> bool:
    """Whether one of two values that have a size is the smaller."""
    if isinstance(one, Decimal) and isinstance(other, Decimal):
        return one < other
    return isinstance(one, date) and isinstance(other, date) and one < other


def _unknown_names(strangers: Mapping[str, object], by_name: Mapping[str, Fact]) -> list[FactProblem]:
    found = [
        problem("unknown_fact", pointer(name), got=got, hint=nearest(name, by_name), name=shorten(name))
        for name, got in islice(strangers.items(), MOST_UNKNOWN_NAMES)
    ]
    if len(strangers) > MOST_UNKNOWN_NAMES:
        found.append(problem("too_many_unknown", "", count=len(strangers) - MOST_UNKNOWN_NAMES))
    return found
