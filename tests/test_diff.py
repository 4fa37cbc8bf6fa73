"""Differences in words, edit by edit: what is said of each, in both languages, and what is no difference."""

from __future__ import annotations

from pathlib import Path

import pytest

from dsl.checker import compile_policy
from dsl.formatter import format_policy
from dsl.model import CheckedPolicy
from dsl.parser import parse
from dsl.source import Source
from policies.registry.diff import differences, sentence
from policies.registry.files import load_policy, loader
from tests.differing import POLICY, compiled, found, said

SHIPPED = sorted((Path(__file__).parent.parent / "policies").glob("*.tier"))


# ---------------------------------------------------------------- what is no difference


def test_layout_comments_and_the_other_language_are_no_difference() -> None:
    tree, _ = parse(Source(POLICY))
    policy = compiled(POLICY)
    for lang in ("en", "zh"):
        other = compiled(format_policy(tree, "en" if lang == "en" else "zh"))
        assert differences(policy, other) == ()
    assert said(("tags marks\n", "# what stands out\ntags   marks  # for the front line\n")) == []


def test_another_spelling_of_a_number_is_no_difference() -> None:
    assert said(("value doubled: money = revenue * 2", "value doubled: money = revenue * 2.0")) == []
    assert (
        said(
            ("| below 100k   | 5      |", "| below 10w | 5 |"),
            ("| 100k to 500k | 10     |", "| 100,000 to 50万 | 10 |"),
        )
        == []
    )


def test_which_spelling_of_a_label_comes_first_is_no_difference() -> None:
    assert said(('"Partners" ("伙伴")', '“伙伴” ("Partners")')) == []
    assert said(('"Call them" ("打电话")', '“打电话” ("Call them")')) == []


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_policy_does_not_differ_from_its_translations(path: Path) -> None:
    policy, load = load_policy(path), loader(path)
    known = tuple(word for source in policy.uses for word in source.text.split())
    tree, _ = parse(policy.source, known=known)
    for lang in ("en", "zh"):
        other = compile_policy(Source(format_policy(tree, "en" if lang == "en" else "zh")), load)
        assert differences(policy, other) == ()


# ---------------------------------------------------------------- one sentence for each

HEADER = [
    (
        '"Partners" ("伙伴")',
        '"Our partners" ("伙伴")',
        '(title of the policy from "Partners" to "Our partners")',
    ),
    (
        '"Partners" ("伙伴")',
        '"Partners" ("合作伙伴")',
        '(title of the policy from "Partners" ("伙伴") to "Partners" ("合作伙伴"))',
    ),
    ('owner "Sales"', 'owner "Service"', '(owner of the policy from "Sales" to "Service")'),
    ("from 2026-01-01", "from 2026-02-01", "first day of the policy from 2026-01-01 to 2026-02-01"),
    ("from 2026-01-01", "from 2026-01-01 until 2026-12-31", "last day of the policy from none to 2026-12-31"),
    ("currency CNY", "currency EUR", "currency of the policy from CNY to EUR"),
    ("Asia/Shanghai", "UTC", "time zone of the policy from Asia/Shanghai to UTC"),
    ("policy partners", "policy allies", "(partners is now called allies)"),
    (
        'applies when stage is not prospect "Not a partner yet"',
        'applies when stage in contract, delivery "Not a partner yet"',
        "condition of `applies when` from `stage is not prospect` to `stage in contract, delivery`",
    ),
    ('"Not a partner yet"', '"Later"', '(reason of `applies when` from "Not a partner yet" to "Later")'),
]
DECLARED = [
    ("= 5%", "= 4%", "rate from 5% to 4%"),
    ("from 2026-07-01: 6%", "from 2026-07-01: 7%", "rate (from 2026-07-01) from 6% to 7%"),
    ("  from 2026-07-01: 6%\n", "", "removed rate (from 2026-07-01): 6%"),
    ("from 2026-07-01: 6%", "from 2026-07-01: 6%\n  from 2027-01-01: 8%", "added rate (from 2027-01-01): 8%"),
    ('"Visits", default 1', '"Visits", default 2', "default of visits from 1 to 2"),
    ('"Visits", default 1', '"Visits"', "default of visits from 1 to none"),
    ('"Revenue", at least 0', '"Revenue", at least 10', "least value of revenue from 0 to 10"),
    (
        '"Revenue", at least 0',
        '"Revenue", at least 0, at most 9m',
        "greatest value of revenue from none to 9,000,000",
    ),
    ('"Revenue", at least 0', '"Revenue", at least 0, masked', "(revenue is now masked)"),
    ('"Stage", required', '"Stage"', "stage is not required any more"),
    ('"Listed"', '"Listed", customer can change', "(changeability of listed from no to yes)"),
    ('"Listed"', '"Quoted"', '(label of listed from "Listed" to "Quoted")'),
    ('"Listed"', '"Listed", source "the desk"', '(source of listed from none to "the desk")'),
    (
        "fact revenue: money",
        "fact revenue: money with 6 decimals",
        "type of revenue from money to money with 6 decimals",
    ),
    ("delivery, renewal", "delivery, lost, renewal", "stage: added value lost"),
    (
        'north "North" ("北")',
        'north "Northern" ("北")',
        '(region: label of north from "North" to "Northern")',
    ),
]
VALUES = [
    ("= revenue * 2", "= revenue * 3", "doubled from `revenue * 2` to `revenue * 3`"),
    ("big:   10", "big:   12", "size: big from 10 to 12"),
    ("visits over 100", "visits over 200", "size: condition of big from `visits > 100` to `visits > 200`"),
    (
        "  big:   10 when visits over 100\n  small: 5  when visits over 10\n",
        "  small: 5  when visits over 10\n  big:   10 when visits over 100\n",
        "size: small now stands before big",
    ),
    ("  small: 5  when visits over 10\n", "", "size: removed small: 5 when visits > 10"),
    ("| 500k or more | 2%     |", "| 500k or more | 3% |", "rebate: revenue >= 500k from 2% to 3%"),
]
SCORES = [
    ("| 100k to 500k | 10     |", "| 100k to 500k | 15 |", "base: revenue 100k to 500k from 10 to 15"),
    ("between 0 and 100", "between 0 and 90", "greatest value of base from 100 to 90"),
    ("-10 when", "-15 when", "base: late_payer from -10 to -15"),
    (
        "overdue > 30 days   ",
        "overdue > 2 weeks ",
        "base: condition of late_payer from `overdue > 30 days` to `overdue > 14 days`",
    ),
    ("+5 per 2 of", "+6 per 2 of", "base: often from +5 to +6"),
    ("per 2 of visits", "per 3 of visits", "base: step of often from `per 2 of visits` to `per 3 of visits`"),
    ("up to 20", "up to 25", "base: limit of often from 20 to 25"),
    ('"Comes often"', '"Comes a lot"', '(base: label of often from "Comes often" to "Comes a lot")'),
    ("+3 when listed", "+4 when listed", 'base: "Listed company" from +3 to +4'),
    ("  late_payer:", "  pays_late:", "(base: late_payer is now called pays_late)"),
    ("base + 2 * size", "base + 3 * size", "total: `2 * size` is now `3 * size`"),
]
LADDERS = [
    ("from 60 and", "from 65 and", "grade: threshold of B from 60 to 65"),
    ("from 60 and", "over 60 and", "grade: threshold of B from 60 to over 60"),
    ("and not listed", "and listed", "grade: condition of B from `not listed` to `listed`"),
    (", keep from 75", ", keep over 70", "grade: keep threshold of A from `75` to `over 70`"),
    (", keep from 75", "", "grade: keep threshold of A from `75` to none"),
    (
        "> 90 days ",
        "> 60 days ",
        'grade: condition of "Overdue" from `overdue > 90 days` to `overdue > 60 days`',
    ),
    ("at most B when", "at most C when", 'grade: "Overdue" from at most B to at most C'),
    (
        '  at most B when overdue > 90 days     "Overdue"\n',
        "",
        'grade: removed "Overdue": at most B when overdue > 90 days',
    ),
    ('"Good"', '"Fine"', '(grade: label of B from "Good" to "Fine")'),
    ("by total", "by base", "basis of grade from `total` to `base`"),
]
CHOICES = [
    (
        "region is north and grade is A",
        "region is north",
        "team: condition of hq from `region is north and grade is A` to `region is north`",
    ),
    ('"Field"', '"Field force"', '(team: label of field from "Field" to "Field force")'),
    (
        'revenue > 1m\n  "late"',
        'revenue > 2m\n  "late"',
        'marks: condition of "large" from `revenue > 1m` to `revenue > 2m`',
    ),
    ('  "late"  when', '  "tardy" when', 'marks: "late" is now "tardy"'),
]
BENEFITS = [
    ("| 15%     | 10% ", "| 15% | 12% ", "discount for B at contract from 10% to 12%"),
    ("| 15%     | 10%     | - |", "| 15% | 10% | 2% |", "discount for C at contract from - to 2%"),
    ('| "phone" | "phone" | - |', '| "mail" | "mail" | - |', 'support from "phone" to "mail"'),
    ("for A, B\n", "for A\n", "recipients of gift from for A, for B to for A"),
    ('"box" ("礼盒")', '"box" ("盒子")', '(gift: translation of "box" from "礼盒" to "盒子")'),
    (", best of", ", sum of", "combination of bonus from best of to sum of"),
    (", best of", ", best of, 2 per year", "quota of bonus from none to 2 per year"),
    (", best of", ", best of, not with gift", "exclusions of bonus from none to gift"),
    ("large: 500", "large: 600", "bonus from 500 to 600"),
    ("visits > 3", "visits > 4", "bonus: condition of basic from `visits > 3` to `visits > 4`"),
    ("for A, B\n", "for A, B, from 2026-06-01\n", "gift: first day of granted from none to 2026-06-01"),
]
OTHERS = [
    ("priority 1", "priority 2", 'priority of "Call them" from 1 to 2'),
    ('"Call them" ("打电话")', '"Visit them" ("拜访")', '"Call them" is now "Visit them"'),
    ('"Call them" ("打电话")', '"Call them" ("致电")', '(action of "Call them" from “打电话” to “致电”)'),
    ("to team", 'to "Sales"', 'role of "Call them" from team to "Sales"'),
    (
        "within 180 days",
        "within 90 days",
        "watch quiet: `when no order within 180 days` is now `when no order within 90 days`",
    ),
    ('"Call today"', '"Call now"', '(watch quiet: label of `raise high` from "Call today" to "Call now")'),
    ("review monthly", "review quarterly", "movement of grade: `review monthly` is now `review quarterly`"),
    (
        "after 2 reviews",
        "after 3 reviews",
        "movement of grade: `move down at review, after 2 reviews in a row` is now "
        "`move down at review, after 3 reviews in a row`",
    ),
    (
        "  review monthly\n",
        "  review monthly\n  give 30 days notice before moving down\n",
        "movement of grade: added `give 30 days notice before moving down`",
    ),
    ("expect base = 50", "expect base = 50, grade = C", '(example: "Large" is another)'),
    ('example "Large"', 'example "Big"', '(example: "Large" is now called "Big")'),
]


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [*HEADER, *DECLARED, *VALUES, *SCORES, *LADDERS, *CHOICES, *BENEFITS, *OTHERS],
)
def test_one_edit_gives_one_sentence(old: str, new: str, wanted: str) -> None:
    assert said((old, new)) == [wanted]


IN_CHINESE = [
    ("from 60 and", "from 65 and", "grade：B 的门槛由 60 改为 65"),
    ("-10 when", "-15 when", "base：late_payer 由 -10 改为 -15"),
    (
        "overdue > 30 days   ",
        "overdue > 45 days ",
        "base：late_payer 的条件由 `overdue > 30天` 改为 `overdue > 45天`",
    ),
    ("| 15%     | 10% ", "| 15% | 12% ", "B 在 contract 的 discount 由 10% 改为 12%"),
    ("  late_payer:", "  pays_late:", "base：late_payer 更名为 pays_late"),
    ('"Stage", required', '"Stage"', "stage 不再必填"),
    ("  small: 5  when visits over 10\n", "", "size：删除 small：5 当 visits > 10"),
    ("delivery, renewal", "delivery, lost, renewal", "stage：新增 取值 lost"),
    ('"Listed"', '"Listed", source "the desk"', "listed 的来源由 无 改为 “the desk”"),
    ("review monthly", "review quarterly", "升降级 grade：`复核 每月` 改为 `复核 每季`"),
    ("from 2026-07-01: 6%", "from 2026-07-01: 7%", "rate（自 2026-07-01 起）由 6% 改为 7%"),
    (
        "  big:   10 when visits over 100\n  small: 5  when visits over 10\n",
        "  small: 5  when visits over 10\n  big:   10 when visits over 100\n",
        "size：small 现排在 big 之前",
    ),
]


@pytest.mark.parametrize(("old", "new", "wanted"), IN_CHINESE)
def test_the_same_in_chinese(old: str, new: str, wanted: str) -> None:
    assert [sentence(item, "zh") for item in found((old, new))] == [wanted]


def test_numbers_are_said_as_they_are_written() -> None:
    edits = (
        ("| below 100k   | 5      |", "| below 10w | 5 |"),
        ("| 100k to 500k | 10     |", "| 10w to 50万 | 12 |"),
    )
    assert said(*edits) == ["base: revenue 10w to 50万 from 10 to 12"]


LARGE = POLICY[POLICY.index('example "Large"') :]


@pytest.mark.parametrize(
    ("later", "wanted"),
    [
        ((), ['example: removed "Large"', 'example: removed "Twin"', 'example: removed "Triplet"']),
        (
            ("Big",),
            ['example: "Large" is now called "Big"', 'example: removed "Twin"', 'example: removed "Triplet"'],
        ),
        (
            ("Big", "Huge", "Vast", "Wide"),
            [
                *('example: "Large" is now called "Big"', 'example: "Twin" is now called "Huge"'),
                *('example: "Triplet" is now called "Vast"', 'example: added "Wide"'),
            ],
        ),
        (("Triplet", "Large"), ['example: removed "Twin"']),
    ],
)
def test_of_examples_that_are_alike_each_is_told_of(later: tuple[str, ...], wanted: list[str]) -> None:
    def with_examples(*names: str) -> CheckedPolicy:
        named = (LARGE.replace('"Large"', f'"{name}"') for name in names)
        return compiled(POLICY.replace(LARGE, "\n".join(named)))

    told = differences(with_examples("Large", "Twin", "Triplet"), with_examples(*later))
    assert [sentence(item, "en").partition(":\n")[0] for item in told] == wanted
