"""Policies of one table, small and large, and what compiling takes: by how much more rules slow a decision down.

`engines.py` times the decisions in the same turns as all others, and prints what is measured here below them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date

from check_speed import large_policy

from dsl.checker import compile_policy
from dsl.model import CheckedPolicy
from dsl.source import Source
from engine import compiled
from engine.compiled.draft import Variant
from engine.compiled.function import function
from engine.facts import Facts, read_facts
from engine.reference import Question

FEW = 10
AS_IT_IS_SENT = Variant("en", True, "text", True)


def one_table(rows: int, columns: int) -> CheckedPolicy:
    """A policy of one table with so many rows, whose columns are open at one end in turns."""
    names = [f"n{column}" for column in range(columns)]
    lines = [f"fact {name}: number" for name in names]
    lines += ["score s", f"| {' | '.join(names)} | points |"]
    for row in range(rows - 1):
        cells = [
            f"{rows - row} or more" if column % 2 == 0 else f"below {row + 2}" for column in range(columns)
        ]
        lines.append(f"| {' | '.join(cells)} | {row % 9} |")
    lines.append(f"| {' | '.join('-' * columns)} | 0 |")
    return compile_policy(
        Source("\n".join(["policy p", *lines, "tiers g by s", "  A from 5", "  B otherwise", ""]))
    )


def decisions(many: int, day: date) -> list[tuple[str, Callable[[int], object]]]:
    """Decisions by tables of few and of `many` rows, with one and with two columns, by the number of the customer."""
    return [
        (table_name(rows, columns), _decide(one_table(rows, columns), rows, columns, day))
        for columns in (1, 2)
        for rows in (FEW, many)
    ]


def table_name(rows: int, columns: int) -> str:
    return f"a table of {rows:,} rows, {columns} column{'s' if columns > 1 else ''}"


def _decide(policy: CheckedPolicy, rows: int, columns: int, day: date) -> Callable[[int], object]:
    known = [_customer(policy, at * rows // 50, rows, columns) for at in range(50)]
    asked = Question(customer="C1")
    return lambda number: compiled.answer(policy, known[number % 50], day, asked)


def _customer(policy: CheckedPolicy, at: int, rows: int, columns: int) -> Facts:
    """A customer for whom some row in the course of the table is the first that matches."""
    return read_facts(
        policy, {f"n{column}": rows - at if column % 2 == 0 else at for column in range(columns)}
    )


def compiling(many: int) -> list[tuple[str, float, float]]:
    """What checking `many` rules takes and what compiling them takes, in milliseconds, by the policy's name."""
    texts = [
        (table_name(many, 1), one_table(many, 1).source),
        (table_name(many, 3), one_table(many, 3).source),
        (f"{many:,} rules of all kinds", Source(large_policy(many))),
    ]
    return [(name, *_timed(source)) for name, source in texts]


def _timed(source: Source) -> tuple[float, float]:
    start = time.perf_counter()
    policy = compile_policy(source)
    checked = time.perf_counter()
    function(policy, AS_IT_IS_SENT)
    done = time.perf_counter()
    return (checked - start) * 1000, (done - checked) * 1000
