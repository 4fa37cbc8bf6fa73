"""Several differences at once, their order and their count; names, and what programs get."""

from __future__ import annotations

from policies.registry.diff import difference_json, differences, sentence, summary
from tests.differing import POLICY, compiled, edited, found, said

# ---------------------------------------------------------------- several at once


def test_a_boundary_that_moves_changes_the_rows_on_both_sides() -> None:
    edits = (
        ("| 100k to 500k | 10     |", "| 100k to 400k | 10 |"),
        ("| 500k or more | 50     |", "| 400k or more | 50 |"),
    )
    assert said(*edits) == [
        "base: `revenue 100k to 500k` is now `revenue 100k to 400k`",
        "base: `revenue >= 500k` is now `revenue >= 400k`",
    ]


def test_a_band_that_is_cut_in_two_is_one_that_changed_and_one_that_is_new() -> None:
    assert said(("| 100k to 500k | 10     |", "| 100k to 300k | 8 |\n| 300k to 500k | 10 |")) == [
        "base: added revenue 100k to 300k: 8",
        "base: `revenue 100k to 500k` is now `revenue 300k to 500k`",
    ]


def test_a_tier_more() -> None:
    assert said(
        ('  C "Plain" otherwise', '  P "Paper" from 20\n  C "Plain" otherwise'),
        ("| 15%     | 10%     | - |", "| 15% | 10% | - | - |"),
        ('| "phone" | "phone" | - |', '| "phone" | "phone" | - | - |'),
        ("| A       | B       | C |", "| A | B | P | C |"),
    ) == ["grade: added P: from 20"]


def test_tiers_that_change_places() -> None:
    old = "policy p\nfact a: number\nfact b: yes/no\ntiers t\n  X when a > 1\n  Y when b\n  Z otherwise\n"
    new = "policy p\nfact a: number\nfact b: yes/no\ntiers t\n  Y when b\n  X when a > 1\n  Z otherwise\n"
    (item,) = differences(compiled(old), compiled(new))
    assert (sentence(item, "en"), item.kind, item.rule) == ("t: Y now stands before X", "moved", "t.Y")


def test_what_decides_is_listed_first_and_examples_last() -> None:
    order = found(
        ('example "Large"', 'example "Big"'),
        ('"Listed"', '"Quoted"'),
        ("-10 when", "-15 when"),
        ("= 5%", "= 4%"),
        ("stage is not prospect", "stage in contract, delivery"),
        ("visits > 3", "visits > 4"),
    )
    assert [(item.group, item.decides) for item in order] == [
        ("applies", True),
        ("param", True),
        ("score", True),
        ("benefit", True),
        ("fact", False),
        ("example", False),
    ]


def test_the_summary_counts_rules() -> None:
    many = found(
        ("-10 when", "-15 when"),
        ("overdue > 30 days   ", "overdue > 45 days "),
        ("from 60 and", "from 65 and"),
        ("delivery, renewal", "delivery, lost, renewal"),
        ('"Listed"', '"Quoted"'),
        ('example "Large"', 'example "Big"'),
    )
    assert summary(many, "en") == "2 rules changed, 1 added; without effect on decisions: 1; examples: 1"
    assert summary(many, "zh") == "2 条规则有改动，1 条新增；不影响判定：1 处；示例：1 处"
    assert summary((), "en") == "no difference"
    assert summary((), "zh") == "没有差异"
    assert summary(found(('"Listed"', '"Quoted"')), "en") == "no rule changed; without effect on decisions: 1"


# ---------------------------------------------------------------- names


def test_a_name_that_changed_everywhere_is_one_difference() -> None:
    renamed = compiled(POLICY.replace("visits", "calls").replace('"Visits"', '"Visits"'))
    assert [sentence(item, "en") for item in differences(compiled(POLICY), renamed)] == [
        "visits is now called calls"
    ]
    score = compiled(
        POLICY.replace("score base", "score ground")
        .replace("= base", "= ground")
        .replace("base + 2", "ground + 2")
        .replace("expect base", "expect ground")
    )
    assert [sentence(item, "en") for item in differences(compiled(POLICY), score)] == [
        "base is now called ground"
    ]


def test_a_name_that_programs_do_not_see_decides_nothing() -> None:
    alias = compiled(POLICY.replace("visits", "拜访数").replace("fact 拜访数:", "fact 拜访数 (visits):"))
    (item,) = differences(compiled(POLICY), alias)
    assert (sentence(item, "en"), item.decides) == ("visits is now called 拜访数", False)
    param = compiled(POLICY.replace("set rate", "set share"))
    told = differences(compiled(POLICY), param)
    # Nothing reads it, but its label says that it is the same.
    assert [(sentence(item, "en"), item.decides) for item in told] == [("rate is now called share", False)]


def test_another_thing_of_the_same_kind_is_no_new_name() -> None:
    other = compiled(
        POLICY.replace("fact listed", "fact certified")
        .replace('"Listed"', '"Certified"')
        .replace("listed", "certified")
    )
    told = [sentence(item, "en") for item in differences(compiled(POLICY), other)]
    assert 'removed fact listed "Listed"' in told
    assert 'added fact certified "Certified"' in told


def test_a_tier_and_a_value_with_a_new_name() -> None:
    tier = compiled(
        POLICY.replace("  A ", "  Gold ")
        .replace("| A       |", "| Gold |")
        .replace("for A,", "for Gold,")
        .replace("grade is A", "grade is Gold")
    )
    assert [sentence(item, "en") for item in differences(compiled(POLICY), tier)] == [
        "grade: A is now called Gold"
    ]
    value = compiled(POLICY.replace("north", "upper"))
    assert [sentence(item, "en") for item in differences(compiled(POLICY), value)] == [
        "region: north is now called upper"
    ]


# ---------------------------------------------------------------- for programs


def test_a_difference_for_programs() -> None:
    old, new = (
        compiled(POLICY),
        edited(("owner", "# moved down by a line\nowner"), ("from 60 and", "from 65 and")),
    )
    (item,) = differences(old, new)
    line = POLICY[: POLICY.index("  B ")].count("\n") + 1
    assert difference_json(item, old, new, "en") == {
        "kind": "changed",
        "rule": "grade.B",
        "what": "threshold",
        "from": "60",
        "to": "65",
        "decides": True,
        "text": "grade: threshold of B from 60 to 65",
        "line_from": line,
        "line_to": line + 1,
        "file_from": None,
        "file_to": None,
    }
    gone = differences(old, edited(("  small: 5  when visits over 10\n", "")))[0]
    told = difference_json(gone, old, new, "zh")
    assert (told["kind"], told["from"], told["to"], told["line_to"]) == (
        "removed",
        "5 当 visits > 10",
        None,
        None,
    )
