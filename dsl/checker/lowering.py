"""Every statement to its part of the model, each by the pass that knows it.

Facts and parameters come first, for bounds and dated values are wanted early; then values whose type is not
written, in the order in which they read each other; then the rest as it stands.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from dsl import ast, model
from dsl.checker.advice import lower_advice
from dsl.checker.benefits import lower_benefits
from dsl.checker.choices import lower_choice, lower_tags
from dsl.checker.context import Context, Symbol
from dsl.checker.dependencies import in_reading_order
from dsl.checker.examples import lower_example
from dsl.checker.facts import lower_fact, lower_param
from dsl.checker.ladders import lower_tiers
from dsl.checker.movement import lower_movements, moving_ladders
from dsl.checker.over_time import check_over_time
from dsl.checker.scores import lower_score
from dsl.checker.values import lower_value

Computed = ast.ValueDecl | ast.ScoreDecl | ast.TiersDecl | ast.ChoiceDecl


@dataclass(slots=True)
class Parts:
    """The parts of the model, by their keys, in the order of the file."""

    facts: dict[str, model.Fact] = field(default_factory=dict)
    params: dict[str, model.Param] = field(default_factory=dict)
    values: dict[str, model.DerivedValue] = field(default_factory=dict)
    scores: dict[str, model.Score] = field(default_factory=dict)
    ladders: dict[str, model.Ladder] = field(default_factory=dict)
    choices: dict[str, model.Choice] = field(default_factory=dict)
    tags: dict[str, model.Tags] = field(default_factory=dict)
    benefits: dict[str, model.Benefit] = field(default_factory=dict)
    advice: list[model.Advice] = field(default_factory=list)
    examples: list[model.Example] = field(default_factory=list)
    over_time: list[ast.OverTime] = field(default_factory=list)
    movements: dict[str, model.Movement] = field(default_factory=dict)


def lower_statements(ctx: Context, brought_in: Iterable[ast.FactDecl | ast.SetDecl]) -> Parts:
    """Lowers facts and parameters, then what is computed, then benefits, advice and examples, which nothing
    reads.
    """
    parts = Parts()
    ctx.moving = moving_ladders(ctx)
    statements: list[ast.AnyStatement] = [*brought_in, *ctx.policy.statements]
    for node in statements:
        if isinstance(node, ast.FactDecl | ast.SetDecl):
            _lower_known(ctx, parts, node)
    _lower_computed(ctx, parts)
    granting = [node for node in statements if isinstance(node, ast.BenefitDecl | ast.MatrixDecl)]
    parts.benefits = lower_benefits(ctx, granting)
    parts.movements = lower_movements(ctx)
    for node in ctx.policy.statements:
        match node:
            case ast.AdviseDecl():
                advice = lower_advice(ctx, node)
                parts.advice += [advice] if advice else []
            case ast.ExampleDecl():
                example = lower_example(ctx, node)
                parts.examples += [example] if example else []
            case ast.OverTime(kind="LIFECYCLE" | "EVENT" | "WATCH"):
                check_over_time(ctx, node)
                parts.over_time.append(node)
            case _:
                continue
    return parts


def symbol_of_statement(ctx: Context, node: Computed | ast.FactDecl | ast.SetDecl) -> Symbol | None:
    """The symbol that a statement declares; None where its name was taken, which has been reported."""
    symbol = ctx.symbols.get(node.name.word.text)
    return symbol if symbol is not None and symbol.node is node else None


def _lower_known(ctx: Context, parts: Parts, node: ast.FactDecl | ast.SetDecl) -> None:
    symbol = symbol_of_statement(ctx, node)
    if symbol is None:
        return
    match node:
        case ast.FactDecl():
            fact = lower_fact(ctx, node, symbol)
            if fact is not None:
                parts.facts[fact.key] = fact
        case ast.SetDecl():
            param = lower_param(ctx, node, symbol)
            if param is not None:
                parts.params[param.key] = param


def _lower_computed(ctx: Context, parts: Parts) -> None:
    """Values, scores, ladders, choices and tags; `ctx.owner` says whose readings are being noted."""
    nodes = [node for node in ctx.policy.statements if isinstance(node, Computed)]
    untyped = [node for node in nodes if isinstance(node, ast.ValueDecl) and node.type is None]
    unique = [node for node in untyped if symbol_of_statement(ctx, node)]
    early = in_reading_order(ctx, unique)
    # Compared by identity: comparing trees would be slow, and two values may well look alike.
    done = {id(node) for node in early}
    for node in [*early, *(node for node in nodes if id(node) not in done)]:
        symbol = symbol_of_statement(ctx, node)
        if symbol is not None:
            ctx.owner = symbol.key
            _lower_one(ctx, parts, node, symbol)
    ctx.owner = ""
    in_file = {symbol.key: at for at, node in enumerate(nodes) if (symbol := symbol_of_statement(ctx, node))}
    parts.values = dict(sorted(parts.values.items(), key=lambda item: in_file[item[0]]))


def _lower_one(ctx: Context, parts: Parts, node: Computed, symbol: Symbol) -> None:
    match node:
        case ast.ValueDecl():
            value = lower_value(ctx, node, symbol)
            if value is not None:
                parts.values[value.key] = value
        case ast.ScoreDecl():
            score = lower_score(ctx, node, symbol)
            if score is not None:
                parts.scores[score.key] = score
        case ast.TiersDecl():
            ladder = lower_tiers(ctx, node)
            if ladder is not None:
                parts.ladders[ladder.key] = ladder
        case ast.ChoiceDecl(kind="TAGS"):
            tags = lower_tags(ctx, node)
            if tags is not None:
                parts.tags[tags.key] = tags
        case ast.ChoiceDecl():
            choice = lower_choice(ctx, node)
            if choice is not None:
                parts.choices[choice.key] = choice
