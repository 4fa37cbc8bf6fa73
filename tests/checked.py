"""What the tests of the checker share: a policy's opening, and what is reported on the lines behind it."""

from __future__ import annotations

from dsl.checker import check, compile_policy
from dsl.diagnostics import Lang
from dsl.model import CheckedPolicy
from dsl.source import Source

OPENING = """policy sample "Sample"
currency CNY
fact orders: whole number "Orders", at least 0, at most 1000
fact amount: money "Amount"
fact overdue: duration "Overdue"
fact strategic: yes/no "Strategic"
fact listed: yes/no "Listed"
fact stage: one of prospect, contract, delivery, renewal "Stage"
fact phase: one of delivery, warm, cold "Phase"
fact since: date "Since"
score total "Total" between 0 and 100 = orders
"""


def _beside_the_point(code: str) -> bool:
    """What nothing reads, and other advice on style, is no problem of a test about something else."""
    return code.startswith("W9")


def problems(body: str, *, warnings: bool = True) -> list[tuple[str, str]]:
    """The code of each problem, and the words that it points at, behind the usual opening."""
    source = Source(OPENING + body)
    _, found = check(source)
    return [
        (item.code.code, source.slice(item.span))
        for item in found
        if not _beside_the_point(item.code.code) and (warnings or item.severity == "error")
    ]


def sentences(body: str, lang: Lang = "en") -> list[str]:
    """What is said of each problem, with its help."""
    _, found = check(Source(OPENING + body))
    return [
        f"{item.message(lang)}; {item.help(lang)}" for item in found if not _beside_the_point(item.code.code)
    ]


def compiled(body: str) -> CheckedPolicy:
    """The policy behind the usual opening."""
    return compile_policy(Source(OPENING + body))
