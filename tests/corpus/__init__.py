"""The corpus: whole policies with customers and their decisions, and texts with every problem they have.

`ok/<name>/` holds `policy.tier`, `facts.ndjson` (a line a customer: `customer`, `facts`, and where wanted
`as_of`, `lang`, `at`) and `expected.ndjson`, the decision of each line. `errors/*.tier` holds short texts,
parted by lines `---`; behind a line stands what must be reported there: `### E203 "sentence"`. The tests in
`test_corpus.py` and `test_corpus_errors.py` run them; after a change that is meant,
`python -m tests.corpus --accept` writes what is expected anew, to be read in the difference.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from dsl.checker import check
from dsl.decoding import decode
from dsl.diagnostics import Diagnostic, Lang
from dsl.model import CheckedPolicy
from dsl.source import Source
from engine.decision import dumps, to_json
from engine.engines import decide
from engine.facts import parse_json, read_facts

HERE = Path(__file__).parent
AS_OF = date(2026, 6, 30)
# What differs from one run, or one engine, to the next.
PASSING = ("decision_id", "engine")

Json = dict[str, Any]


# ---------------------------------------------------------------- policies and their customers


@dataclass(frozen=True)
class Case:
    """One folder of `ok/`."""

    folder: Path

    @property
    def name(self) -> str:
        return self.folder.name

    def source(self) -> Source:
        """The policy's text."""
        path = self.folder / "policy.tier"
        return decode(path.read_bytes(), f"{self.name}/policy.tier")

    def load(self, name: str) -> Source | None:
        """A text that the policy uses, from its own folder."""
        path = self.folder / name
        return decode(path.read_bytes(), name) if path.is_file() else None

    def rows(self) -> list[Json]:
        """The customers to be graded."""
        return read_lines(self.folder / "facts.ndjson")

    def expected(self) -> list[Json]:
        """What is to come out for each of them."""
        return read_lines(self.folder / "expected.ndjson")


def cases() -> list[Case]:
    """Every case, by name."""
    return [Case(path.parent) for path in sorted((HERE / "ok").glob("*/policy.tier"))]


def read_lines(path: Path) -> list[Json]:
    """The objects of a file of JSON lines, their decimals exact; empty where there is no such file."""
    if not path.exists():
        return []
    return [exact(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def exact(text: str) -> Json:
    """A JSON object with decimals for its numbers."""
    parsed: Json = json.loads(text, parse_float=Decimal, parse_int=Decimal)
    return parsed


def answer(policy: CheckedPolicy, row: Json, engine: str = "reference") -> Json:
    """The decision on one line of `facts.ndjson`, without what passes."""
    raw = parse_json(dumps(row["facts"]).encode())
    assert isinstance(raw, dict)
    lang: Lang = "zh" if row.get("lang") == "zh" else "en"
    as_of = date.fromisoformat(row["as_of"]) if "as_of" in row else AS_OF
    decision = decide(
        policy,
        read_facts(policy, raw),
        as_of=as_of,
        lang=lang,
        engine=engine,
        at=row.get("at"),
        customer=row.get("customer"),
    )
    return settled(to_json(decision))


def settled(decision: Json) -> Json:
    """A decision as JSON, without what differs from run to run, and without the hash of the text."""
    kept = {key: value for key, value in exact(dumps(decision)).items() if key not in PASSING}
    kept["policy"] = {key: value for key, value in kept["policy"].items() if key != "hash"}
    return kept


def without_lines(decision: Json) -> Json:
    """A decision without the lines of its rules: formatting moves them."""
    return decision | {"reasons": [reason | {"line": None} for reason in decision["reasons"]]}


def sums(decision: Json) -> Iterator[tuple[str, Decimal, Decimal]]:
    """Each score that is decided, with the sum of its reasons' points and the score itself.

    A score that is decided by its bounds, though its parts are not, has ranges for points and is left out.
    """
    for name, score in decision["scores"].items():
        points = [reason["points"] for reason in decision["reasons"] if reason.get("score") == name]
        if isinstance(score, Decimal) and all(isinstance(each, Decimal) for each in points):
            yield name, sum(points, Decimal(0)), score


def accept_case(case: Case) -> None:
    """Writes what the reference engine decides as what is expected."""
    policy, problems = check(case.source(), case.load)
    assert policy is not None, [problem.message() for problem in problems]
    lines = [dumps(answer(policy, row)) for row in case.rows()]
    (case.folder / "expected.ndjson").write_text("".join(f"{line}\n" for line in lines), "utf-8")


# ---------------------------------------------------------------- texts with problems

_MARK = re.compile(r'[ \t]*### ([EW]\d{3}) "(.*?)"(?=[ \t]*(?:###|$))')
# The line, the code and the sentence of one problem.
Found = tuple[int, str, str]


@dataclass(frozen=True)
class Chunk:
    """One text of a file in `errors/`, its number there (from 1), and what is wrong with it."""

    file: Path
    number: int
    text: str
    expected: tuple[Found, ...]

    @property
    def name(self) -> str:
        return f"{self.file.stem}-{self.number}"

    def found(self) -> tuple[Found, ...]:
        """What the checker reports, by line; the same problem once a line."""
        source = Source(self.text, self.name)
        _, problems = check(source, _shared)
        return tuple(sorted({_found(source, problem) for problem in problems}))


def _found(source: Source, problem: Diagnostic) -> Found:
    line = source.place(problem.span.start)[0] if problem.span.file == 0 else 0
    return line, problem.code.code, problem.message()


def _shared(name: str) -> Source | None:
    """The texts that chunks may `use`: the files in `errors/shared/`."""
    path = HERE / "errors" / "shared" / name
    return decode(path.read_bytes(), name) if path.is_file() else None


def chunk_files() -> list[Path]:
    """The files of `errors/`, by name."""
    return sorted((HERE / "errors").glob("*.tier"))


def chunks() -> list[Chunk]:
    """Every text with problems."""
    return [chunk for file in chunk_files() for chunk in chunks_of(file)]


def chunks_of(file: Path) -> Iterator[Chunk]:
    """The texts of one file, its marks cut out."""
    for number, part in enumerate(_parts(file.read_text("utf-8")), 1):
        lines = part.splitlines()
        expected = tuple(
            (at, mark[1], mark[2]) for at, line in enumerate(lines, 1) for mark in _MARK.finditer(line)
        )
        text = "".join(f"{_unmarked(line)}\n" for line in lines)
        yield Chunk(file, number, text, tuple(sorted(expected)))


def _parts(text: str) -> list[str]:
    return re.split(r"^---\n", text, flags=re.MULTILINE)


def _unmarked(line: str) -> str:
    mark = _MARK.search(line)
    return line if mark is None else line[: mark.start()]


def accept_errors(file: Path, report: Callable[[str], None]) -> None:
    """Writes what the checker reports behind the lines; says which chunks have no problem at all."""
    parts = []
    for chunk in chunks_of(file):
        lines = chunk.text.splitlines()
        found = chunk.found()
        if not found:
            report(f"{chunk.name}: nothing is wrong with it")
        for line, code, sentence in found:
            at = min(max(line, 1), len(lines)) - 1
            lines[at] += f'  ### {code} "{sentence}"'
        parts.append("".join(f"{line}\n" for line in lines))
    file.write_text("---\n".join(parts), "utf-8")
