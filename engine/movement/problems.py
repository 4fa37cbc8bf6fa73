"""What can be wrong with a state or an override that somebody sends, beside what can be wrong with any field.

They are `FactProblem`s, so that whoever reports bad facts reports these in the same way.
"""

from __future__ import annotations

from datetime import date

from engine.facts_problems import NOTHING, Both, FactProblem, FactsError, shown

# Nobody is a customer for longer than a hundred years: more days than these are a slip of a year.
LONGEST = 36_525
SLIP: Both = "look for a slip in one of the years", "请检查年份是否有误"


def unknown_field(pointer: str, name: str, got: object, hint: Both | None) -> FactProblem:
    """A field that nothing is called."""
    sentence = f"there is no field `{name}` here", f"此处没有字段 `{name}`"
    return FactProblem(
        pointer, "unknown_field", sentence, hint or ("leave it out", "请去掉它"), NOTHING, shown(got)
    )


def out_of_order(pointer: str, first: tuple[str, date], second: tuple[str, date]) -> FactProblem:
    """Two days of which the first must not be after the second; `pointer` is the second's place."""
    (one, start), (other, end) = first, second
    sentence = (
        f"`{other}` is {end}, which is before `{one}`, {start}",
        f"`{other}` 为 {end}，早于 `{one}` {start}",
    )
    expected = f"{start} or later", f"{start} 或之后的日期"
    advice = f"write {expected[0]}", f"请写 {expected[1]}"
    return FactProblem(pointer, "out_of_order", sentence, advice, expected, shown(end.isoformat()))


def not_lower(pointer: str, to: str, held: str | None) -> FactProblem:
    """A notice of moving down that leads nowhere lower."""
    if held is None:
        sentence = "a notice is given, and no tier is held", "有降级通知，却无现持等级"
    else:
        sentence = (
            f"a notice of `{to}` is no move down from `{held}`",
            f"通知的 `{to}` 并不低于现持的 `{held}`",
        )
    advice = "send the state as an answer gave it", "请原样提交上次答复给出的状态"
    return FactProblem(pointer, "not_lower", sentence, advice, NOTHING, shown(to))


def given_again(pointer: str, kind: str, start: date) -> FactProblem:
    """A second override of a kind that begins on the same day."""
    sentence = (
        f"there is a second override `{kind}` from {start}",
        f"自 {start} 起的 `{kind}` 类人工干预有两条",
    )
    advice = "of a kind keep one for each first day", "同一类、同一天开始的只保留一条"
    return FactProblem(pointer, "given_again", sentence, advice, NOTHING, shown(start.isoformat()))


def over_already(end: date, day: date) -> FactProblem:
    """An override that was over before the day on which it is given: it would never act."""
    sentence = (
        f"the override ends on {end}, which is before {day}",
        f"该人工干预到 {end} 为止，早于 {day}",
    )
    expected = f"{day} or later", f"{day} 或之后的日期"
    return FactProblem("/until", "over_already", sentence, SLIP, expected, shown(end.isoformat()))


def tier_not_wanted(pointer: str, kind: str, tier: object) -> FactProblem:
    """A tier beside a kind of override that leaves the customer where they are."""
    sentence = f"an override `{kind}` takes no tier", f"`{kind}` 类的人工干预不带等级"
    advice = (
        "leave `tier` out, or write `set` or `floor`",
        "请去掉 `tier`，或改为 `set`、`floor`",
    )
    return FactProblem(pointer, "tier_not_wanted", sentence, advice, NOTHING, shown(tier))


def later_state(as_of: date, day: date) -> FactsError:
    """A state that is of a later day than the one asked for: movement does not go back."""
    sentence = (
        f"the state is of {as_of}, and {day} is before that",
        f"该状态截至 {as_of}，早于它的 {day} 无法再推算",
    )
    advice = (
        f"ask for {as_of} or a later day, or send the state as it was on {day} or before",
        f"请改问 {as_of} 或之后的日期，或提交 {day} 或之前的状态",
    )
    expected = f"{day} or earlier", f"{day} 或之前的日期"
    got = shown(as_of.isoformat())
    return FactsError([FactProblem("/as_of", "later_state", sentence, advice, expected, got)])


def old_state(as_of: date, day: date) -> FactsError:
    """A state that is older than any customer."""
    sentence = (
        f"the state is of {as_of}, more than a hundred years before {day}",
        f"该状态截至 {as_of}，距 {day} 超过一百年",
    )
    oldest = date.fromordinal(day.toordinal() - LONGEST)
    expected = f"{oldest} or later", f"{oldest} 或之后的日期"
    got = shown(as_of.isoformat())
    return FactsError([FactProblem("/as_of", "old_state", sentence, SLIP, expected, got)])


def not_ascending(pointer: str, before: date, after: date) -> FactProblem:
    """An entry of a history that is not after the one before it."""
    sentence = (
        f"the entry of {after} comes after that of {before}",
        f"{after} 的记录排在 {before} 的记录之后",
    )
    expected = f"a day after {before}", f"{before} 之后的日期"
    advice = "put the entries in order of their dates, one for each day", "请按日期先后排列，每天一条"
    return FactProblem(pointer, "not_ascending", sentence, advice, expected, shown(after.isoformat()))


def too_long(pointer: str, first: date, last: date) -> FactProblem:
    """A history that no customer lives through."""
    sentence = (
        f"the history runs from {first} to {last}, which is more than a hundred years",
        f"历史记录从 {first} 到 {last}，超过一百年",
    )
    return FactProblem(pointer, "too_long", sentence, SLIP, NOTHING, shown(last.isoformat()))
