"""Statements of generated policies: each declares something and says so in the `World`."""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

from dsl import ast
from tests.generating.expressions import NUMERIC, amount, condition, constant, ref, rising
from tests.generating.world import Known, World, number, whole

FACT_TYPES = (
    "WHOLE",
    "MONEY",
    "ONE_OF",
    "YES_NO",
    "DURATION",
    "PERCENT",
    "NUMBER_TYPE",
    "DATE_TYPE",
    "TEXT_TYPE",
    "LIST_OF",
)


# ---------------------------------------------------------------- facts and parameters


def fact(world: World, kind: str) -> ast.FactDecl:
    """A fact of a type, with options."""
    name, label = world.name(), world.label()
    members: tuple[str, ...] = ()
    match kind:
        case "ONE_OF":
            members = world.values()
            written = _enumeration(world, members, label is not None)
        case "LIST_OF":
            members = world.values()
            written = ast.TypeName(kind, item=_enumeration(world, members, label is not None))
        case "MONEY" | "NUMBER_TYPE":
            written = ast.TypeName(kind, decimals=6 if world.maybe(15) else None)
        case _:
            written = ast.TypeName(kind)
    required = world.maybe(10)
    given = _fact_options(world, Known("", kind, members), required)
    unknown = not any(option.kind in ("REQUIRED", "DEFAULT") for option in given)
    world.known.append(Known(name.word.text, kind, members, unknown, free=True))
    return ast.FactDecl(name, written, label, given, notes=world.notes())


def _enumeration(world: World, members: tuple[str, ...], labelled: bool) -> ast.TypeName:
    values = []
    for at, member in enumerate(members):
        alias = ast.Word(f"{member}_code") if member.isascii() and world.maybe(15) else None
        # A label behind the last value is the fact's own, unless that one has a label too.
        own = world.label(20) if labelled or at < len(members) - 1 else None
        values.append(ast.EnumValue(ast.Declared(ast.Word(member), alias), own))
    return ast.TypeName("ONE_OF", tuple(values))


def _fact_options(world: World, known: Known, required: bool) -> tuple[ast.Option, ...]:
    found = []
    if required:
        found.append(ast.Option("REQUIRED"))
    elif known.kind != "LIST_OF" and world.maybe(25):
        found.append(ast.Option("DEFAULT", (constant(world, known),)))
    if known.kind in NUMERIC and world.maybe(20):
        found.append(ast.Option("AT_LEAST", (_nothing(known.kind),)))
    if world.maybe(15):
        found.append(ast.Option("SOURCE", (world.text(),)))
    if world.maybe(20):
        directions = (None, "ONLY_UP", "ONLY_DOWN") if known.kind in NUMERIC else (None,)
        found.append(ast.Option("CAN_CHANGE", which=world.pick(directions)))
    if world.maybe(10):
        found.append(ast.Option("MASKED"))
    return tuple(found)


def _nothing(kind: str) -> ast.Expr:
    return ast.Quantity(whole(0), "DAYS") if kind == "DURATION" else whole(0)


def parameter(world: World) -> ast.SetDecl:
    """A `set`, sometimes with values for later dates."""
    kind = world.pick(("WHOLE", "MONEY", "PERCENT", "DURATION"))
    name = world.name()
    values = rising(world, kind, 2, 3)
    days = rising(world, "DATE_TYPE", 2, 2)
    lines = tuple(
        ast.DatedLine(day, value, world.notes())
        for day, value in zip(days, values[1:], strict=False)
        if world.maybe()
    )
    world.known.append(Known(name.word.text, kind, optional=False))
    return ast.SetDecl(name, ast.TypeName(kind), values[0], world.label(), lines, notes=world.notes())


# ---------------------------------------------------------------- values and scores


def value(world: World) -> ast.ValueDecl:
    """A derived value in one of its forms."""
    name, label = world.name(), world.label()
    form = world.pick(("expression", "lines", "table", "condition", "graduated"))
    money = world.free("MONEY")
    if form == "graduated" and money:
        by = world.pick(money)
        table = band_table(world, by, "PERCENT", ref(name.word.text), rates=True)
        made = ast.ValueDecl(
            name, ast.TypeName("MONEY"), label, graduated=ref(by.word), body=(table,), notes=world.notes()
        )
        world.known.append(Known(name.word.text, "MONEY"))
        return made
    kind = "YES_NO" if form == "condition" else world.pick(("MONEY", "NUMBER_TYPE", "WHOLE", "PERCENT"))
    written, notes = ast.TypeName(kind), world.notes()
    match form:
        case "condition":
            made = ast.ValueDecl(name, written, label, condition(world), notes=notes)
        case "lines":
            made = ast.ValueDecl(name, written, label, body=_value_lines(world, kind), notes=notes)
        case "table" if world.free(*NUMERIC):
            by = world.pick(world.free(*NUMERIC))
            table = band_table(world, by, kind, ref(name.word.text))
            made = ast.ValueDecl(name, written, label, body=(table,), notes=notes)
        case _:
            made = ast.ValueDecl(name, written, label, amount(world, kind), notes=notes)
    world.known.append(Known(name.word.text, kind))
    return made


def _value_lines(world: World, kind: str) -> tuple[ast.OutcomeLine, ...]:
    lines = [
        ast.OutcomeLine(
            world.rule(), rising(world, kind, 1, 1)[0], None, None, condition(world), notes=world.notes()
        )
        for _ in world.times(1, 2)
    ]
    last = rising(world, kind, 1, 1)[0]
    return (*lines, ast.OutcomeLine(world.rule(), last, None, None, None, otherwise=True))


def band_table(world: World, by: Known, kind: str, outcome: ast.Ref | str, rates: bool = False) -> ast.Table:
    """A table over the bands of one figure, none left out; its outcomes are constants of a kind."""
    ends = rising(world, by.kind, 1, 3, lists=True)
    cells: list[ast.Cell] = [ast.BoundCell("BELOW", ends[0])]
    cells.extend(ast.RangeCell("to", low, high) for low, high in pairwise(ends))
    cells.append(ast.BoundCell("OR_MORE", ends[-1]))
    if not rates and by.optional and world.maybe(15):
        cells.insert(0, ast.UnknownCell())
    rows = tuple(
        ast.Row((cell, ast.ListCell((rising(world, kind, 1, 1)[0],))), world.notes()) for cell in cells
    )
    last = ast.Heading(outcome) if isinstance(outcome, str) else ast.Heading(expr=outcome)
    return ast.Table((ast.Heading(expr=ref(by.word)), last), rows, world.notes())


def value_table(world: World, by: Known, outcomes: list[ast.ListCell], heading: ast.Heading) -> ast.Table:
    """A table with a row for some values of an enumeration, and `-` for the rest."""
    rows = []
    for member, outcome in zip(by.members, outcomes[:-1], strict=False):
        cell = ast.ListCell((ref(member),), negated=False)
        rows.append(ast.Row((cell, outcome), world.notes()))
    rows = rows[: len(by.members) - 1]
    rows.append(ast.Row((ast.AnyCell(), outcomes[-1]), world.notes()))
    return ast.Table((ast.Heading(expr=ref(by.word)), heading), tuple(rows), world.notes())


def score(world: World) -> ast.ScoreDecl:
    """A score that adds up lines and tables."""
    name, label = world.name(), world.label()
    body: list[ast.PointsLine | ast.Table] = []
    figures = [known for known in world.free(*NUMERIC) if known.kind != "DURATION"]
    if figures and world.maybe(60):
        body.extend(band_table(world, known, "WHOLE", "POINTS") for known in world.some(figures, 1, 2))
    if not body or world.maybe(60):
        body.extend(points_line(world) for _ in world.times(1, 3))
    if world.maybe():
        body.reverse()
    low, high = (ast.Negate(whole(30)), whole(100)) if world.maybe(40) else (None, None)
    world.known.append(Known(name.word.text, "SCORE"))
    return ast.ScoreDecl(name, label, low, high, None, tuple(body), notes=world.notes())


def points_line(world: World) -> ast.PointsLine:
    """Points for a condition, or for each step of a figure."""
    name = world.rule()
    sign: Literal["+", "-"] = world.pick(("+", "-"))
    points = world.pick((whole(5), whole(10), number("2.5", "2.5")))
    counted = world.of("WHOLE", "MONEY")
    if counted and world.maybe(40):
        of = world.pick(counted)
        step = rising(world, of.kind, 1, 1)[0] if of.kind == "MONEY" or world.maybe() else None
        cap = whole(20) if world.maybe(60) else None
        line = ast.PointsLine(name, sign, points, per=ref(of.word), step=step, cap=cap)
    else:
        line = ast.PointsLine(name, sign, points, condition(world))
    return ast.PointsLine(
        line.name,
        line.sign,
        line.points,
        line.condition,
        line.per,
        line.step,
        line.cap,
        world.label(),
        world.notes(),
    )


def total(world: World) -> ast.ScoreDecl:
    """A score over other scores."""
    scores = world.of("SCORE")
    sum_: ast.Expr = ref(scores[0].word)
    for other in scores[1:]:
        sum_ = ast.Arith(world.pick(("+", "-")), sum_, ref(other.word))
    sum_ = ast.Arith("+", sum_, ast.Arith("*", number("0.5", "0.5"), ref(scores[0].word)))
    name = world.name()
    world.known.append(Known(name.word.text, "SCORE"))
    return ast.ScoreDecl(name, world.label(), whole(0), whole(100), sum_, notes=world.notes())


# ---------------------------------------------------------------- ladders


def tiers(world: World) -> ast.TiersDecl:
    """A ladder in one of its three forms."""
    name, label = world.name(), world.label()
    members = world.tiers()
    scores, figures = world.of("SCORE"), world.free("MONEY", "WHOLE")
    form = world.pick(("by", "when", "table"))
    by = None
    body: tuple[ast.TierLine | ast.LimitLine | ast.Table, ...]
    if form == "by" and scores:
        by = ref(world.pick(scores).word)
        body = _by_threshold(world, members)
    elif form == "table" and figures:
        body = (requirements(world, members, figures),)
    else:
        body = (
            *(
                ast.TierLine(_plain(tier), world.label(), condition=condition(world), notes=world.notes())
                for tier in members[:-1]
            ),
            ast.TierLine(_plain(members[-1]), world.label(), otherwise=True),
        )
    limits = tuple(_limit(world, members) for _ in world.times(0, 2))
    world.known.append(Known(name.word.text, "TIER", members))
    return ast.TiersDecl(name, label, by, None, (*body, *limits), notes=world.notes())


def _plain(word: str) -> ast.Declared:
    return ast.Declared(ast.Word(word))


def _by_threshold(world: World, members: tuple[str, ...]) -> tuple[ast.TierLine, ...]:
    lines = []
    for at, tier in enumerate(members[:-1]):
        threshold = 80 - 20 * at
        also = condition(world, 1) if world.maybe(20) else None
        if isinstance(also, ast.Logic) and also.op == "or":
            also = ast.Group(also)
        keep = ast.Keep(world.maybe(), whole(threshold - 5)) if world.maybe(20) else None
        line = ast.TierLine(
            _plain(tier), world.label(), whole(threshold), world.maybe(), also, keep, notes=world.notes()
        )
        lines.append(line)
    return (*lines, ast.TierLine(_plain(members[-1]), world.label(), otherwise=True))


def _limit(world: World, members: tuple[str, ...]) -> ast.LimitLine:
    rule, floor, tier = world.rule(), world.maybe(), ast.Word(world.pick(members))
    at_once = not floor and world.maybe(20)
    return ast.LimitLine(rule, floor, tier, condition(world), world.label(), world.notes(), at_once)


def requirements(world: World, members: tuple[str, ...], figures: list[Known]) -> ast.Table:
    """A table of what each tier asks for, a row a tier; the last asks for nothing."""
    needed = world.some(figures, 1, 2)
    asked = [
        tuple(reversed(rising(world, known.kind, len(members) - 1, len(members) - 1))) for known in needed
    ]
    head = (
        ast.Heading("TIER_HEAD"),
        *(ast.Heading(expr=ref(known.word), bound="AT_LEAST") for known in needed),
    )
    rows = [
        ast.Row(
            (ast.ListCell((ref(tier),)), *(ast.ListCell((column[at],)) for column in asked)), world.notes()
        )
        for at, tier in enumerate(members[:-1])
    ]
    last = ast.Row((ast.ListCell((ref(members[-1]),)), *(ast.AnyCell() for _ in needed)))
    return ast.Table(head, (*rows, last), world.notes())


def alike(world: World) -> ast.TiersDecl | None:
    """A second ladder with the thresholds of the first, where there is one by a score."""
    name = world.name()
    ladders, scores = world.of("TIER"), world.of("SCORE")
    ladder = world.pick(ladders)
    world.known.append(Known(name.word.text, "TIER", ladder.members))
    return ast.TiersDecl(
        name, world.label(), ref(world.pick(scores).word), ast.Word(ladder.word), notes=world.notes()
    )
