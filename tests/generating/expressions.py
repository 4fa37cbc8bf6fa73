"""Well-typed expressions over what a generated policy has declared."""

from __future__ import annotations

from datetime import date

from dsl import ast
from tests.generating.world import COUNTS, DAYS, FIGURES, PERCENTS, SPANS, Known, World, number, whole

NUMERIC = ("WHOLE", "NUMBER_TYPE", "MONEY", "PERCENT", "DURATION")
_SIGNS: tuple[ast.Comparison, ...] = ("=", ">", ">=", "<", "<=")
_ORDERS: tuple[ast.Comparison, ...] = (
    *_SIGNS,
    "OVER",
    "BELOW",
    "AT_LEAST",
    "AT_MOST",
    "UP_TO",
    "OR_MORE",
    "OR_LESS",
)


def ref(word: str) -> ast.Ref:
    """A name used."""
    return ast.Ref(ast.Word(word))


def rising(world: World, kind: str, least: int, most: int, lists: bool = False) -> tuple[ast.Expr, ...]:
    """Constants of a kind, each greater than the one before."""
    match kind:
        case "DURATION":
            spans = world.some(SPANS, least, most)
            return tuple(ast.Quantity(whole(int(text)), unit) for text, unit in spans)
        case "DATE_TYPE":
            return tuple(ast.DateValue(date.fromisoformat(text)) for text in world.some(DAYS, least, most))
        case "WHOLE":
            pool: tuple[tuple[str, str], ...] = COUNTS
        case "PERCENT":
            pool = PERCENTS
        case _:
            pool = FIGURES
    plain = [entry for entry in pool if not (lists and "," in entry[0])]
    return tuple(number(*entry) for entry in world.some(plain, least, most))


def constant(world: World, known: Known) -> ast.Expr:
    """One value that a declared thing may have."""
    match known.kind:
        case "YES_NO":
            return ast.Truth(world.maybe())
        case "ONE_OF" | "TIER" | "LIST_OF":
            return ref(world.pick(known.members))
        case "TEXT_TYPE":
            return ast.TextValue(world.said())
        case _:
            return rising(world, known.kind, 1, 1)[0]


def condition(world: World, depth: int = 2) -> ast.Expr:
    """A condition over what has been declared; there is at least one fact."""
    if depth and world.maybe(30):
        return _joined(world, depth)
    if depth and world.maybe(15):
        inner = condition(world, depth - 1)
        return ast.Not(ast.Group(inner) if isinstance(inner, ast.Logic | ast.Not) else inner)
    return _plain(world, world.pick(world.known))


def _joined(world: World, depth: int) -> ast.Expr:
    op = "and" if world.maybe() else "or"
    items = tuple(condition(world, depth - 1) for _ in world.times(2, 3))
    grouped = tuple(ast.Group(item) if isinstance(item, ast.Logic) else item for item in items)
    return ast.Logic("and" if op == "and" else "or", grouped)


def _plain(world: World, known: Known) -> ast.Expr:
    name = ref(known.word)
    if known.optional and world.maybe(10):
        return ast.IsUnknown(name, world.maybe())
    match known.kind:
        case "YES_NO":
            return name if world.maybe() else ast.Compare("IS", name, ast.Truth(world.maybe()))
        case "LIST_OF":
            return ast.Contains(name, constant(world, known))
        case "TEXT_TYPE":
            return ast.Compare(world.pick(("IS", "IS_NOT", "=")), name, constant(world, known))
        case "ONE_OF" | "TIER":
            return _membership(world, known)
        case "DATE_TYPE":
            return _dated(world, name)
        case _:
            return _ordered(world, known)


def _membership(world: World, known: Known) -> ast.Expr:
    name = ref(known.word)
    if known.kind == "TIER" and world.maybe():
        tier = constant(world, known)
        return ast.Compare(world.pick(("AT_LEAST", "AT_MOST")), name, tier, worded=world.maybe())
    if world.maybe():
        items = tuple(ref(value) for value in world.some(known.members, 1, 3))
        if len(items) > 1:
            return ast.In(name, items, world.maybe())
    return ast.Compare(world.pick(("IS", "IS_NOT")), name, constant(world, known))


def _dated(world: World, name: ast.Ref) -> ast.Expr:
    day = rising(world, "DATE_TYPE", 1, 1)[0]
    match world.pick(("day", "since", "year", "edge", "plus")):
        case "since":
            since = world.pick(("DAYS_SINCE", "MONTHS_SINCE", "YEARS_SINCE"))
            return ast.Compare(world.pick(_SIGNS), ast.Calendar(since, name), whole(30))
        case "year":
            return ast.Compare(world.pick(_SIGNS), ast.Calendar("YEAR_OF", name), whole(2024))
        case "edge":
            edge = world.pick(("START_OF_MONTH", "END_OF_QUARTER", "START_OF_YEAR", "END_OF_MONTH"))
            return ast.Compare(world.pick(_SIGNS), ast.Calendar(edge, name), day)
        case "plus":
            unit = world.pick(("DAYS", "MONTHS", "WEEKS", "QUARTERS", "YEARS"))
            later = ast.Arith(world.pick(("+", "-")), name, ast.Quantity(whole(world.pick((1, 6))), unit))
            return ast.Compare(world.pick(_SIGNS), later, ast.Today())
        case _:
            return ast.Compare(world.pick(_SIGNS), name, day)


def _ordered(world: World, known: Known) -> ast.Expr:
    name = ref(known.word)
    if world.maybe(20):
        ends = rising(world, known.kind, 2, 2)
        return ast.Between(name, ends[0], ends[1])
    if known.kind == "WHOLE" and world.maybe(15):
        return ast.In(name, rising(world, "WHOLE", 2, 3, lists=True))
    if known.kind in ("WHOLE", "NUMBER_TYPE", "MONEY") and world.maybe(25):
        other = ref(world.pick([each.word for each in world.of(known.kind)]))
        return _calculated(world, name, other, known.kind)
    op = world.pick(_ORDERS)
    return ast.Compare(op, name, constant(world, known))


def _calculated(world: World, left: ast.Ref, right: ast.Ref, kind: str) -> ast.Expr:
    match world.pick(("ratio", "sum", "part", "least")):
        case "ratio":
            return ast.Compare(world.pick(_SIGNS), ast.Arith("/", left, right), whole(3))
        case "part":
            part = ast.Arith("*", ast.Negate(left), number("15%", "0.15"))
            return ast.Compare(world.pick(_SIGNS), part, right if kind != "WHOLE" else whole(7))
        case "least":
            return ast.Compare(
                world.pick(_SIGNS), ast.Extreme(world.pick(("min", "max")), (left, right)), left
            )
        case _:
            total = ast.Arith("-", left, ast.Group(ast.Arith("+", right, left)))
            return ast.Compare(world.pick(_SIGNS), total, rising(world, kind, 1, 1)[0])


def amount(world: World, kind: str) -> ast.Expr:
    """An expression of a numeric kind, for a derived value."""
    own = [ref(known.word) for known in world.of(kind)]
    if not own:
        return rising(world, kind, 1, 1)[0]
    first, second = world.pick(own), world.pick(own)
    match world.pick(("sum", "extreme", "scaled", "power", "quotient")):
        case "extreme":
            return ast.Extreme(
                world.pick(("min", "max")), (first, second, *rising(world, kind, 1, 1, lists=True))
            )
        case "scaled" if kind in ("NUMBER_TYPE", "MONEY"):
            return ast.Arith("*", number("15%", "0.15"), ast.Group(ast.Arith("-", first, second)))
        case "power" if kind == "NUMBER_TYPE":
            return ast.Arith("*", whole(2), ast.Arith("^", first, whole(1)))
        case "quotient" if kind in ("NUMBER_TYPE", "MONEY"):
            places = ast.Number("1", whole(1).value) if world.maybe() else whole(2)
            return ast.Rounded(ast.Arith("+", first, ast.Arith("/", second, whole(3))), places)
        case _:
            return ast.Arith(world.pick(("+", "-")), first, second)
