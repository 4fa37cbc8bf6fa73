"""The engine that decides in production: a policy is compiled to Python functions, once.

A function is straight-line code for customers of whom enough is known, which are nearly all: comparisons on
decimals, tables by dictionary or bisection, reasons whose words were made beforehand. What it cannot settle
(an unknown fact that matters, a division by zero, a day on which the policy is not in force, `why not`, a few
forms of benefits of another stage, a new override) the reference engine answers, and is named in the answer; so both always say the
same, and the conformance tests hold them together. It makes a `Decision`, or writes the JSON of one at once, which is what the service sends.

- `draft.py` the function being written: names, lines, constants; no author's text becomes code
- `expressions.py`, `tables.py`, `matching.py`, `parts.py`, `ladders.py`, `benefits.py` model -> Python
- `movement.py` where a question has a state: the step of each ladder that moves, by `engine.movement`
- `shapes.py` what an answer is made of; `records.py` as a `Decision`, `texts.py` as JSON
- `function.py` the whole function
- `runtime.py` what generated code calls; `telling.py` to tell of movement
- `programs.py` compiled policies, kept by policy
"""

from engine.compiled.draft import NAME
from engine.compiled.programs import answer, decide, prepare

__all__ = ["NAME", "answer", "decide", "prepare"]
