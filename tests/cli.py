"""The real command, run inside the test's own process."""

import io
import sys
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from api.cli import run

POLICY = """policy small "A small one"
currency CNY
timezone "Asia/Shanghai"
effective from 2026-01-01
applies when stage is not prospect "Not a customer yet"
fact amount: money "Orders", at least 0
fact listed: yes/no "Listed"
fact stage: one of prospect, contract, renewal "Stage", default contract
score total "Points" between 0 and 100
| amount | points |
| below 100 | 10 |
| 100 or more | 50 |

score extra
  listed_one: +20 when listed "Listed company"
tiers grade by total + extra
  A "Best" from 60
  B "Good" from 30
  C "Plain" otherwise
benefits of grade at stage
| stage | benefit | A | B | C |
| contract | discount | 15% | 5% | - |
| renewal | rebate | 3% | - | - |
example "Large"
  given amount = 200, listed = no
  expect grade = B, discount = 5%
"""


@dataclass(frozen=True)
class Done:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str


Command = Callable[..., Done]


@pytest.fixture
def tierwise(monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]) -> Command:
    """Runs `tierwise` with some arguments and, where given, some standard input."""
    for name in ("TIERWISE_LANG", "TIERWISE_DEBUG", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)

    def invoke(*arguments: object, stdin: bytes | str = b"") -> Done:
        data = stdin if isinstance(stdin, bytes) else stdin.encode()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(data)), "utf-8"))
        capsysbinary.readouterr()
        code = run([str(each) for each in arguments])
        said = capsysbinary.readouterr()
        return Done(code, said.out.decode("utf-8"), said.err.decode("utf-8"))

    return invoke
