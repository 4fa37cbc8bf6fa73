"""Statements of generated policies that say what follows from a tier: choices, benefits, advice, examples."""

from __future__ import annotations

from datetime import date
from typing import Literal

from dsl import ast
from tests.generating.expressions import NUMERIC, condition, constant, ref, rising
from tests.generating.statements import band_table, value_table
from tests.generating.world import Known, World, whole

_BENEFIT_TYPES = ("PERCENT", "MONEY", "DURATION", "TEXT_TYPE", "YES_NO", "WHOLE")


def choice(world: World) -> ast.ChoiceDecl:
    """A segment or a choice: lines, or a table."""
    kind: Literal["SEGMENT", "CHOOSE"] = "SEGMENT" if world.maybe() else "CHOOSE"
    name, label = world.name(), world.label()
    if world.maybe(25):
        return ast.ChoiceDecl(kind, name, label, False, _texts(world), notes=world.notes())
    codes = world.codes()
    enumerations = world.of("ONE_OF")
    body: tuple[ast.OutcomeLine | ast.Table, ...]
    exactly = False
    by = world.pick(enumerations) if enumerations else None
    if by and world.maybe(40):
        codes = codes[: len(by.members)]
        outcomes = [ast.ListCell((ref(code),), label=world.label()) for code in codes]
        body = (value_table(world, by, outcomes, ast.Heading("OUTCOME")),)
    elif by and world.maybe(30):
        exactly, codes = True, codes[: len(by.members)]
        body = _one_a_value(by, codes)
    else:
        body = _outcomes(world, codes, kind == "SEGMENT")
    world.known.append(Known(name.word.text, "ONE_OF", codes, optional=False))
    return ast.ChoiceDecl(kind, name, label, exactly, body, notes=world.notes())


def _texts(world: World) -> tuple[ast.OutcomeLine, ...]:
    """Outcomes that have no code."""
    lines = [ast.OutcomeLine(None, None, None, world.outcome(), condition(world)) for _ in world.times(1, 2)]
    return (*lines, ast.OutcomeLine(None, None, None, world.outcome(), None, otherwise=True))


def _outcomes(world: World, codes: tuple[str, ...], owned: bool) -> tuple[ast.OutcomeLine, ...]:
    lines = []
    for at, code in enumerate(codes):
        last = at == len(codes) - 1
        owner = (ast.Option("OWNER", (world.said(),)),) if owned and world.maybe(30) else ()
        lines.append(
            ast.OutcomeLine(
                None,
                None,
                ast.Declared(ast.Word(code)),
                world.label(),
                None if last else condition(world),
                otherwise=last,
                options=owner,
                notes=world.notes(),
            )
        )
    return tuple(lines)


def _one_a_value(by: Known, codes: tuple[str, ...]) -> tuple[ast.OutcomeLine, ...]:
    lines = [
        ast.OutcomeLine(
            None, None, ast.Declared(ast.Word(code)), None, ast.Compare("IS", ref(by.word), ref(member))
        )
        for code, member in zip(codes[:-1], by.members, strict=False)
    ]
    last = ast.OutcomeLine(None, None, ast.Declared(ast.Word(codes[-1])), None, None, otherwise=True)
    return (*lines[: len(by.members) - 1], last)


def tags(world: World) -> ast.ChoiceDecl:
    """Tags with texts for outcomes."""
    lines = tuple(
        ast.OutcomeLine(None, None, None, world.outcome(), condition(world), notes=world.notes())
        for _ in world.times(1, 3)
    )
    return ast.ChoiceDecl("TAGS", world.name(), world.label(), body=lines, notes=world.notes())


def benefit(world: World) -> ast.BenefitDecl:
    """A benefit with options, given outright, by lines or by a table."""
    name, label, kind = world.name(), world.label(), world.pick(_BENEFIT_TYPES)
    amount = constant(world, Known("", kind))
    options = _benefit_options(world, kind)
    figures = world.free(*NUMERIC)
    body: tuple[ast.OutcomeLine | ast.Table, ...] = ()
    value: ast.Expr | None = None
    match world.pick(("value", "lines", "table")):
        case "lines":
            body = tuple(
                ast.OutcomeLine(
                    world.rule(),
                    constant(world, Known("", kind)),
                    None,
                    None,
                    condition(world),
                    label=world.label(),
                    notes=world.notes(),
                )
                for _ in world.times(1, 2)
            )
        case "table" if figures and kind in NUMERIC:
            body = (band_table(world, world.pick(figures), kind, ref(name.word.text)),)
        case _:
            value = amount
    return ast.BenefitDecl(name, ast.TypeName(kind), value, label, options, body, notes=world.notes())


def _benefit_options(world: World, kind: str) -> tuple[ast.Option, ...]:
    found = []
    ladders = world.of("TIER")
    if ladders and world.maybe(40):
        found.append(
            ast.Option("FOR", tuple(ast.Word(tier) for tier in world.some(ladders[0].members, 1, 2)))
        )
    if world.maybe(25):
        found.append(ast.Option("WHEN", (condition(world),)))
    if world.maybe(20):
        found.append(ast.Option("FROM", rising(world, "DATE_TYPE", 1, 2)))
    if world.maybe(20):
        found.append(
            ast.Option(world.pick(("PER_YEAR", "PER_QUARTER", "PER_MONTH")), (whole(world.pick((1, 2))),))
        )
    if kind in NUMERIC and world.maybe(25):
        found.append(ast.Option(world.pick(("BEST_OF", "SUM_OF"))))
        if world.maybe():
            found.append(ast.Option("LESS_IS_BETTER"))
    return tuple(found)


def matrix(world: World) -> ast.MatrixDecl:
    """A benefit matrix of a ladder, at the values of an enumerated fact where there is one."""
    ladder = world.pick(world.of("TIER"))
    at = next((known for known in world.known if known.kind == "ONE_OF" and known.optional), None)
    head = [*([ast.Heading(expr=ref(at.word))] if at else []), ast.Heading("BENEFIT_HEAD")]
    head.extend(ast.Heading(expr=ref(tier)) for tier in ladder.members)
    rows = []
    for _ in world.times(1, 3):
        kind = world.pick(("PERCENT", "DURATION", "TEXT_TYPE", "YES_NO"))
        stage: list[ast.Cell] = [ast.ListCell((ref(world.pick(at.members)),))] if at else []
        name = ast.ListCell((ast.Ref(world.name().word),), label=world.label())
        cells = (_granted(world, kind) for _ in ladder.members[1:])
        rows.append(
            ast.Row((*stage, name, ast.ListCell((constant(world, Known("", kind)),)), *cells), world.notes())
        )
    table = ast.Table(tuple(head), tuple(rows), world.notes())
    return ast.MatrixDecl(
        ast.Word(ladder.word), ast.Word(at.word) if at else None, (table,), notes=world.notes()
    )


def _granted(world: World, kind: str) -> ast.Cell:
    return ast.AnyCell() if world.maybe(25) else ast.ListCell((constant(world, Known("", kind)),))


def advise(world: World) -> ast.AdviseDecl:
    """A piece of advice."""
    role: ast.Word | ast.Label | None = world.said() if world.maybe() else None
    priority = whole(world.pick((1, 2, 3))) if world.maybe() else None
    when = condition(world) if world.maybe(80) else None
    return ast.AdviseDecl(world.outcome(), role, priority, when, notes=world.notes())


def example(world: World, facts: list[Known]) -> ast.ExampleDecl:
    """An example that gives some facts and expects a tier to be among all there are."""
    lines = [given_line(world, facts)]
    ladders = world.of("TIER")
    if ladders:
        ladder = world.pick(ladders)
        among = tuple(ref(tier) for tier in ladder.members)
        lines.append(ast.BindingLine("expect", (ast.Binding(ast.Word(ladder.word), "IN", among),)))
    on = ast.DateValue(date(2026, 6, 30)) if world.maybe(30) else None
    return ast.ExampleDecl(world.outcome(), on, tuple(lines), notes=world.notes())


def given_line(world: World, facts: list[Known]) -> ast.BindingLine:
    """A line that gives some facts."""
    given = tuple(
        ast.Binding(ast.Word(known.word), "IS" if world.maybe() else "=", _given(world, known))
        for known in world.some(facts, 1, 3)
    )
    return ast.BindingLine("given", given, world.notes())


def _given(world: World, known: Known) -> tuple[ast.Expr, ...]:
    if known.kind == "LIST_OF":
        return tuple(ref(member) for member in world.some(known.members, 1, 2))
    if known.kind in ("ONE_OF", "YES_NO", "TEXT_TYPE"):
        return (constant(world, known),)
    return (rising(world, known.kind, 1, 1, lists=True)[0],)
