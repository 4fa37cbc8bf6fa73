"""Benefits: declarations and matrices to one list of rules for each benefit.

A benefit may be declared by itself, with its value or with lines, or by standing in a matrix, or both: then
the declaration's type and what it restricts hold for the rows of the matrix too. Every way of granting ends
as a `Grant`, in the order written.

What several rules that hold come to: the first of them, unless the benefit says `best of` or `sum of`. Rules
that can meet are reported, for their order may be an accident; not so the rows of a table, lines that end in
`otherwise`, and a special case above the general one, which are plainly meant to be read from the top.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations, islice

from dsl import ast
from dsl.checker import bounds
from dsl.checker.benefit_grants import cell_value, declared_grants, look_for_problems, row_grants
from dsl.checker.benefit_options import Restriction, Terms, terms_of
from dsl.checker.cases import implies
from dsl.checker.context import Context, Symbol, text
from dsl.checker.declared_types import declared_type
from dsl.checker.describe import Slots, slots
from dsl.checker.matrices import MatrixRow, direction, report_turns, rows_of, rule_names, stage_facts
from dsl.messages import benefits as messages
from dsl.model import Benefit, Expr, Grant, Not, Text
from dsl.source import Span
from dsl.types import DATE, DURATION, MONEY, NUMBER, PERCENT, PERIOD, TEXT, YES_NO, Kind, Type

# Pairs of rules that are compared: more than any policy has, bounded for a hostile text.
MOST_PAIRS = 20_000

_PLAIN = {each.kind: each for each in (YES_NO, NUMBER, MONEY, PERCENT, DURATION, PERIOD, DATE, TEXT)}
_COUNTED = frozenset({Kind.NUMBER, Kind.WHOLE})
_COMBINED = frozenset({Kind.NUMBER, Kind.WHOLE, Kind.MONEY, Kind.PERCENT, Kind.DURATION, Kind.PERIOD})


@dataclass(slots=True)
class _Gathered:
    """A benefit while its statements are being gathered. `sound` turns false once a problem in it has been
    reported.
    """

    symbol: Symbol
    declared: ast.BenefitDecl | None = None
    rows: list[MatrixRow] = field(default_factory=list)
    terms: Terms = field(default_factory=Terms)
    type: Type | None = None
    sound: bool = True


def lower_benefits(ctx: Context, nodes: list[ast.BenefitDecl | ast.MatrixDecl]) -> dict[str, Benefit]:
    """Every benefit of the policy by its key; those with problems, which have been reported, are left out."""
    gathered = _gather(ctx, nodes)
    matrices = [node for node in nodes if isinstance(node, ast.MatrixDecl)]
    facts = stage_facts(ctx, matrices)
    names = _rules([row for each in gathered.values() for row in each.rows])
    found: dict[str, Benefit] = {}
    for each in gathered.values():
        _read_declaration(ctx, each, facts)
    for each in gathered.values():
        benefit = _lower(ctx, each, names, facts)
        if benefit is not None:
            found[benefit.key] = benefit
    _check_rings(ctx, gathered)
    return found


def _gather(ctx: Context, nodes: list[ast.BenefitDecl | ast.MatrixDecl]) -> dict[str, _Gathered]:
    """Declarations and rows by benefit, in the order in which a benefit is first mentioned."""
    found: dict[str, _Gathered] = {}
    for node in nodes:
        match node:
            case ast.BenefitDecl():
                symbol = ctx.symbols.get(node.name.word.text)
                if symbol is not None and symbol.node is node:
                    found.setdefault(symbol.key, _Gathered(symbol)).declared = node
            case ast.MatrixDecl():
                for row in rows_of(ctx, node):
                    found.setdefault(row.benefit.key, _Gathered(row.benefit)).rows.append(row)
    return found


def _rules(rows: list[MatrixRow]) -> dict[Span, str]:
    """The rule name of each row, by its place."""
    return {row.span: name for row, name in zip(rows, rule_names(rows), strict=True)}


# ---------------------------------------------------------------- types and terms


def _read_declaration(ctx: Context, each: _Gathered, facts: tuple[str, ...]) -> None:
    """The declared type and options; a benefit without a declaration takes its type from the cells of its
    rows.
    """
    node = each.declared
    if node is not None:
        if node.type is not None:
            each.type = declared_type(ctx, node.type, node.name)
            each.sound = each.type is not None
        elif node.value is None and not node.body and not each.rows:
            # `benefit free_delivery "Free delivery", for A` is simply granted.
            each.type = YES_NO
        terms = terms_of(ctx, node, facts)
        each.terms, each.sound = terms or each.terms, each.sound and terms is not None
    if each.type is None and each.sound:
        each.type = _inferred(ctx, each)
        each.sound = each.type is not None
    each.symbol.type, each.symbol.broken = each.type, not each.sound
    if each.sound:
        _check_combine(ctx, each)


def _inferred(ctx: Context, each: _Gathered) -> Type | None:
    """The type that all values of a benefit have, a plain number beside money counting as money."""
    found: Type | None = None
    failed = False
    for node in _values(each):
        value = cell_value(ctx, node, None)
        if value is None:
            failed = True
        elif found is None or (value.type.kind is not found.kind and _widens(found, value.type)):
            found = _plain(value.type)
        elif value.type.kind is not found.kind and not _widens(value.type, found):
            words = slots(kind=found, other=value.type)
            ctx.report.add(messages.CELLS_DIFFER, node.span, benefit=each.symbol.name, **words)
            failed = True
    if found is None and not failed:
        ctx.report.add(messages.GRANTS_NOTHING, each.symbol.span, benefit=each.symbol.name)
    return None if failed else found


def _values(each: _Gathered) -> Iterator[ast.Expr | ast.Cell]:
    """Everything that a benefit grants, as written."""
    if each.declared is not None and each.declared.value is not None:
        yield each.declared.value
    for line in each.declared.body if each.declared is not None else ():
        match line:
            case ast.OutcomeLine(value=value) if value is not None:
                yield value
            case ast.Table(rows=rows):
                yield from (row.cells[-1] for row in rows if not isinstance(row.cells[-1], ast.AnyCell))
            case _:
                continue
    for row in each.rows:
        yield from (cell for cell in row.cells if not isinstance(cell, ast.AnyCell))


def _widens(narrow: Type, wide: Type) -> bool:
    """Whether a value of the first type may stand among values of the second."""
    return narrow.kind in _COUNTED and wide.kind in (Kind.NUMBER, Kind.MONEY)


def _plain(type: Type) -> Type:
    """The type that a value gives its benefit: a literal's own width says nothing, and `4` may be `4.5` in
    the next version.
    """
    return NUMBER if type.kind is Kind.WHOLE else _PLAIN.get(type.kind, type)


def _check_combine(ctx: Context, each: _Gathered) -> None:
    node, type = each.declared, each.type
    if node is None or type is None or type.kind in _COMBINED:
        return
    for option in node.options:
        words = slots(kind=type)
        if option.kind in ("BEST_OF", "SUM_OF"):
            written = ctx.words(option.span)
            ctx.report.add(messages.CANNOT_COMBINE, option.span, option=written, **words)
            each.sound = False
        elif option.kind == "LESS_IS_BETTER":
            ctx.report.add(messages.LESS_OF_TEXT, option.span, **words)
            each.sound = False


# ---------------------------------------------------------------- one benefit


def _lower(ctx: Context, each: _Gathered, names: dict[Span, str], facts: tuple[str, ...]) -> Benefit | None:
    if not each.sound or each.type is None:
        _look_on(ctx, each, facts)
        return None
    # Rules by the statement or the row that they come from, in the order written.
    groups: list[tuple[Span, list[Grant]]] = []
    if each.declared is not None:
        own = declared_grants(
            ctx, each.declared, each.symbol.key, each.type, each.terms, facts, not each.rows
        )
        if own is None:
            each.sound = False
        else:
            groups += _own_groups(each.declared, own)
    turn = 0
    for row in each.rows:
        values = [_cell(ctx, cell, each.type) for cell in row.cells]
        restriction = None if row.broken else _row_restriction(ctx, each, row)
        if restriction is None or any(
            value is None and not isinstance(cell, ast.AnyCell)
            for value, cell in zip(values, row.cells, strict=True)
        ):
            each.sound = False
            continue
        steps = direction(values)
        turn += steps
        less = each.terms.less_is_better or steps < 0
        report_turns(ctx, row, values, less_is_better=less)
        groups.append((row.span, row_grants(row, values, names[row.span], restriction)))
    groups.sort(key=lambda group: (group[0].file, group[0].start))
    if each.terms.combine == "first":
        _check_meeting(ctx, each, groups)
    return _benefit(each, tuple(grant for _, grants in groups for grant in grants), less=turn < 0)


def _look_on(ctx: Context, each: _Gathered, facts: tuple[str, ...]) -> None:
    """What else is wrong with a benefit of which something has been reported."""
    if each.declared is not None:
        look_for_problems(ctx, each.declared, each.symbol.key, each.type, facts)
    if each.type is not None:
        for row in each.rows:
            for cell in row.cells:
                _cell(ctx, cell, each.type)


def _own_groups(node: ast.BenefitDecl, grants: list[Grant]) -> list[tuple[Span, list[Grant]]]:
    """The rules of a declaration as what may meet: each line by itself, for nothing says which of two should
    come first.

    A table is read from the top, and so are lines that end in a rule for all the rest.
    """
    last = node.body[-1] if node.body else None
    if (
        not isinstance(last, ast.OutcomeLine)
        or last.otherwise
        or (last.condition is None and not last.options)
        or any(isinstance(line, ast.Table) for line in node.body)
    ):
        return [(node.span, grants)]
    by_line: dict[Span, list[Grant]] = {}
    for grant in grants:
        by_line.setdefault(grant.span, []).append(grant)
    return list(by_line.items())


def _cell(ctx: Context, cell: ast.Cell, type: Type) -> Expr | None:
    return None if isinstance(cell, ast.AnyCell) else cell_value(ctx, cell, type)


def _benefit(each: _Gathered, grants: tuple[Grant, ...], *, less: bool) -> Benefit | None:
    if not each.sound or each.type is None:
        return None
    terms, node = each.terms, each.declared
    return Benefit(
        name=each.symbol.name,
        key=each.symbol.key,
        label=_label(each),
        span=each.symbol.span if node is None else node.span,
        type=each.type,
        grants=grants,
        combine=terms.combine,
        less_is_better=terms.less_is_better or less,
        quota=terms.quota,
        not_with=terms.not_with,
    )


def _label(each: _Gathered) -> Text | None:
    """The declaration's label, else the first that stands in a row."""
    labels = [each.declared.label if each.declared else None, *(row.label for row in each.rows)]
    return next((text(label) for label in labels if label is not None), None)


def _row_restriction(ctx: Context, each: _Gathered, row: MatrixRow) -> Restriction | None:
    """What a declaration asks of the rows of a matrix; the matrix itself says for which tiers."""
    outer = each.terms.restriction
    name = each.symbol.name
    if outer.tiers is not None and each.declared is not None:
        ctx.report.add(messages.FOR_IN_MATRIX, each.declared.span, also=(row.span,), benefit=name)
        return None
    declared = {stage for _, stage in outer.stages}
    others = [stage for stage in row.stages if declared and stage not in declared]
    if others:
        words: Slots = {"declared": ", ".join(sorted(declared)), "stage": others[0]}
        ctx.report.add(messages.AT_OTHER_STAGE, row.span, benefit=name, **words)
        return None
    return outer


# ---------------------------------------------------------------- rules that meet


def _check_meeting(ctx: Context, each: _Gathered, groups: list[tuple[Span, list[Grant]]]) -> None:
    """Warns once where rules of different statements, lines or rows can hold together."""
    own = {line.span for line in each.declared.body} if each.declared is not None else set()
    staged = [(span, grants, _stages(grants)) for span, grants in groups]
    for (first_span, first, here), (span, second, there) in islice(combinations(staged, 2), MOST_PAIRS):
        # Most rows of a matrix differ by their stage: that is seen without comparing every rule.
        if here is not None and there is not None and here.isdisjoint(there):
            continue
        lines = first_span in own and span in own
        if any(
            _can_meet(ctx, one, other) and not (lines and _is_special_case(ctx, one, other))
            for one in first
            for other in second
        ):
            ctx.report.add(messages.GRANTED_TWICE, span, also=(first_span,), benefit=each.symbol.name)
            return


def _stages(grants: list[Grant]) -> set[str] | None:
    """The stages that some rules are for, when all of them are for stages of one fact."""
    facts = {grant.stage[0].key if grant.stage else "" for grant in grants}
    if len(facts) != 1 or "" in facts:
        return None
    return {f"{grant.stage[0].key}.{grant.stage[1]}" for grant in grants if grant.stage}


def _can_meet(ctx: Context, one: Grant, other: Grant) -> bool:
    """Whether two rules grant different things and are not visibly for different stages, tiers, days or customers."""
    if one.value == other.value:
        return False
    if (
        one.stage
        and other.stage
        and one.stage[0].key == other.stage[0].key
        and one.stage[1] != other.stage[1]
    ):
        return False
    same_ladder = one.ladder == other.ladder and one.tiers is not None and other.tiers is not None
    if same_ladder and not set(one.tiers or ()) & set(other.tiers or ()):
        return False
    for early, late in ((one, other), (other, one)):
        if early.end is not None and late.start is not None and early.end < late.start:
            return False
    if one.condition is None or other.condition is None:
        return True
    opposite = Not(other.condition, YES_NO)
    return not implies(one.condition, opposite, lambda read: bounds.of(ctx, read))


def _is_special_case(ctx: Context, one: Grant, other: Grant) -> bool:
    """Whether the first of two lines asks for more than the second: then it plainly comes first on purpose."""
    if one.condition is None or other.condition is None:
        return False
    return implies(one.condition, other.condition, lambda read: bounds.of(ctx, read))


def _check_rings(ctx: Context, gathered: dict[str, _Gathered]) -> None:
    """`not with` goes one way: in a ring, nobody could say which benefit stays."""
    done: set[str] = set()
    for start in gathered:
        path: list[str] = []
        ring = _ring_from(start, gathered, path, done)
        if ring:
            names = [gathered[key].symbol.name for key in ring]
            shown = " → ".join(f"`{name}`" for name in [*names, names[0]])
            spans = [gathered[key].symbol.span for key in ring]
            ctx.report.add(messages.NOT_WITH_RING, spans[0], also=spans[1:], ring=shown)


def _ring_from(start: str, gathered: dict[str, _Gathered], path: list[str], done: set[str]) -> list[str]:
    """The first ring that is met on the way from a benefit; every benefit is visited once over all calls."""
    stack: list[tuple[str, Iterator[str]]] = []

    def enter(key: str) -> None:
        path.append(key)
        stack.append((key, iter(gathered[key].terms.not_with if key in gathered else ())))

    if start in done:
        return []
    enter(start)
    while stack:
        key, others = stack[-1]
        other = next(others, None)
        if other is None:
            done.add(key)
            path.pop()
            stack.pop()
        elif other in path:
            done.update(path)
            return path[path.index(other) :]
        elif other not in done:
            enter(other)
    return []
