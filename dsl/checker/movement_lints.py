"""Movements that work and are probably not meant: tiers that can go up and down for ever, rules that never act,
lengths of time that do not go together.

What never acts is shown by the movement alone, whatever the facts are; conditions that always or never hold
are found with all others (`lints_conditions`), and what one line says in vain is said where it is read
(`movement_moves`).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from dsl import ast
from dsl.checker.describe import Slots
from dsl.checker.movement_gaps import gap, reaches_the_end, shorter
from dsl.diagnostics import Diagnostic, Report
from dsl.messages import movement as messages
from dsl.model import CheckedPolicy, Const, Expr, Hold, Ladder, Lapse, Movement, Read, Today
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
        if _oscillates(movement, ladder):
            report.add(messages.OSCILLATES, names[movement.span], ladder=ladder.name)
        _check_lines(movement, ladder, report)
        if movement.review is not None:
            _check_lengths(movement, report)
        for hold in movement.holds:
            _check_hold(hold, policy, report)
    return report.items


def _oscillates(movement: Movement, ladder: Ladder) -> bool:
    """Whether nothing stands between a step up and the next step down: who is at an edge goes to and fro."""
    damped = movement.at_least or movement.until or movement.notice or movement.down.after > 1
    kept = any(tier.keep is not None for tier in ladder.tiers)
    return movement.up.at == "once" and not damped and not kept and len(ladder.tiers) > 1


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
    if notice is not None and at_review and shorter(between.shortest, notice.length):
        report.add(messages.NOTICE_LONG, notice.span, **_slots(notice.length))
    only_at_review = at_review and movement.up.at == "review"
    if kept is not None and only_at_review and _within(kept.length, between.shortest):
        report.add(messages.KEEP_SHORT, kept.span, **_slots(kept.length))


def _within(length: Lapse, between: Lapse) -> bool:
    return length == between or shorter(length, between)


def _slots(length: Lapse) -> Slots:
    """A length as its sentences say it."""
    unit, unit_zh, number = ("month", "个月", length.months) if length.months else ("day", "天", length.days)
    return {"length": f"{number} {unit}{'' if number == 1 else 's'}", "length_zh": f"{number}{unit_zh}"}


# ---------------------------------------------------------------- holds


def _check_hold(hold: Hold, policy: CheckedPolicy, report: Report) -> None:
    """A condition that reads nothing, a freeze that is over before it begins."""
    if hold.condition is not None and not any(
        isinstance(part, Read | Today) for part in parts(hold.condition)
    ):
        report.add(messages.ALWAYS_SAME, hold.condition.span)
    until = None if hold.until is None else _last_day(hold.until, policy)
    if until is not None and policy.start is not None and until < policy.start:
        report.add(messages.FREEZE_OVER, hold.span, until=until, start=policy.start)


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
