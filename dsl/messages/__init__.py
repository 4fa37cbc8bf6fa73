"""Every sentence that a diagnostic can say, one module for each area, and `ALL_CODES`, which gathers them for
the reference page.

A sentence says what is wrong in the author's terms, its help what to write instead; both stand in English and
in Chinese.
"""

from __future__ import annotations

from dsl.diagnostics import Code
from dsl.messages import benefits, coverage, examples, ladders, lints, movement, names, syntax, types

_MODULES = (syntax, names, types, coverage, lints, ladders, movement, benefits, examples)

ALL_CODES: tuple[Code, ...] = tuple(
    sorted(
        (value for module in _MODULES for value in vars(module).values() if isinstance(value, Code)),
        key=lambda code: (code.code[1:], code.code),
    )
)
