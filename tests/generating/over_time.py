"""Movements and stories of generated policies: every line that a movement takes, in every spelling of its parts.

What a movement asks for are facts alone, so that nothing it reads can depend on its own ladder, and the tier
held before.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from dsl import ast
from tests.generating.answers import given_line
from tests.generating.expressions import condition, ref
from tests.generating.world import Known, World, whole

Items = list[ast.KeywordUse | ast.Expr | ast.Label | ast.Word | ast.MonthDay | str]

_LENGTHS = (
    (30, "DAYS"),
    (1, "DAYS"),
    (2, "WEEKS"),
    (6, "MONTHS"),
    (1, "MONTHS"),
    (2, "QUARTERS"),
    (1, "YEARS"),
)
_ENDS = ("END_OF_THIS_MONTH", "END_OF_THIS_QUARTER", "END_OF_THIS_YEAR", "END_OF_NEXT_YEAR")
_CALENDARS = (
    "CALENDAR_MONTH",
    "CALENDAR_QUARTER",
    "CALENDAR_YEAR",
    "MONTH_SO_FAR",
    "QUARTER_SO_FAR",
    "YEAR_SO_FAR",
)
_DATES = ((1, 1), (2, 28), (6, 30), (12, 31))
_FIRST = date(2026, 1, 31)


# ---------------------------------------------------------------- movements


def movement(world: World, ladder: Known, facts: list[Known]) -> ast.OverTime:
    """A movement of a ladder, some of its lines left out. It has reviews, so that all others may stand."""
    lines = (
        _review(world, facts),
        *([_move_up(world)] if world.maybe(70) else []),
        *([_move_down(world, ladder)] if world.maybe(70) else []),
        *(_drop(world, ladder, facts) for _ in world.times(0, 2)),
        *_keeping(world),
        *([_clause(world, "notice", "GIVE", _length(world), "NOTICE")] if world.maybe(40) else []),
        *(_hold(world, ladder, facts) for _ in world.times(0, 2)),
        *_freezes(world, facts),
    )
    return ast.OverTime("MOVEMENT_OF", ast.Word(ladder.word), None, world.label(), lines, notes=world.notes())


def _clause(world: World, kind: str, *items: object) -> ast.Clause:
    """A line: words in capitals are keywords, other texts signs."""
    made = tuple(ast.KeywordUse(item) if isinstance(item, str) and item.isupper() else item for item in items)
    return ast.Clause(kind, made, world.notes())  # type: ignore[arg-type]


def _length(world: World) -> ast.Quantity:
    number, unit = world.pick(_LENGTHS)
    return ast.Quantity(whole(number), unit)


def _review(world: World, facts: list[Known]) -> ast.Clause:
    every = world.pick(("MONTHLY", "QUARTERLY", "YEARLY"))
    days: Items = []
    if every != "YEARLY":
        days = [ast.KeywordUse("ON_DAY"), whole(world.pick((1, 20, 31)))] if world.maybe() else []
    else:
        days = _days_of_the_year(world, facts)
    window: Items = []
    if world.maybe(30):
        window = [ast.KeywordUse("FOR_THE"), ast.KeywordUse(world.pick(_CALENDARS))]
    elif world.maybe(30):
        ends = ("BEFORE",) if world.maybe() else ("TO", "END_OF_LAST_MONTH")
        window = [ast.KeywordUse("FOR_THE"), _length(world), *(ast.KeywordUse(end) for end in ends)]
    return _clause(world, "review", "REVIEW", every, *days, *window)


def _days_of_the_year(world: World, facts: list[Known]) -> Items:
    dates = [known for known in facts if known.kind == "DATE_TYPE"]
    form = world.pick(("none", "dates", "tier", "fact" if dates else "none"))
    if form == "tier":
        return [ast.KeywordUse("ANNIVERSARY_OF_TIER")]
    if form == "fact":
        return [ast.KeywordUse("ANNIVERSARY_OF"), ref(world.pick(dates).word)]
    if form == "none":
        return []
    chosen = [ast.MonthDay(month, day) for month, day in world.some(_DATES, 1, 3)]
    apart: Items = [item for day in chosen for item in (",", day)]
    return [ast.KeywordUse("ON"), *apart[1:]]


def _move_up(world: World) -> ast.Clause:
    return _clause(world, "move_up", "MOVE_UP", world.pick(("AT_ONCE", "AT_REVIEW")), *_how_far(world))


def _move_down(world: World, ladder: Known) -> ast.Clause:
    at = world.pick(("AT_REVIEW", "AT_ONCE", "REACHED"))
    rest: Items = [] if at == "REACHED" else _how_far(world)
    if at != "AT_ONCE" and world.maybe():
        rest += [",", ast.KeywordUse("AFTER"), whole(world.pick((1, 2, 3))), ast.KeywordUse("IN_A_ROW")]
    return _clause(world, "move_down", "MOVE_DOWN", at, *rest, *_never_below(world, ladder))


def _drop(world: World, ladder: Known, facts: list[Known]) -> ast.Clause:
    asked = (_condition(world, ladder, facts), world.outcome())
    rest = (*_how_far(world), *_never_below(world, ladder))
    return _clause(world, "move_down", "MOVE_DOWN", "AT_ONCE", "WHEN", *asked, *rest)


def _how_far(world: World) -> Items:
    match world.pick(("", "one", "most", "reached")):
        case "one":
            return [",", ast.KeywordUse("ONE_STEP")]
        case "most":
            return [",", ast.KeywordUse("AT_MOST"), whole(world.pick((1, 2))), ast.KeywordUse("STEPS")]
        case "reached":
            return [",", ast.KeywordUse("REACHED")]
        case _:
            return []


def _never_below(world: World, ladder: Known) -> Items:
    if not world.maybe(25):
        return []
    return [",", ast.KeywordUse("NEVER_BELOW"), ast.Word(world.pick(ladder.members))]


def _keeping(world: World) -> Iterator[ast.Clause]:
    """`keep a tier …` in its two forms, and the grace that may follow either."""
    at_least, until = world.maybe(40), world.maybe(40)
    if at_least:
        yield _clause(world, "keep_a_tier", "KEEP_A_TIER", "AT_LEAST", _length(world))
    if until:
        rest: Items = ["+", _length(world)] if world.maybe(40) else []
        rest += [",", _length(world), ast.KeywordUse("LATER")] if world.maybe(40) else []
        yield _clause(world, "keep_a_tier", "KEEP_A_TIER", "UNTIL", world.pick(_ENDS), *rest)
    if (at_least or until) and world.maybe():
        to = ("TO", world.pick(_ENDS[:3])) if world.maybe() else ()
        yield _clause(world, "grace", "GRANT", _length(world), "GRACE", *to)


def _hold(world: World, ladder: Known, facts: list[Known]) -> ast.Clause:
    return _clause(world, "hold", "HOLD_WHILE", _condition(world, ladder, facts), world.outcome())


def _freezes(world: World, facts: list[Known]) -> Iterator[ast.Clause]:
    dates = [known for known in facts if known.kind == "DATE_TYPE"]
    if world.maybe(20):
        until = ref(world.pick(dates).word) if dates and world.maybe() else ast.DateValue(date(2026, 12, 31))
        yield _clause(world, "freeze", "FREEZE", "UNTIL", until, world.outcome())


def _condition(world: World, ladder: Known, facts: list[Known]) -> ast.Expr:
    """A condition over facts, sometimes over the tier held as well."""
    everything, world.known = world.known, facts
    asked = condition(world, 1)
    world.known = everything
    if not world.maybe(25):
        return asked
    held = ast.Compare("IS", ast.Held(ast.Word(ladder.word)), ref(world.pick(ladder.members)))
    return ast.Logic("and", (held, ast.Group(asked) if isinstance(asked, ast.Logic) else asked))


# ---------------------------------------------------------------- stories


def story(world: World, facts: list[Known], moving: tuple[Known, ...]) -> ast.ExampleDecl:
    """An example that goes through several days; what happens on them may be expected where something moves."""
    on = ast.DateValue(_FIRST) if world.maybe() else None
    lines: list[ast.BindingLine | ast.StepLine] = [given_line(world, facts)]
    day = _FIRST
    for _ in world.times(1, 3):
        day += timedelta(days=world.pick((1, 29, 366)))
        lines.append(ast.StepLine(ast.DateValue(day), world.notes()))
        if world.maybe():
            lines.append(given_line(world, facts))
        lines += [_expected(world, ladder) for ladder in moving]
    return ast.ExampleDecl(world.outcome(), on, tuple(lines), notes=world.notes())


def _expected(world: World, ladder: Known) -> ast.BindingLine:
    """The tier held and the tier computed are among all there are; or something that happens."""
    name, tiers = ast.Word(ladder.word), tuple(ref(tier) for tier in ladder.members)
    found = [ast.Binding(name, "IN", tiers)]
    if world.maybe():
        found.append(ast.Binding(name, "IN", tiers, computed=True))
    if world.maybe():
        word = world.pick(ast.TRANSITIONS)
        leads = word in ("ENTERS", "MOVES_UP", "MOVES_DOWN", "GIVES_NOTICE") and world.maybe()
        found.append(ast.Binding(name, word, (world.pick(tiers),) if leads else ()))
    return ast.BindingLine("expect", tuple(found), world.notes())
