"""Drives the parse tables that Lark made of `grammar.lark` (see `dsl.tables`).

This is the textbook LALR(1) loop: look up the state and the next token; shift it, or reduce a rule by handing its children to the
builder's method of that name. `$END` closes a line.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from dsl.lexer import Token

END = "$END"


class Inline(list[Any]):
    """The children of a rule that leaves no node of its own: they become its parent's."""


@dataclass(frozen=True)
class Rule:
    """One production: the builder's method, the symbol it makes, how many children it takes.

    `kind` 0 calls the method, 1 hands a single child through, 2 hands the children to the parent.
    """

    name: str
    origin: str
    size: int
    kind: int


@dataclass(frozen=True)
class Tables:
    """`states[n]` maps a symbol to what to do: a state to go to, or `~r` to reduce rule r."""

    rules: tuple[Rule, ...]
    starts: dict[str, int]
    ends: dict[str, int]
    states: tuple[dict[str, int], ...]


@cache
def tables() -> Tables:
    """The tables of the grammar, read once."""
    data = json.loads(Path(__file__).with_name("grammar.json").read_text("utf-8"))
    rules = tuple(Rule(*row) for row in data["rules"])
    return Tables(rules, data["starts"], data["ends"], tuple(data["states"]))


class Unexpected(Exception):
    """A token that cannot stand where it does (None: the line's end), and the terminals that could."""

    def __init__(self, token: Token | None, expected: frozenset[str]) -> None:
        self.token = token
        self.expected = expected


def parse(start: str, tokens: Sequence[Token], build: Callable[[Rule, list[Any]], Any]) -> Any:
    """What `build` makes of a line that is a `start`; raises Unexpected at the first token that cannot stand."""
    table = tables()
    states, rules = table.states, table.rules
    stack, values = [table.starts[start]], []
    final = table.ends[start]
    for token in [*tokens, None]:
        type = END if token is None else token.type
        while True:
            action = states[stack[-1]].get(type)
            if action is None:
                raise Unexpected(token, _acceptable(table, stack))
            if action >= 0:
                stack.append(action)
                values.append(token)
                break
            rule = rules[~action]
            children: list[Any] = []
            if rule.size:
                children = _flat(values[-rule.size :])
                del stack[-rule.size :], values[-rule.size :]
            stack.append(states[stack[-1]][rule.origin])
            values.append(_value(rule, children, build))
            if token is None and stack[-1] == final:
                return values[-1]
    raise AssertionError("the tables have no end")


def _value(rule: Rule, children: list[Any], build: Callable[[Rule, list[Any]], Any]) -> Any:
    if rule.kind == 2:
        return Inline(children)
    if rule.kind == 1 and len(children) == 1:
        return children[0]
    return build(rule, children)


def _flat(values: list[Any]) -> list[Any]:
    if not any(type(value) is Inline for value in values):
        return values
    flat: list[Any] = []
    for value in values:
        if type(value) is Inline:
            flat.extend(value)
        else:
            flat.append(value)
    return flat


def _acceptable(table: Tables, stack: list[int]) -> frozenset[str]:
    """The terminals that really could come next: those whose reductions end in a shift (LALR lookaheads promise more)."""
    return frozenset(
        symbol
        for symbol in table.states[stack[-1]]
        if symbol.upper() == symbol and _shifts(table, list(stack), symbol)
    )


def _shifts(table: Tables, stack: list[int], symbol: str) -> bool:
    while True:
        action = table.states[stack[-1]].get(symbol)
        if action is None:
            return False
        if action >= 0:
            return True
        rule = table.rules[~action]
        if rule.size:
            del stack[-rule.size :]
        stack.append(table.states[stack[-1]][rule.origin])
        if symbol == END and stack[-1] in table.ends.values():
            return True
