"""`movement of LADDER` and stories: what their lines come to in the model, in which order things are worked out."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from dsl.checker import check
from dsl.formatter import format_policy
from dsl.model import (
    Const,
    Example,
    Expectation,
    Grace,
    KeepAtLeast,
    KeepUntil,
    Lapse,
    Move,
    Movement,
    Notice,
    Read,
    Review,
    Window,
)
from dsl.parser import parse
from dsl.source import Source
from tests.checked import OPENING, compiled, problems, sentences

LADDER = """tiers grade "Grade" by total
  A from 80, keep from 70
  B from 60, keep from 50
  C otherwise
"""


def movement(lines: str) -> Movement:
    """The movement of the sample's ladder, with these lines."""
    return compiled(f"{LADDER}movement of grade\n{lines}").movements["grade"]


def review(line: str) -> Review:
    found = movement(line + "\n").review
    assert found is not None
    return found


# ---------------------------------------------------------------- reviews


RULE = "movement.grade.review"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("review monthly", Review(RULE, "month")),
        ("review monthly on day 20", Review(RULE, "month", 20)),
        ("review quarterly on day 31", Review(RULE, "quarter", 31)),
        ("review yearly", Review(RULE, "year", dates=((1, 1),))),
        ("review every year on 31 Dec, 30 Jun", Review(RULE, "year", dates=((6, 30), (12, 31)))),
        ("review every year on each anniversary of the tier", Review(RULE, "anniversary")),
    ],
)
def test_review_days(line: str, expected: Review) -> None:
    assert review(line) == expected


def test_an_anniversary_of_a_date_of_the_customer() -> None:
    found = review("review every year on each anniversary of since")
    assert found.every == "anniversary"
    assert isinstance(found.of, Read)
    assert found.of.key == "since"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("for the 12 months before", Window(Lapse(months=12), "review")),
        ("for the 90 days before", Window(Lapse(days=90), "review")),
        ("for the 4 quarters to end of last month", Window(Lapse(months=12), "last month")),
        ("for the calendar month before", Window(Lapse(months=1), "calendar")),
        ("for the calendar quarter before", Window(Lapse(months=3), "calendar")),
        ("for the calendar year before", Window(Lapse(months=12), "calendar")),
        ("for the month so far", Window(Lapse(months=1), "so far")),
        ("for the quarter so far", Window(Lapse(months=3), "so far")),
        ("for the year so far", Window(Lapse(months=12), "so far")),
    ],
)
def test_what_a_review_looks_back_over(words: str, expected: Window) -> None:
    assert review(f"review yearly on 31 Dec {words}").window == expected


@pytest.mark.parametrize(
    ("line", "warned"),
    [
        ("yearly on 31 Dec for the year so far", False),
        ("every year on 30 Jun, 31 Dec for the year so far", False),
        ("monthly on day 31 for the month so far", False),
        ("monthly on day 31 for the year so far", False),
        ("every year on 31 Mar, 30 Jun, 30 Sep, 31 Dec for the quarter so far", False),
        ("every year on 30 Jun, 31 Dec for the quarter so far", True),
        ("yearly on 30 Dec for the year so far", True),
        ("monthly on day 30 for the month so far", True),
        ("quarterly on day 31 for the quarter so far", True),
        ("every year on each anniversary of since for the year so far", True),
        ("yearly on 31 Dec for the calendar quarter before", True),
    ],
)
def test_what_a_review_leaves_out(line: str, warned: bool) -> None:
    text = f"{LADDER}movement of grade\n  move up at review\n  review {line}\n"
    assert [code for code, _ in problems(text) if code in ("W814", "W817")] == (
        [] if not warned else ["W817" if "so far" in line else "W814"]
    )


# ---------------------------------------------------------------- moves


UP, DOWN = "movement.grade.move_up", "movement.grade.move_down"


def test_what_an_author_leaves_out() -> None:
    found = movement("  keep a tier at least 1 month\n")
    assert (found.up, found.down) == (Move(UP, "once"), Move(DOWN, "once"))
    found = movement("  review monthly\n")
    assert (found.up, found.down) == (Move(UP, "once"), Move(DOWN, "review"))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("move up at review", Move(UP, "review")),
        ("move up at once, one step at a time", Move(UP, "once", 1)),
        ("move up at review, at most 2 steps", Move(UP, "review", 2)),
    ],
)
def test_moving_up(line: str, expected: Move) -> None:
    assert movement(f"  review monthly\n  {line}\n").up == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("move down at once", Move(DOWN, "once")),
        ("move down to the tier that is reached", Move(DOWN, "review")),
        ("move down at review, to the tier that is reached", Move(DOWN, "review")),
        ("move down at review, one step at a time, after 2 reviews in a row", Move(DOWN, "review", 1, 2)),
        ("move down at review, at most 1 step, never below B", Move(DOWN, "review", 1, 1, "B")),
    ],
)
def test_moving_down(line: str, expected: Move) -> None:
    assert movement(f"  review monthly\n  {line}\n").down == expected


def test_moving_down_at_once_on_conditions() -> None:
    found = movement(
        '  move down at once when overdue > 90 days "Seriously overdue", one step at a time, never below B\n'
        "  move down at once when strategic\n"
    )
    first, second = found.drops
    assert (first.rule, first.at, first.most, first.floor) == (
        "movement.grade.seriously_overdue", "once", 1, "B"
    )  # fmt: skip
    assert first.label is not None
    assert first.label.text == "Seriously overdue"
    assert (second.rule, second.most, second.floor) == ("movement.grade.strategic", None, None)
    assert second.condition == Read("fact", "strategic", second.condition.type) if second.condition else False


# ---------------------------------------------------------------- keeping, grace, notice, holds


def test_times_for_which_a_tier_is_kept() -> None:
    found = movement(
        "  keep a tier at least 6 months\n"
        "  keep a tier until end of month + 10 days, 3 months later\n"
        "  give 2 months grace to end of quarter\n"
        "  give 30 days notice before moving down\n"
    )
    assert found.at_least == KeepAtLeast("movement.grade.keep", Lapse(months=6))
    assert found.until == KeepUntil("movement.grade.valid", "month", Lapse(months=3), Lapse(days=10))
    assert found.grace == Grace("movement.grade.grace", Lapse(months=2), "quarter")
    assert found.notice == Notice("movement.grade.notice", Lapse(days=30))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("end of quarter", KeepUntil("movement.grade.valid", "quarter")),
        ("end of year", KeepUntil("movement.grade.valid", "year")),
        ("end of next year + 1 month", KeepUntil("movement.grade.valid", "next year", plus=Lapse(months=1))),
    ],
)
def test_valid_until(words: str, expected: KeepUntil) -> None:
    assert movement(f"  keep a tier until {words}\n").until == expected


def test_holds_and_freezes() -> None:
    found = movement(
        '  hold while stage is contract "In negotiation"\n'
        "  freeze while strategic\n"
        "  freeze when listed\n"
        "  freeze until 2026-12-31\n"
        "  freeze until since + 30 days\n"
    )
    assert [hold.rule.removeprefix("movement.grade.") for hold in found.holds] == [
        "in_negotiation", "strategic", "listed", "freeze_until", "freeze_until_since"
    ]  # fmt: skip
    assert [hold.condition is None for hold in found.holds] == [False, False, False, True, True]
    assert isinstance(found.holds[3].until, Const)
    assert found.holds[3].until.value == date(2026, 12, 31)


def test_the_tier_held_is_read_and_is_no_dependency() -> None:
    found = movement("  hold while held grade is A\n")
    condition = found.holds[0].condition
    assert condition is not None
    assert [(each.of, each.key) for each in _reads(condition)] == [("held", "grade")]


def _reads(node: object) -> list[Read]:
    if isinstance(node, Read):
        return [node]
    return [read for name in getattr(node, "__slots__", ()) for read in _reads(getattr(node, name))]


# ---------------------------------------------------------------- the policy


def test_what_a_movement_asks_for_comes_before_its_ladder() -> None:
    body = LADDER + "movement of grade\n  hold while risk > 5\nscore risk = orders * 2\n"
    policy = compiled(body)
    assert policy.order.index("risk") < policy.order.index("grade")


def test_a_movement_that_reads_what_its_ladder_decides_is_a_ring() -> None:
    body = LADDER + "value rich = grade is A\nmovement of grade\n  hold while rich\n"
    assert ("E209", "grade") in problems(body)
    assert "`held grade`" in sentences(body)[0]


def test_a_movement_is_evaluated_and_no_longer_kept_as_written() -> None:
    policy = compiled(LADDER + "movement of grade\n  review monthly\nevent order\n")
    assert list(policy.movements) == ["grade"]
    assert [node.kind for node in policy.over_time] == ["EVENT"]


def test_a_ladder_is_known_by_its_alias() -> None:
    body = "tiers 等级甲 (rank)\n  A when strategic\n  B otherwise\nmovement of 等级甲\n  move up at once\n"
    policy = compiled(body + "  hold while listed\n")
    assert list(policy.movements) == ["rank"]
    assert policy.movements["rank"].holds[0].rule == "movement.rank.listed"


def test_a_cap_at_once() -> None:
    body = (
        LADDER
        + '  at most B at once when listed "Cap"\n  at most C when strategic\nmovement of grade\n  hold while listed\n'
    )
    assert [cap.at_once for cap in compiled(body).ladders["grade"].caps] == [True, False]


# ---------------------------------------------------------------- stories


STORY = LADDER + 'movement of grade\n  review monthly\nexample "one" '


def story(lines: str) -> Example:
    return compiled(STORY + lines).examples[0]


def test_a_story() -> None:
    found = story(
        "on 2026-01-31\n"
        "  given orders = 90\n"
        "  expect grade enters A, grade = A\n"
        "  on 2026-02-28\n"
        "  given orders is unknown, listed = yes\n"
        "  expect computed grade in B, C, grade stays\n"
        "  on 2026-03-31\n"
        "  expect grade gives notice of B, grade moves down\n"
    )
    assert (found.on, found.given) == (date(2026, 1, 31), (("orders", Decimal(90)),))
    assert found.expect == (
        Expectation("transition", "grade", "=", ("enter", "A")),
        Expectation("ladder", "grade", "=", ("A",)),
    )
    first, second = found.steps
    assert (first.on, first.given) == (date(2026, 2, 28), (("orders", None), ("listed", True)))
    assert first.expect == (
        Expectation("computed", "grade", "IN", ("B", "C")),
        Expectation("transition", "grade", "=", ("stay",)),
    )
    assert second.given == ()
    assert second.expect == (
        Expectation("transition", "grade", "=", ("notice", "B")),
        Expectation("transition", "grade", "=", ("down",)),
    )


@pytest.mark.parametrize(
    ("english", "chinese", "values"),
    [
        ("enters A", "进入 A", ("enter", "A")),
        ("moves up to A", "升级 至 A", ("up", "A")),
        ("moves down to C", "降级 至 C", ("down", "C")),
        ("moves down", "降级", ("down",)),
        ("leaves", "退出", ("leave",)),
        ("gives notice of C", "预告降级 至 C", ("notice", "C")),
        ("withdraws notice", "撤回预告", ("withdraw",)),
        ("renews", "续期", ("renew",)),
        ("stays", "不变", ("stay",)),
    ],
)
def test_what_happens_to_a_tier_in_both_languages(
    english: str, chinese: str, values: tuple[str, ...]
) -> None:
    found = story(f"\n  on 2026-02-01\n    given orders = 5\n    expect grade {english}\n")
    assert found.steps[0].expect == (Expectation("transition", "grade", "=", values),)
    tree, _ = parse(Source(OPENING + STORY + f"\n  on 2026-02-01\n    expect grade {english}\n"))
    assert format_policy(tree, "en").endswith(f"  on 2026-02-01\n    expect grade {english}\n")
    assert format_policy(tree, "zh").endswith(f"  于 2026-02-01\n    应得 grade {chinese}\n")


def test_words_of_stories_are_names_elsewhere() -> None:
    body = "fact stays: whole number\nfact grace: yes/no\nscore nights = stays\n" + LADDER
    text = body + 'example "x"\n  given stays = 5, grace = yes\n  expect nights = 5\n'
    assert [each for each in problems(text) if each[0] != "W802"] == []


def test_a_required_fact_may_come_with_the_first_day() -> None:
    body = "fact size: number, required\n" + STORY
    assert problems(body + "\n  on 2026-02-01\n  given size = 5\n  expect grade stays\n") == []
    late = "\n  on 2026-02-01\n  expect grade stays\n  on 2026-03-01\n  given size = 5\n"
    assert problems(body + late) == [("W702", '"one"')]


# ---------------------------------------------------------------- Chinese


CHINESE = """政策 门店
币种 CNY
指标 消费：金额
指标 入会日：日期
指标 退货：是否
指标 阶段：选项 新客、签约
等级 会员等级 依 消费
  金 自 1万，保级自 8000
  银 自 5000
  普通 其余
  不高于 银 立即 当 退货 “有退货”
升降级 会员等级
  复核 每年 按周年 入会日 考察 上一自然年
  升级 立即
  降级 复核时，逐级，连续 2次复核后，最低降至 银
  降级 立即 当退货且现有会员等级为金 “金卡退货”，逐级
  保级 至少 6个月
  保级 至 次年底 + 1个月，3个月 之后
  给予 2个月 宽限期 至 季底
  提前 30天 通知后降级
  冻结当 阶段 为 签约 “合同谈判中”
  冻结 至 2026-12-31
示例 “一位客户” 于 2026-01-31
  已知 消费 = 1.2万，阶段 = 新客
  应得 会员等级 进入 金
  于 2026-06-30
    已知 退货 = 是
    应得 核算 会员等级 = 银，会员等级降级至银
"""


def test_the_same_in_chinese() -> None:
    policy, found = check(Source(CHINESE))
    assert [item.message("zh") for item in found if item.code.code != "W809"] == []
    assert policy is not None
    moves = policy.movements["会员等级"]
    assert (moves.down.most, moves.down.after, moves.down.floor) == (1, 2, "银")
    assert [drop.rule for drop in moves.drops] == ["movement.会员等级.金卡退货"]
    assert moves.at_least == KeepAtLeast("movement.会员等级.keep", Lapse(months=6))
    assert policy.ladders["会员等级"].caps[0].at_once
    step = policy.examples[0].steps[0]
    assert step.expect[1] == Expectation("transition", "会员等级", "=", ("down", "银"))
    tree, _ = parse(policy.source)
    english = format_policy(tree, "en")
    again, problems = parse(Source(english))
    assert problems == ()
    assert again == tree
    assert "  move down at review, one step at a time, after 2 reviews in a row, never below 银\n" in english
    assert "  review yearly on each anniversary of 入会日 for the calendar year before\n" in english
