"""Lark turns `grammar.lark` into parse tables, once, when the grammar changes: `python -m dsl.tables`.

The tables are kept beside the grammar as JSON and driven by `dsl.lalr`: importing Lark and building this grammar costs over a second, reading
the tables some 10 ms, and a command pays that at every start. A test holds that the tables are the grammar's, and that Lark's own
parser reads every policy to the same tree.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lark import Lark
from lark.grammar import Rule
from lark.lexer import Lexer, TerminalDef

GRAMMAR = Path(__file__).with_name("grammar.lark")
TABLES = Path(__file__).with_name("grammar.json")


class TokenLexer(Lexer):
    """Hands Lark the tokens that it is given: cutting text into them is the job of `dsl.lexer`."""

    def __init__(self, _conf: object) -> None:
        pass

    def lex(self, data: Any) -> Iterator[Any]:  # type: ignore[override]
        return iter(data)


def start_rules(grammar: str) -> list[str]:
    """The rules that a whole line may be."""
    names = re.findall(r"^\??([a-z_]+):", grammar, re.MULTILINE)
    lines = [name for name in names if name.endswith(("_head", "_line"))]
    return [
        *(name for name in lines if name not in ("tier_line", "limit_line", "binding_line", "step_line")),
        "head_row",
        "row",
    ]


def build(strict: bool = True) -> Lark:
    """The grammar as Lark's parser; `strict` refuses a shift/reduce conflict instead of resolving it in silence."""
    grammar = GRAMMAR.read_text("utf-8")
    bare = re.sub(r"//.*", "", grammar)
    terminals = sorted(set(re.findall(r"\b[A-Z][A-Z_]+\b", bare)))
    return Lark(
        f"{grammar}\n%declare {' '.join(terminals)}\n",
        parser="lalr",
        lexer=TokenLexer,
        start=start_rules(bare),
        strict=strict,
        keep_all_tokens=True,
        maybe_placeholders=False,
    )


def tables(parser: Lark) -> dict[str, Any]:
    """The tables as plain data; see `dsl.lalr.Tables` for their meaning.

    Lark numbers rules and states as its sets happen to fall; here they are numbered by what they are, so that one grammar gives one file.
    """
    data, memo = parser.memo_serialize([TerminalDef, Rule])
    table = data["parser"]["parser"]
    found = {key: rule for key, rule in memo.items() if rule["__type__"] == "Rule"}
    ordered = sorted(found, key=lambda key: _dump([_row(found[key]), found[key]["expansion"]]))
    rule_number = {key: number for number, key in enumerate(ordered)}
    names = table["tokens"]
    states = {
        state: {
            names[token]: ~rule_number[arg["@"]] if action else arg
            for token, (action, arg) in actions.items()
        }
        for state, actions in table["states"].items()
    }
    number = _numbered(states, table["start_states"])
    return {
        "rules": [_row(found[key]) for key in ordered],
        "starts": {name: number[state] for name, state in table["start_states"].items()},
        "ends": {name: number[state] for name, state in table["end_states"].items()},
        "states": [
            {symbol: number[to] if to >= 0 else to for symbol, to in states[state].items()}
            for state in sorted(number, key=lambda state: number[state])
        ],
    }


def _row(rule: dict[str, Any]) -> list[Any]:
    origin = rule["origin"]["name"]
    expand = bool(rule["options"] and rule["options"]["expand1"]) and not rule["alias"]
    return [
        rule["alias"] or origin,
        origin,
        len(rule["expansion"]),
        2 if origin.startswith("_") else int(expand),
    ]


def _numbered(states: dict[int, dict[str, int]], starts: dict[str, int]) -> dict[int, int]:
    """States in the order in which they are reached, start rules and symbols by name."""
    number: dict[int, int] = {}
    waiting = [starts[name] for name in sorted(starts)]
    for state in waiting:  # grows while it is walked
        if state not in number:
            number[state] = len(number)
            waiting.extend(to for _, to in sorted(states[state].items()) if to >= 0)
    return number


def text(data: dict[str, Any]) -> str:
    """The tables as the JSON that is kept: a line a state, so that a change of the grammar reads as a difference."""
    lines = [f'"{key}":{_dump(data[key])}' for key in ("rules", "starts", "ends")]
    states = ",\n".join(_dump(state) for state in data["states"])
    return "{" + ",\n".join([*lines, f'"states":[\n{states}\n]']) + "}\n"


def _dump(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), sort_keys=True)


if __name__ == "__main__":
    TABLES.write_text(text(tables(build())), "utf-8")
