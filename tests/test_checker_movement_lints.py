"""What the checker says of movements that work and are probably not meant: tiers that go to and fro, lines that never act, lengths of time that
do not go together; and of lines that could not be read, once.
"""

from __future__ import annotations

import pytest

from dsl.checker import check
from dsl.checker.movement_gaps import gap, shorter
from dsl.diagnostics import Diagnostic
from dsl.model import Lapse, Review
from dsl.source import Source
from tests.checked import OPENING, problems

LADDER = """tiers grade "Grade" by total
  A from 80, keep from 70
  B from 60, keep from 50
  C otherwise
"""


# ---------------------------------------------------------------- to and fro


PLAIN = "tiers grade by total\n  A from 80\n  B otherwise\nmovement of grade\n"


def said(text: str) -> list[Diagnostic]:
    """Everything that is said of a movement, of a policy that is in force from 2026 on."""
    opening = OPENING.replace("currency CNY\n", "effective from 2026-01-01\ncurrency CNY\n")
    return [item for item in check(Source(opening + text))[1] if not item.code.code.startswith("W9")]


def edges(text: str) -> list[str]:
    """What is said of tiers that go to and fro."""
    return [item.message("en") for item in said(text) if item.code.code == "W806"]


def test_what_keeps_a_ladder_from_going_to_and_fro() -> None:
    plain = PLAIN + "  review monthly\n"
    assert problems(plain) == [("W806", "grade")]
    for line in (
        "move up at review",
        "move down at review, after 2 reviews in a row",
        "move down at review, never below A",
        "keep a tier at least 3 months",
        "keep a tier until end of year",
        "give 7 days notice before moving down",
    ):
        assert edges(f"{plain}  {line}\n") == [], line
    assert problems(plain.replace("from 80", "from 80, keep from 70")) == []


@pytest.mark.parametrize(
    ("tiers", "open_"),
    [
        ("A from 80, keep from 70\n B from 60, keep from 50\n C from 40, keep from 39", ""),
        ("A from 80, keep from 70\n B from 60\n C from 40, keep from 30", "`B`"),
        ("A from 80\n B from 60, keep from 60\n C from 40, keep from 40", "`A`, `B`, `C`"),
        ("A over 80, keep from 80\n B over 60, keep over 59\n C from 40, keep from 20 + 20", "`A`, `C`"),
    ],
)
def test_every_edge_needs_its_own_threshold_to_keep(tiers: str, open_: str) -> None:
    text = f"tiers grade by total\n {tiers}\n D otherwise\nmovement of grade\n  review monthly\n"
    expected = f"a customer at the lower edge of {open_} of `grade` can move up and down again and again"
    assert edges(text) == ([expected] if open_ else [])


def test_a_threshold_to_keep_that_catches_up_keeps_nothing() -> None:
    body = "set bar: number = 70\n  from 2027-01-01: 80\n" + PLAIN.replace(
        "from 80", "from 80, keep from bar"
    )
    assert edges(body + "  review monthly\n")
    assert not edges(body.replace("01: 80", "01: 79") + "  review monthly\n")


def test_nobody_goes_to_and_fro_below_a_floor() -> None:
    text = LADDER.replace(", keep from 50", "") + "movement of grade\n  review monthly\n"
    assert edges(text)
    assert not edges(text + "  move down at review, never below B\n")


MONTHLY, YEARLY, AT_ONCE = "  review monthly\n", "  review yearly\n", "  move down at once\n"


@pytest.mark.parametrize(
    ("when", "line", "waits"),
    [
        (MONTHLY, "keep a tier at least 1 day", False),
        (MONTHLY, "keep a tier at least 27 days", False),
        (MONTHLY, "keep a tier at least 1 month", True),
        (MONTHLY, "keep a tier at least 30 days", True),
        (MONTHLY, "keep a tier at least 20 days\n  give 20 days grace", True),
        ("  review quarterly\n", "keep a tier at least 2 months", False),
        ("  review quarterly\n", "keep a tier at least 3 months", True),
        (YEARLY, "keep a tier at least 2 months", False),
        (YEARLY, "keep a tier at least 3 months", True),
        (AT_ONCE, "keep a tier at least 6 days", False),
        (AT_ONCE, "keep a tier at least 1 week", True),
        (MONTHLY, "give 1 day notice before moving down", False),
        (MONTHLY, "give 6 days notice before moving down", False),
        (AT_ONCE, "give 6 days notice before moving down", False),
        (AT_ONCE, "give 7 days notice before moving down", True),
        (MONTHLY, "keep a tier until end of month", False),
        (MONTHLY, "keep a tier until end of month + 10 days", True),
        (MONTHLY, "keep a tier until end of month, 1 month later", True),
        (MONTHLY, "keep a tier until end of month\n  give 1 month grace", True),
        (MONTHLY, "keep a tier until end of quarter", True),
        ("  review quarterly\n", "keep a tier until end of quarter", False),
        (YEARLY, "keep a tier until end of quarter", False),
        (YEARLY, "keep a tier until end of year", True),
        (AT_ONCE, "keep a tier until end of month", True),
    ],
)
def test_a_token_keeps_nobody(when: str, line: str, waits: bool) -> None:
    assert bool(edges(f"{PLAIN}{when}  {line}\n")) is not waits


# ---------------------------------------------------------------- what never acts


@pytest.mark.parametrize(
    ("lines", "warned"),
    [
        ("move down at review, never below A", ["W818"]),
        ("move down at review, never below B", []),
        ("move down at once when strategic, never below A", ["W818"]),
        ("move down at once when strategic, one step at a time, never below B", []),
    ],
)
def test_a_floor_that_nobody_can_fall_to(lines: str, warned: list[str]) -> None:
    assert [
        code for code, _ in problems(f"{LADDER}movement of grade\n  review monthly\n  {lines}\n")
    ] == warned


@pytest.mark.parametrize(
    ("drop", "holds", "warned"),
    [
        ("strategic", ["strategic"], True),
        ("strategic and listed", ["strategic"], True),
        ("strategic", ["listed or strategic"], True),
        ("listed and overdue > 30 days and strategic", ["orders > 5 or (strategic and listed)"], True),
        ("strategic or listed", ["listed", "strategic"], True),
        ("strategic or listed", ["listed"], False),
        ("strategic or listed", ["strategic"], False),
        ("strategic", ["strategic and listed"], False),
        ("overdue > 30 days", ["overdue > 31 days"], False),
        ("not strategic", ["strategic"], False),
    ],
)
def test_a_drop_that_a_hold_always_stops(drop: str, holds: list[str], warned: bool) -> None:
    held = "".join(f'  hold while {each} "hold {at}"\n' for at, each in enumerate(holds))
    body = f"{LADDER}movement of grade\n  review monthly\n"
    text = f'{body}  move down at once when {drop} "drop"\n{held}'
    assert [code for code, _ in problems(text)] == (["W820"] if warned else [])
    # A date stops a drop for a time, and never for ever.
    text = f'{body}  move down at once when {drop} "drop"\n  freeze until 2027-12-31\n'
    assert problems(text) == []


def test_a_cap_at_once_that_a_hold_always_stops() -> None:
    cap = LADDER + '  at most C at once when listed "Cap"\nmovement of grade\n  review monthly\n'
    assert [code for code, _ in problems(cap + "  hold while listed\n")] == ["W820"]
    later = cap.replace(" at once", "")
    assert problems(later + "  hold while listed\n") == []


# ---------------------------------------------------------------- lengths against reviews


@pytest.mark.parametrize(
    ("when", "notice", "days"),
    [
        ("monthly", "30 days", 0),
        ("monthly", "31 days", 28),
        ("monthly on day 31", "31 days", 28),
        ("monthly", "1 month", 0),
        ("monthly", "2 months", 28),
        ("quarterly", "90 days", 0),
        ("quarterly", "91 days", 90),
        ("quarterly on day 31", "92 days", 89),
        ("yearly", "365 days", 0),
        ("yearly", "366 days", 365),
        ("yearly on 30 Jun, 31 Dec", "181 days", 0),
        ("yearly on 30 Jun, 31 Dec", "182 days", 181),
        ("yearly on 30 Jun, 31 Dec", "6 months", 0),
        ("every year on each anniversary of since", "366 days", 365),
    ],
)
def test_notice_against_the_shortest_time_between_reviews(when: str, notice: str, days: int) -> None:
    body = f"{LADDER}movement of grade\n  review {when}\n  move down at review\n"
    found = said(f"{body}  give {notice} notice before moving down\n")
    assert [item.code.code for item in found] == (["W815"] if days else [])
    for item in found:
        assert f"the shortest time between two reviews, {days} days" in item.message("en")
        assert f"最短间隔 {days} 天" in item.message("zh")


@pytest.mark.parametrize(
    ("when", "kept", "dates"),
    [
        ("yearly", "end of month, 6 months later", "2026-01-01 2026-07-31 2027-01-01"),
        ("yearly", "end of quarter", "2026-01-01 2026-03-31 2027-01-01"),
        ("yearly", "end of year", ""),
        ("yearly on 31 Dec", "end of year", "2026-12-31 2026-12-31 2027-12-31"),
        ("yearly on 31 Dec", "end of next year", ""),
        ("yearly on 30 Jun, 31 Dec", "end of month, 6 months later", ""),
        ("yearly on 30 Jun, 31 Dec", "end of month, 5 months later", "2026-06-30 2026-11-30 2026-12-31"),
        ("quarterly", "end of quarter", ""),
        ("quarterly on day 20", "end of quarter", "2026-01-20 2026-03-31 2026-04-20"),
        ("quarterly on day 20", "end of quarter + 1 month", ""),
        ("quarterly on day 20", "end of quarter\n  give 19 days grace", ""),
        ("quarterly on day 20", "end of quarter\n  give 18 days grace", "2026-01-20 2026-04-18 2026-04-20"),
        ("monthly", "end of month", ""),
        ("every year on each anniversary of since", "end of next year", ""),
        ("every year on each anniversary of the tier", "end of year", "2026-01-02 2026-12-31 2027-01-02"),
    ],
)
def test_a_tier_that_runs_out_between_reviews(when: str, kept: str, dates: str) -> None:
    text = f"{LADDER}movement of grade\n  review {when}\n  keep a tier until {kept}\n"
    found = [item.message("en") for item in said(text)]
    days = dates.split()
    assert found == [
        f"a tier that is renewed at the review of {first} is kept through {last}, and the next review is on {following}: "
        "it runs out in between"
        for first, last, following in ([days] if days else [])
    ]


def test_without_reviews_a_tier_does_not_run_out() -> None:
    assert problems(LADDER + "movement of grade\n  keep a tier until end of month\n") == []


@pytest.mark.parametrize(
    "line", ["  review monthly for the 12 month befor\n", "  review monthly for teh year so far\n"]
)
def test_a_line_that_cannot_be_read_is_not_missed(line: str) -> None:
    """Who misspells the review is told so, and not that there is none."""
    rest = "  move up at review\n  move down at review\n  keep a tier at least 6 months\n"
    assert [code for code, _ in problems(f"{LADDER}movement of grade\n{line}{rest}")] == ["E121"]
    steps = "  move up at once, one step at a time\n"
    assert [code for code, _ in problems(f"{LADDER}movement of grade\n{line}{steps}")] == ["E121"]
    grace = "  review monthly\n  keep a tier at leest 6 months\n  give 2 months grace\n"
    assert [code for code, _ in problems(f"{LADDER}movement of grade\n{grace}")] == ["E121"]
    chinese = f"{LADDER}升降级 grade\n复核每月考察12个月至上上月末\n升级 复核时\n"
    assert [code for code, _ in problems(chinese)] == ["E131"]
    other = f"{LADDER}movement of grade\n  move up at review\nscore odd = = 5\n"
    assert [code for code, _ in problems(other)] == ["E805", "E121"]


# ---------------------------------------------------------------- lengths


def test_lengths_are_compared_whatever_the_months() -> None:
    month, quarter = Lapse(months=1), Lapse(months=3)
    assert shorter(month, quarter)
    assert not shorter(quarter, quarter)
    assert shorter(Lapse(days=27), month)
    assert not shorter(Lapse(days=30), month)
    assert not shorter(month, Lapse(days=30))
    assert shorter(Lapse(months=11), Lapse(days=365))
    halves = gap(Review("movement.grade.review", "year", dates=((6, 30), (12, 31))))
    assert (halves.shortest, halves.longest) == (Lapse(days=181), Lapse(days=184))
    assert not shorter(Lapse(months=6), halves.longest)
    assert shorter(Lapse(months=5), halves.longest)


def test_a_freeze_until_a_day_that_may_be_unknown() -> None:
    lines = PLAIN + "  review monthly\n  move down at review, after 2 reviews in a row\n  freeze until {}\n"
    facts = "fact appeal: date\nfact closed: date, default 2000-01-01\nfact born: date, required\n"
    told = [item.message("en") for item in said(facts + lines.format("appeal"))]
    assert [each.partition(":")[0] for each in told] == ["whoever has no `appeal` is frozen for good"]
    assert [item.code.code for item in said(facts + lines.format("appeal + 30 days"))] == ["W822"]
    for known in ("closed", "born", "2030-01-01"):
        assert said(facts + lines.format(known)) == []
