"""Movements that work and are probably not meant: tiers that can go up and down for ever, rules that never act,
lengths of time that do not go together.

What never acts is shown by the movement alone, whatever the facts are; conditions that always or never hold
are found with all others (`lints_conditions`), and what one line says in vain is said where it is read
(`movement_moves`). Which tiers go up and down for ever stands in `movement_edges`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Literal

from dsl import ast
from dsl.checker.describe import Slots, list_slots
from dsl.checker.movement_edges import open_edges
from dsl.checker.movement_gaps import (
    COMMON_YEAR,
    fewest_days,
    gap,
    outlasts,
    reaches_the_end,
    runs_out,
    shorter,
)
from dsl.checker.movement_linked import goes_by
from dsl.diagnostics import Diagnostic, Report
from dsl.messages import movement as messages
from dsl.model import CheckedPolicy, Const, Expr, Hold, Ladder, Lapse, Logic, Movement, Read, Today
from dsl.walk import parts

_PARTS: dict[int, Slots] = {
    1: {"part": "month", "part_zh": "月", "day": "monthly on day 31", "day_zh": "每月 每期第 31"},
    3: {
        "part": "quarter",
        "part_zh": "季",
        "day": "yearly on 31 Mar, 30 Jun, 30 Sep, 31 Dec",
        "day_zh": "每年 于 3月31日、6月30日、9月30日、12月31日",
    },
    12: {"part": "year", "part_zh": "年", "day": "yearly on 31 Dec", "day_zh": "每年 于 12月31日"},
}
_AT = {"once": ("at once", "立即"), "review": ("at review", "复核时")}


def movements(policy: CheckedPolicy, tree: ast.Policy) -> list[Diagnostic]:
    """Warns of each."""
    report = Report()
    names = {
        statement.span: statement.name.span
        for statement in tree.statements
        if isinstance(statement, ast.OverTime)
    }
    for movement in policy.movements.values():
        ladder = policy.ladders[movement.ladder]
        if edges := open_edges(movement, policy):
            tiers = list_slots(tiers=[tier.member.name for tier in edges])
            report.add(messages.OSCILLATES, names[movement.span], ladder=ladder.name, **tiers)
        _check_lines(movement, ladder, report)
        _check_held(movement, ladder, report)
        for other in goes_by(policy, movement):
            report.add(messages.LINKED, names[movement.span], ladder=ladder.name, other=other.name)
        if movement.review is not None:
            _check_lengths(movement, report)
            _check_validity(movement, policy, report)
        for hold in movement.holds:
            _check_hold(hold, policy, report)
    return report.items


def _check_lines(movement: Movement, ladder: Ladder, report: Report) -> None:
    """Lines that another line, or the lack of one, leaves without effect."""
    up, down = movement.up, movement.down
    protected = movement.notice or movement.at_least or movement.until
    if down.at == "once" and not protected:
        for drop in movement.drops:
            if replace(down, rule="") == replace(drop, rule="", condition=None, label=None):
                report.add(messages.DROP_COVERED, drop.span)
    if movement.notice is not None and movement.drops and down.span == movement.span:
        at, at_zh = _AT[down.at]
        report.add(messages.NOTICE_WITHOUT_DOWN, movement.notice.span, at=at, at_zh=at_zh)
    waits = "review" in (up.at, down.at) or up.most is not None or movement.until is not None
    if movement.review is not None and not waits:
        report.add(messages.REVIEW_UNUSED, movement.review.span, ladder=ladder.name)


def _check_lengths(movement: Movement, report: Report) -> None:
    """Lengths of time against the time between two reviews."""
    assert movement.review is not None
    between = gap(movement.review)
    window, notice, kept = movement.review.window, movement.notice, movement.at_least
    if window is not None and window.to == "so far":
        if not reaches_the_end(movement.review, window):
            report.add(messages.WINDOW_OPEN, movement.review.span, **_PARTS[window.length.months])
    elif window is not None and shorter(window.length, between.longest):
        report.add(messages.WINDOW_SHORT, movement.review.span, **_slots(window.length))
    at_review = movement.down.at == "review"
    if notice is not None and at_review and outlasts(notice.length, movement.review):
        days = fewest_days(movement.review)
        report.add(messages.NOTICE_LONG, notice.span, days=days, **_slots(notice.length))
    only_at_review = at_review and movement.up.at == "review"
    if kept is not None and only_at_review and _within(kept.length, between.shortest):
        report.add(messages.KEEP_SHORT, kept.span, **_slots(kept.length))


def _check_validity(movement: Movement, policy: CheckedPolicy, report: Report) -> None:
    """A tier that runs out before it is reviewed again."""
    year = COMMON_YEAR if policy.start is None else policy.start.year
    found = runs_out(movement, year)
    if found is not None and movement.until is not None:
        one, last, following = found
        report.add(messages.VALIDITY_SHORT, movement.until.span, review=one, last=last, next=following)


def _within(length: Lapse, between: Lapse) -> bool:
    return length == between or shorter(length, between)


def _slots(length: Lapse) -> Slots:
    """A length as its sentences say it."""
    unit, unit_zh, number = ("month", "个月", length.months) if length.months else ("day", "天", length.days)
    return {"length": f"{number} {unit}{'' if number == 1 else 's'}", "length_zh": f"{number}{unit_zh}"}


# ---------------------------------------------------------------- holds


def _check_held(movement: Movement, ladder: Ladder, report: Report) -> None:
    """What drops at once only while a hold stops everything: when the hold is over, so is the reason to drop."""
    drops = [(drop.condition, drop.span) for drop in movement.drops if drop.condition is not None]
    caps = [(cap.condition, cap.span) for cap in ladder.caps if cap.at_once]
    for condition, span in (*drops, *caps):
        holds = [_held_with(one, movement.holds) for one in _joined(condition, "or")]
        if None not in holds:
            report.add(messages.DROP_HELD, span, also=tuple(hold.span for hold in holds[:1] if hold))


def _held_with(condition: Expr, holds: tuple[Hold, ...]) -> Hold | None:
    """The hold that holds whenever a condition does, as far as the same words show: of what the condition joins by `and`,
    some is all that one of the hold's alternatives asks for.
    """
    asked = _joined(condition, "and")
    for hold in holds:
        alternatives = () if hold.condition is None else _joined(hold.condition, "or")
        if any(all(part in asked for part in _joined(one, "and")) for one in alternatives):
            return hold
    return None


def _joined(condition: Expr, op: Literal["and", "or"]) -> tuple[Expr, ...]:
    """What `and` or `or` joins; a condition of another kind alone."""
    return condition.args if isinstance(condition, Logic) and condition.op == op else (condition,)


def _check_hold(hold: Hold, policy: CheckedPolicy, report: Report) -> None:
    """A condition that reads nothing, a freeze that is over before it begins."""
    if hold.condition is not None and not any(
        isinstance(part, Read | Today) for part in parts(hold.condition)
    ):
        report.add(messages.ALWAYS_SAME, hold.condition.span)
    until = None if hold.until is None else _last_day(hold.until, policy)
    if until is not None and policy.start is not None and until < policy.start:
        report.add(messages.FREEZE_OVER, hold.span, until=until, start=policy.start)
    for name in [] if hold.until is None else _not_given(hold.until, policy):
        report.add(messages.FREEZE_UNKNOWN, hold.span, fact=name)


def _not_given(until: Expr, policy: CheckedPolicy) -> list[str]:
    """Facts in the end of a freeze that may stay unknown. Whoever has none is frozen, since it is not known until when."""
    facts = [policy.facts[part.key] for part in parts(until) if isinstance(part, Read) and part.of == "fact"]
    return list(dict.fromkeys(fact.name for fact in facts if fact.default is None and not fact.required))


def _last_day(until: Expr, policy: CheckedPolicy) -> date | None:
    """The last day of a freeze where it does not depend on the customer; of a parameter, the latest of its values."""
    match until:
        case Const(value=date() as day):
            return day
        case Read(of="param", key=key):
            param = policy.params[key]
            values = (param.value, *(value for _, value in param.dated))
            days = [value for value in values if isinstance(value, date)]
            return max(days, default=None)
        case _:
            return None
