"""What a test in YAML expects, in the types of its policy.

An expectation is read by the type of what it names, so `5%`, `0.05` and `15 min` mean there what they mean in
a policy; the comparison itself is the one that a policy's own examples use.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from dsl.diagnostics import did_you_mean
from dsl.model import CheckedPolicy, Expectation
from dsl.types import TEXT, Kind, Type, Value
from engine.decision import NOT_APPLICABLE, Decision
from engine.facts_values import Reader, unit_of
from engine.story_moves import EXPECTED
from policies.registry.yaml import Item, YamlProblem

Both = tuple[str, str]
Of = Literal["score", "value", "ladder", "choice", "tags", "benefit"]
Op = Literal["=", "IN", "BETWEEN", "CONTAINS", "UNKNOWN", "NONE"]

# What is expected of movement, beside the tier held.
OVER_TIME = ("computed", "moves")
STATUSES = ("decided", "undetermined", "not_applicable")
UNDECIDED = ("unknown", "未知")
NOT_GRANTED = ("none", "无")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing expected: of what the policy declares (`expectation`), or of the decision as a whole."""

    expectation: Expectation | None = None
    # Whether all that the expectation lists stays possible, and nothing else.
    exactly: bool = False
    of: Literal["status", "missing", "possible"] = "status"
    words: tuple[str, ...] = ()

    def outcome(self, decision: Decision) -> Both | None:
        """What is not as expected of the decision as a whole; None where all is."""
        match self.of:
            case "status":
                got: tuple[str, ...] = (decision.status,)
            case "missing":
                got = tuple(sorted(decision.missing))
            case "possible":
                main = next(iter(decision.tiers.values()), None)
                got = () if main is None else main.possible
        if sorted(got) == sorted(self.words):
            return None
        wanted, found = ", ".join(self.words) or "-", ", ".join(got) or "-"
        return (
            f"`{self.of}` was expected to be {wanted}, but is {found}",
            f"`{self.of}` 应为 {wanted}，实为 {found}",
        )


@dataclass(frozen=True, slots=True)
class _Target:
    """Something that a decision says: what it is, its key and its type."""

    of: Of
    key: str
    type: Type


def read_expectations(
    policy: CheckedPolicy, expected: Mapping[str, Item], wrong: list[YamlProblem]
) -> tuple[Check, ...]:
    """What a test expects; everything that cannot be expected is noted in `wrong`."""
    targets = dict(_targets(policy))
    checks: list[Check] = []
    for name, item in expected.items():
        try:
            if name in OVER_TIME and name not in targets:
                checks += _over_time(policy, targets, name, item)
            else:
                checks.append(_expected(policy, targets, name, item))
        except YamlProblem as problem:
            wrong.append(problem)
    return tuple(checks)


def _expected(policy: CheckedPolicy, targets: Mapping[str, _Target], name: str, item: Item) -> Check:
    if name in targets:
        return _check(targets[name], name, item)
    if name in ("status", "missing", "possible"):
        return _whole(policy, name, item)
    hint = did_you_mean(name, [*targets, "status", "missing", "possible"]) or ("", "")
    raise YamlProblem(
        item.line,
        f"the policy declares no `{name}` to expect" + (f"; {hint[0]}" if hint[0] else ""),
        f"政策没有声明可供 `expect` 的 `{name}`" + (f"；{hint[1]}" if hint[1] else ""),
    )


def _over_time(
    policy: CheckedPolicy, targets: Mapping[str, _Target], name: str, item: Item
) -> Iterator[Check]:
    """`computed: {grade: D}` and `moves: {grade: up}`, or `{grade: [down, C]}`: what is expected of ladders that move."""
    if not isinstance(item.value, dict):
        en, zh = (
            f"`{name}` is written as ladders and what is expected of them",
            f"`{name}` 应写成等级与期望值",
        )
        raise YamlProblem(item.line, en, zh)
    for ladder, part in item.value.items():
        target = targets.get(ladder)
        if target is None or target.key not in policy.movements:
            en, zh = f"`{ladder}` is no ladder that moves", f"`{ladder}` 不是会升降的等级"
            raise YamlProblem(part.line, en, zh)
        if name == "computed":
            yield Check(replace(_expectation(target, ladder, part), of="computed"))
        else:
            yield Check(_move(target, ladder, part))


def _move(target: _Target, ladder: str, item: Item) -> Expectation:
    """What happens to a tier on the day, and where it leads."""
    first, *rest = item.value if isinstance(item.value, tuple) and item.value else (item,)
    kind = str(first.value)
    if kind not in EXPECTED or len(rest) > 1 or (rest and kind in ("leave", "withdraw", "renew", "stay")):
        known = ", ".join(f"`{word}`" for word in EXPECTED)
        raise YamlProblem(
            item.line,
            f"`{ladder}` cannot be expected to move like this; write one of {known}, or `[down, C]`",
            f"`{ladder}` 的变动不能这样写；可写 {known}，或 `[down, C]`",
        )
    values = (kind, *(_value(target.type, ladder, each) for each in rest))
    return Expectation("transition", target.key, "=", values)


def _targets(policy: CheckedPolicy) -> Iterator[tuple[str, _Target]]:
    """Everything that may be expected, by name and by key."""
    found: list[tuple[str, _Target]] = []
    found += [(each.name, _Target("score", each.key, each.type)) for each in policy.scores.values()]
    found += [(each.name, _Target("value", each.key, each.type)) for each in policy.values.values()]
    found += [(each.name, _Target("ladder", each.key, each.type)) for each in policy.ladders.values()]
    found += [(each.name, _Target("choice", each.key, each.type)) for each in policy.choices.values()]
    found += [(each.name, _Target("tags", each.key, each.type.item or TEXT)) for each in policy.tags.values()]
    found += [(each.name, _Target("benefit", each.key, each.type)) for each in policy.benefits.values()]
    for name, target in found:
        yield name, target
        yield target.key, target


def _check(target: _Target, name: str, item: Item) -> Check:
    """`{possible: [C, D]}` of a ladder or a choice, else one expectation as it stands."""
    if target.of not in ("ladder", "choice") or not isinstance(item.value, dict):
        return Check(_expectation(target, name, item))
    if set(item.value) != {"possible"}:
        raise YamlProblem(item.line, f"`{name}` takes `possible`", f"`{name}` 应写 `possible`")
    among = item.value["possible"]
    parts = among.value if isinstance(among.value, tuple) else (among,)
    keys = tuple(_possible(target.type, name, part) for part in parts)
    if not keys:
        raise YamlProblem(item.line, f"`{name}`: something stays possible", f"`{name}`：`possible` 不能为空")
    return Check(Expectation(target.of, target.key, "IN", keys), exactly=True)


def _possible(type: Type, name: str, item: Item) -> Value:
    """A tier or an outcome; or that the policy may not apply at all, as answers have it."""
    if item.value == NOT_APPLICABLE and type.member(NOT_APPLICABLE) is None:
        return NOT_APPLICABLE
    return _value(type, name, item)


def _expectation(target: _Target, name: str, item: Item) -> Expectation:
    match item.value:
        case None:
            op: Op = "UNKNOWN"
            values: tuple[Value, ...] = ()
        case str(word) if word in UNDECIDED and target.type.member(word) is None:
            op, values = "UNKNOWN", ()
        case str(word) if word in NOT_GRANTED and target.of == "benefit":
            op, values = "NONE", ()
        case tuple(items):
            op = "CONTAINS" if target.of == "tags" else "IN"
            values = tuple(_value(target.type, name, each) for each in items)
        case dict(ends):
            if set(ends) != {"min", "max"}:
                raise YamlProblem(
                    item.line, f"`{name}` takes `min` and `max`", f"`{name}` 应写 `min` 与 `max`"
                )
            op, values = "BETWEEN", tuple(_value(target.type, name, ends[end]) for end in ("min", "max"))
        case _:
            op = "CONTAINS" if target.of == "tags" else "="
            values = (_value(target.type, name, item),)
    if not _allowed(target, op):
        raise YamlProblem(item.line, f"`{name}` cannot be expected like this", f"`{name}` 不能这样写期望值")
    return Expectation(target.of, target.key, op, values)


def _allowed(target: _Target, op: Op) -> bool:
    """Only scores and derived values have a range, where they have a size."""
    return op != "BETWEEN" or (target.type.kind.numeric and target.of in ("score", "value"))


def _value(type: Type, name: str, item: Item) -> Value:
    raw = item.plain()
    if type.kind is Kind.PERIOD:
        months = _months(str(raw))
        if months is None:
            raise YamlProblem(item.line, f"`{name}`: `{raw}` is no period such as `6 months`",
                              f"`{name}`：`{raw}` 不是 `6个月` 这样的期间")  # fmt: skip
        return months
    if type.kind is Kind.TEXT and isinstance(raw, Decimal):
        raw = f"{raw:f}"
    if isinstance(raw, str) and type.member(raw) is None:
        # An outcome may be called by its text in either language.
        raw = next((each.key for each in type.members if raw in (each.label, each.translation)), raw)
    reader = Reader(name, "", None)
    value = reader.read(raw, type)
    if value is None:
        problem = reader.problems[0]
        raise YamlProblem(item.line, problem.message("en"), problem.message("zh"))
    return value


_PERIOD = re.compile(r"P(?:(\d{1,4})Y)?(?:(\d{1,4})M)?|(\d{1,4})\s*(\D+)", re.ASCII)
_MONTHS = {"MONTHS": 1, "QUARTERS": 3, "YEARS": 12}


def _months(text: str) -> Decimal | None:
    """A period in months: `P6M`, `6 months`, `6个月`."""
    found = _PERIOD.fullmatch(text.strip())
    if not found:
        return None
    years, months, count, unit = found.groups()
    if count is None:
        return Decimal(int(years or 0) * 12 + int(months or 0))
    factor = _MONTHS.get(unit_of(unit.strip()) or "")
    return None if factor is None else Decimal(int(count) * factor)


def _whole(policy: CheckedPolicy, name: str, item: Item) -> Check:
    parts = item.value if isinstance(item.value, tuple) else (item,)
    words = [str(part.plain()) for part in parts if part.value is not None]
    if name == "status":
        if len(words) != 1 or words[0] not in STATUSES:
            known = ", ".join(STATUSES)
            raise YamlProblem(item.line, f"`status` is one of {known}", f"`status` 应为 {known} 之一")
        return Check(of="status", words=tuple(words))
    if name == "missing":
        keys = {fact.name: fact.key for fact in policy.facts.values()}
        return Check(of="missing", words=tuple(sorted(keys.get(word, word) for word in words)))
    tiers = {tier.member.name: tier.key for tier in policy.main.tiers} if policy.main else {}
    return Check(of="possible", words=tuple(tiers.get(word, word) for word in words))
