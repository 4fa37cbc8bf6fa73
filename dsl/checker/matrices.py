"""The matrix of benefits: a column a tier, a row a benefit at a stage.

Each cell grants what it holds to its column's tier; cells of a row with the same value are one rule, so that
a customer of whom two such tiers are possible gets it for certain. All rules of a row share one name,
`benefits.LADDER.BENEFIT`, with the stage before the benefit where the benefit stands at several.

Better is the direction from the last tier to the first, as most of a row's steps have it: a discount grows, a
response time shrinks. A row in which a better tier is worse off than the next is reported, for it is hardly
ever meant.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise

from dsl import ast
from dsl.checker.context import Context, Symbol
from dsl.checker.describe import Slots, cell_slots, list_slots
from dsl.checker.names import fact_of, ladder_of, member_named, member_of, nearest
from dsl.messages import benefits as messages
from dsl.messages.types import ROW_CELLS
from dsl.model import Const, Expr, Read
from dsl.source import Span
from dsl.types import Kind, Member, Type


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One row, its cells not yet lowered: the benefit's type may only be known when all rows have been seen.

    `stages` are keys of the stage fact's values, empty for any stage; `cells` hold a cell a tier, best first.
    `broken` says that its stage, its header or the row as a whole has been reported: only its cells are still
    to be looked at.
    """

    benefit: Symbol
    label: ast.Label | None
    ladder: str
    tiers: tuple[Member, ...]
    fact: Read | None
    stages: tuple[str, ...]
    cells: tuple[ast.Cell, ...]
    span: Span
    broken: bool = False


@dataclass(frozen=True, slots=True)
class _Columns:
    """What stands where in a matrix's table."""

    benefit: int
    stage: int | None
    fact: Read | None
    # Each tier with its place, best first.
    tiers: tuple[tuple[Member, int], ...]
    # Whether something in the header has been reported: what stands under the rest is still looked at.
    broken: bool


def stage_facts(ctx: Context, nodes: list[ast.MatrixDecl]) -> tuple[str, ...]:
    """The keys of the facts that matrices stand `at`; what is wrong with them is reported with the matrix."""
    symbols = [ctx.symbols.get(node.at.text) for node in nodes if node.at is not None]
    return tuple(symbol.key for symbol in symbols if symbol is not None and symbol.of == "fact")


def rows_of(ctx: Context, node: ast.MatrixDecl) -> list[MatrixRow]:
    """The rows of all tables of one matrix, also those in which something has been reported."""
    ladder = ladder_of(ctx, node.ladder)
    fact = None if node.at is None else _stage_fact(ctx, node.at)
    if ladder is None or ladder.type is None:
        return []
    found: list[MatrixRow] = []
    for table in node.tables:
        columns = _columns(ctx, table, ladder, fact, node.at)
        if columns is not None:
            rows = [_row(ctx, table, row, columns, ladder) for row in table.rows]
            found.extend(row for row in rows if row is not None)
    repeated = _report_repeated(ctx, found)
    return [replace(row, broken=True) if row.span in repeated else row for row in found]


def _stage_fact(ctx: Context, word: ast.Word) -> Read | None:
    fact = fact_of(ctx, word)
    if fact is None or fact.type is None:
        return None
    if fact.type.kind is not Kind.ENUM:
        ctx.report.add(messages.STAGE_NOT_ENUM, word.span, fact=word.text)
        return None
    return Read("fact", fact.key, fact.type, word.span)


# ---------------------------------------------------------------- the header


def _columns(
    ctx: Context, table: ast.Table, ladder: Symbol, fact: Read | None, at_word: ast.Word | None
) -> _Columns | None:
    """Reads the header: `benefit`, the stage's fact where it is named, every tier once.

    `at_word` stands behind `at`; where it is no fact (`fact` is None), that has been said, and a column of
    that name is not reported again.
    """
    assert ladder.type is not None
    places: dict[str, int] = {}
    tiers: dict[str, int] = {}
    sound = at_word is None or fact is not None
    if all(heading.keyword != "BENEFIT_HEAD" for heading in table.head):
        # Then the column that should be headed so is a stranger, too: said once.
        ctx.report.add(messages.MATRIX_NO_BENEFIT, _head_span(table))
        return None
    for at, heading in enumerate(table.head):
        if heading.keyword == "BENEFIT_HEAD":
            here, name = places, "benefit"
        elif (member := _tier_of(ctx, heading, ladder.type)) is not None:
            here, name = tiers, member.key
        elif (stage := _fact_of_heading(ctx, heading, fact)) is not None:
            here, name, fact = places, "stage", stage
        else:
            if fact is not None or at_word is None or ctx.words(heading.span).strip() != at_word.text:
                _report_header(ctx, heading, ladder)
            sound = False
            continue
        if here.setdefault(name, at) != at:
            ctx.report.add(messages.MATRIX_COLUMN_TWICE, heading.span, header=ctx.words(heading.span).strip())
            sound = False
    sound = sound and _nothing_missing(ctx, table, ladder, fact, "stage" in places, tiers)
    order = tuple((member, tiers[member.key]) for member in ladder.type.members if member.key in tiers)
    stage = fact if "stage" in places else None
    return _Columns(places["benefit"], places.get("stage"), stage, order, not sound)


def _tier_of(ctx: Context, heading: ast.Heading, type: Type) -> Member | None:
    if isinstance(heading.expr, ast.Ref) and heading.bound is None:
        return member_named(ctx, heading.expr.word.text, type)
    return None


def _fact_of_heading(ctx: Context, heading: ast.Heading, fact: Read | None) -> Read | None:
    """The fact of the stages: the one after `at`, or without `at` any enumeration."""
    if not isinstance(heading.expr, ast.Ref) or heading.bound is not None:
        return None
    symbol = ctx.symbols.get(heading.expr.word.text)
    if symbol is None or symbol.of != "fact" or symbol.type is None or symbol.type.kind is not Kind.ENUM:
        return None
    if fact is not None and symbol.key != fact.key:
        return None
    return Read("fact", symbol.key, symbol.type, heading.span)


def _report_header(ctx: Context, heading: ast.Heading, ladder: Symbol) -> None:
    assert ladder.type is not None
    written = ctx.words(heading.span).strip()
    names = [member.name for member in ladder.type.members]
    ctx.report.add(
        messages.MATRIX_HEADER,
        heading.span,
        hint=nearest(ctx, written, names),
        header=written,
        ladder=ladder.name,
        **list_slots(tiers=names),
    )


def _head_span(table: ast.Table) -> Span:
    return table.head[0].span.to(table.head[-1].span)


def _nothing_missing(
    ctx: Context, table: ast.Table, ladder: Symbol, fact: Read | None, staged: bool, tiers: dict[str, int]
) -> bool:
    """A column for every tier, and one for the stage where the matrix stands `at` a fact."""
    assert ladder.type is not None
    missing = [member.name for member in ladder.type.members if member.key not in tiers]
    if missing:
        ctx.report.add(messages.MATRIX_TIER_MISSING, _head_span(table), **list_slots(tiers=missing))
    elif fact is not None and not staged:
        name = ctx.symbols[fact.key].name
        ctx.report.add(messages.MATRIX_NO_STAGE_COLUMN, _head_span(table), fact=name)
    else:
        return True
    return False


# ---------------------------------------------------------------- rows


def _row(ctx: Context, table: ast.Table, row: ast.Row, columns: _Columns, ladder: Symbol) -> MatrixRow | None:
    assert ladder.type is not None
    if len(row.cells) != len(table.head):
        ctx.report.add(ROW_CELLS, row.span, **cell_slots(len(row.cells), len(table.head)))
        return None
    named = _benefit_of_cell(ctx, row.cells[columns.benefit])
    stages: tuple[str, ...] | None = ()
    if columns.stage is not None and columns.fact is not None:
        stages = _stages_of_cell(ctx, row.cells[columns.stage], columns.fact)
    cells = tuple(row.cells[at] for _, at in columns.tiers)
    broken = columns.broken or stages is None
    if named is not None and not columns.broken and all(isinstance(cell, ast.AnyCell) for cell in cells):
        ctx.report.add(messages.ROW_ALL_NONE, row.span, benefit=named[0].name)
    if named is None:
        return None
    members = tuple(member for member, _ in columns.tiers)
    return MatrixRow(
        named[0], named[1], ladder.key, members, columns.fact, stages or (), cells, row.span, broken
    )


def _benefit_of_cell(ctx: Context, cell: ast.Cell) -> tuple[Symbol, ast.Label | None] | None:
    match cell:
        case ast.ListCell(items=(ast.Ref(word=word),), negated=False, label=label):
            symbol = ctx.symbols.get(word.text)
            # Another thing of that name has been reported as a name declared twice.
            return (symbol, label) if symbol is not None and symbol.of == "benefit" else None
        case _:
            ctx.report.add(messages.BENEFIT_CELL, cell.span)
            return None


def _stages_of_cell(ctx: Context, cell: ast.Cell, fact: Read) -> tuple[str, ...] | None:
    match cell:
        case ast.AnyCell():
            return ()
        case ast.ListCell(items=items, negated=False, label=None) if all(
            isinstance(item, ast.Ref) for item in items
        ):
            words = [item.word for item in items if isinstance(item, ast.Ref)]
            members = [member_of(ctx, word, fact.type) for word in words]
            return None if None in members else tuple(member.key for member in members if member)
        case _:
            values = list_slots(values=[member.name for member in fact.type.members])
            ctx.report.add(messages.STAGE_CELL, cell.span, fact=ctx.symbols[fact.key].name, **values)
            return None


def _report_repeated(ctx: Context, rows: list[MatrixRow]) -> set[Span]:
    """Reports a benefit that stands twice at one stage; the places of the later rows."""
    first: dict[tuple[str, str], Span] = {}
    repeated: set[Span] = set()
    for row in rows:
        for stage in () if row.broken else row.stages or ("",):
            other = first.setdefault((row.benefit.key, stage), row.span)
            if other is not row.span:
                where, where_zh = (
                    (f"at `{stage}`", f"在 `{stage}`") if stage else ("for any stage", "对任意阶段")
                )
                words: Slots = {"benefit": row.benefit.name, "where": where, "where_zh": where_zh}
                ctx.report.add(messages.BENEFIT_ROW_TWICE, row.span, also=(other,), **words)
                repeated.add(row.span)
    return repeated


def rule_names(rows: list[MatrixRow]) -> list[str]:
    """The rule of each row: `benefits.LADDER.BENEFIT`, and the stage where the benefit stands in several
    rows.
    """
    times = Counter((row.ladder, row.benefit.key) for row in rows)
    names = []
    for row in rows:
        stage = ""
        if times[row.ladder, row.benefit.key] > 1:
            stage = ("_".join(row.stages) or "any") + "."
        names.append(f"benefits.{row.ladder}.{stage}{row.benefit.key}")
    return names


# ---------------------------------------------------------------- direction


def direction(values: list[Expr | None]) -> int:
    """How many steps of a row, from a tier to the next better one, go up, less those that go down."""
    sizes = [_size(value) for value in values]
    steps = [(better, worse) for better, worse in pairwise(sizes) if better is not None and worse is not None]
    return sum((better > worse) - (better < worse) for better, worse in steps)


def report_turns(ctx: Context, row: MatrixRow, values: list[Expr | None], *, less_is_better: bool) -> None:
    """Warns of each tier that is worse off than the tier below it."""
    for at, (better, worse) in enumerate(pairwise(values)):
        mine, other = _size(better), _size(worse)
        turned = better is None and worse is not None
        if mine is not None and other is not None:
            turned = mine > other if less_is_better else mine < other
        if turned:
            names: Slots = {"better": row.tiers[at].name, "worse": row.tiers[at + 1].name}
            ctx.report.add(messages.ROW_TURNS, row.cells[at].span, benefit=row.benefit.name, **names)


def _size(value: Expr | None) -> Decimal | None:
    """What a granted constant is worth; None for what has no size, or none that is known yet."""
    if isinstance(value, Const) and isinstance(value.value, bool):
        return Decimal(value.value)
    return value.value if isinstance(value, Const) and isinstance(value.value, Decimal) else None
