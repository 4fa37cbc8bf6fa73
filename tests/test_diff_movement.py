"""What differs in how tiers move: every line of a movement, and stories through time."""

from __future__ import annotations

import pytest

from dsl.formatter import format_policy
from dsl.parser import parse
from dsl.source import Source
from policies.registry.diff import differences, sentence
from tests.differing import compiled

POLICY = """policy p "P"
effective from 2026-01-01
currency CNY
fact orders: money "Orders"
fact late: yes/no "Pays late", default no
fact joined: date "Customer since"
set amnesty: date = 2026-03-31
tiers grade by orders
  A "Best"  from 100k, keep from 90k
  B "Good"  from 50k
  C "Plain" otherwise
  at most B when late "Late payer"
movement of grade
  review monthly
"""
STORY = """example "Orders fall away" on 2026-01-15
  given orders = 120k
  expect grade enters A
  on 2026-02-01
    given orders = 60k
    expect computed grade = B, grade moves down to B
"""


def said(before: str, after: str, policy: str = POLICY) -> list[str]:
    """The sentences for two movements of these lines in both languages, those that decide nothing in brackets."""
    found = differences(compiled(policy + before), compiled(policy + after))
    told = [f"{sentence(item, 'en')} | {sentence(item, 'zh')}" for item in found]
    return [each if item.decides else f"({each})" for each, item in zip(told, found, strict=True)]


# ---------------------------------------------------------------- every line there is

LINES = {
    "move up at review": "升级 复核时",
    "move up at review, one step at a time": "升级 复核时，逐级",
    "move up at once, at most 2 steps": "升级 立即，至多 2级",
    "move down at once": "降级 立即",
    "move down at review, one step at a time, after 2 reviews in a row": "降级 复核时，逐级，连续 2次复核后",
    "move down at review, never below B": "降级 复核时，最低降至 B",
    "move down at once when late": "降级 立即 当 late",
    "move down at once when late, never below B": "降级 立即 当 late，最低降至 B",
    "keep a tier at least 6 months": "保级 至少 6个月",
    "keep a tier until end of quarter": "保级 至 季底",
    "keep a tier until end of next year + 1 month": "保级 至 次年底 + 1个月",
    "keep a tier until end of month, 3 months later": "保级 至 月底，3个月 之后",
    "give 30 days notice before moving down": "提前 30天 通知后降级",
    "hold while late": "冻结当 late",
    "hold while held grade is A": "冻结当 现有 grade 为 A",
    "freeze until amnesty": "冻结 至 amnesty",
    "freeze until 2026-05-01": "冻结 至 2026-05-01",
    "freeze until joined": "冻结 至 joined",
}


@pytest.mark.parametrize("line", LINES)
def test_a_line_more_or_less(line: str) -> None:
    there, back = said("", f"  {line}\n"), said(f"  {line}\n", "")
    assert there == [f"movement of grade: added `{line}` | 升降级 grade：新增 `{LINES[line]}`"]
    assert back == [f"movement of grade: removed `{line}` | 升降级 grade：删除 `{LINES[line]}`"]


REVIEWS = {
    "review monthly on day 20": "复核 每月 每期第 20",
    "review quarterly": "复核 每季",
    "review yearly": "复核 每年",
    "review yearly on 30 Jun, 31 Dec": "复核 每年 于 6月30日、12月31日",
    "review yearly on each anniversary of joined": "复核 每年 按周年 joined",
    "review yearly on each anniversary of the tier": "复核 每年 按定级周年",
    "review monthly for the 12 months before": "复核 每月 考察 12个月 截至前一日",
    "review monthly for the 12 months to end of last month": "复核 每月 考察 12个月 至 上月末",
    "review yearly for the calendar year before": "复核 每年 考察 上一自然年",
    "review monthly for the month so far": "复核 每月 考察 本月至今",
}


@pytest.mark.parametrize("review", REVIEWS)
def test_other_reviews(review: str) -> None:
    other = POLICY.replace("review monthly", review)
    (item,) = differences(compiled(POLICY), compiled(other))
    assert (item.rule, item.decides) == ("movement.grade.review", True)
    assert sentence(item, "en") == f"movement of grade: `review monthly` is now `{review}`"
    assert sentence(item, "zh") == f"升降级 grade：`复核 每月` 改为 `{REVIEWS[review]}`"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("keep a tier at least 6 months", "keep a tier at least 90 days"),
        ("keep a tier until end of year", "keep a tier until end of next year + 1 month"),
        ("give 30 days notice before moving down", "give 1 month notice before moving down"),
        ("move down at review, at most 2 steps", "move down at review, after 3 reviews in a row"),
        ('hold while late "Appeal"', 'hold while not late "Appeal"'),
        ("move up at review", "move up at once, one step at a time"),
    ],
)
def test_a_line_that_says_something_else(before: str, after: str) -> None:
    (told,) = said(f"  {before}\n", f"  {after}\n")
    one, other = (each.replace(' "Appeal"', "") for each in (before, after))
    assert told.startswith(f"movement of grade: `{one}` is now `{other}` | ")


def test_grace() -> None:
    valid = "  keep a tier until end of year\n"
    assert said(valid, f"{valid}  give 2 months grace\n") == [
        "movement of grade: added `give 2 months grace` | 升降级 grade：新增 `给予 2个月 宽限期`"
    ]
    (told,) = said(f"{valid}  give 2 months grace\n", f"{valid}  give 2 months grace to end of quarter\n")
    assert told.startswith("movement of grade: `give 2 months grace` is now `give 2 months grace to end of")


def test_a_cap_at_once() -> None:
    found = differences(
        compiled(POLICY), compiled(POLICY.replace("at most B when", "at most B at once when"))
    )
    assert [sentence(item, "en") for item in found] == ['grade: "Late payer" now acts at once']


# ---------------------------------------------------------------- what is no difference, and order


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "  move up at once\n"),
        ("", "  move down to the tier that is reached\n"),
        ("  hold while late\n", "  freeze while late\n"),
        ("  hold while late\n  freeze until amnesty\n", "  freeze until amnesty\n  hold while late\n"),
    ],
)
def test_what_comes_to_the_same(before: str, after: str) -> None:
    assert said(before, after) == []


def test_a_reason_decides_nothing() -> None:
    (told,) = said('  hold while late "Appeal" ("申诉")\n', '  hold while late "Appeal" ("上诉")\n')
    assert told.startswith('(movement of grade: label of `hold while late` from "Appeal" ("申诉") to ')


def test_of_lines_that_drop_somebody_the_first_decides() -> None:
    late, few = "  move down at once when late, never below B\n", "  move down at once when orders < 5\n"
    assert said(late + few, few + late) == [
        "movement of grade: `move down at once when orders < 5` now stands before "
        "`move down at once when late, never below B` | "
        "升降级 grade：`降级 立即 当 orders < 5` 现排在 `降级 立即 当 late，最低降至 B` 之前"
    ]


def test_a_tier_of_another_name_is_told_once() -> None:
    text = POLICY + "  move down at review, never below B\n"
    other = text.replace('B "Good"', 'Middle "Good"').replace("below B", "below Middle")
    other = other.replace("at most B", "at most Middle")
    found = differences(compiled(text), compiled(other))
    assert [sentence(item, "en") for item in found] == ["grade: B is now called Middle"]


# ---------------------------------------------------------------- stories


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("on 2026-02-01", "on 2026-03-01"),
        ("given orders = 60k", "given orders = 70k"),
        ("grade moves down to B", "grade moves down"),
        ("computed grade = B, ", ""),
        ("expect grade enters A", "expect grade = A"),
    ],
)
def test_a_story_that_is_another(old: str, new: str) -> None:
    assert STORY.count(old) == 1
    (item,) = differences(compiled(POLICY + STORY), compiled(POLICY + STORY.replace(old, new)))
    assert (item.group, item.decides) == ("example", False)
    assert sentence(item, "en") == 'example: "Orders fall away" is another'
    assert item.before is not None
    assert item.after is not None
    assert (old in item.before.en, new in item.after.en) == (True, True)


def test_a_story_in_the_other_language_or_another_order_of_expectations_is_none() -> None:
    tree, _ = parse(Source(POLICY + STORY))
    assert differences(compiled(POLICY + STORY), compiled(format_policy(tree, "zh"))) == ()
    other = STORY.replace(
        "computed grade = B, grade moves down to B", "grade moves down to B, computed grade = B"
    )
    assert differences(compiled(POLICY + STORY), compiled(POLICY + other)) == ()


def test_a_story_of_another_name() -> None:
    found = differences(
        compiled(POLICY + STORY), compiled(POLICY + STORY.replace("Orders fall", "They fall"))
    )
    assert [item.kind for item in found] == ["renamed"]
