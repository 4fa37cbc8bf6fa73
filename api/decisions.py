"""Deciding a request, and a batch of them row by row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from api import messages
from api.answers import new_id
from api.bodies import Body, parse
from api.cutting import Row, Torn, first_sign, items, lines
from api.errors import Problem, bad_field, log_unexpected, of_facts, of_store, problem
from api.library import Library
from api.logs import answering
from api.observed import Seen
from api.requests import NAME_LIMIT, DecisionRequest, asked_lang, read_decision
from api.service import Service
from dsl.diagnostics import Lang
from engine import engines
from engine.decision import Noted, Written
from engine.facts import FactsError
from engine.facts_problems import pointer
from engine.json_bytes import encoded
from engine.reference import Question
from policies.registry.store.problems import StoreError

if TYPE_CHECKING:
    from policies.registry.store.writer import Pending

# Rows of a batch that wait for the disk together.
AT_ONCE = 100


def answer(asked: DecisionRequest, decision_id: str) -> Written:
    """The answer to one question, as it is sent. Raises `Problem` where the engine refuses it."""
    try:
        return engines.answer(
            asked.policy,
            asked.facts,
            as_of=asked.as_of,
            lang=asked.lang,
            engine=asked.engine,
            explain=asked.explain,
            at=asked.at,
            customer=asked.customer,
            decision_id=decision_id,
            states=asked.states,
            override=asked.override,
        )
    except FactsError as error:
        raise problem(messages.INVALID, *of_facts(error)) from error


def answered(service: Service, asked: DecisionRequest, caller: str) -> tuple[bytes, Noted, str]:
    """The answer to one question with what is noted of it and its id; where there is a store, it is recorded by now.

    Raises `Problem`, and `StoreUnavailable` where it could not be recorded: then it is not to be sent.
    """
    decision_id = new_id()
    sent, noted = answer(asked, decision_id)
    pending = recording(service, asked, sent, noted, decision_id, caller)
    if pending is not None:
        pending.wait()
    return sent, noted, decision_id


def recording(
    service: Service, asked: DecisionRequest, sent: bytes, noted: Noted, decision_id: str, caller: str
) -> Pending | None:
    """The record of an answer, on its way; None where none is kept. Raises `Problem`, `StoreError`."""
    if service.recorder is None:
        return None
    if not asked.record:
        if service.config.must_record:
            raise problem(messages.INVALID, bad_field("must_record", pointer("record")))
        return None
    from policies.registry.store.records import Asked

    question = Question(asked.lang, asked.explain, asked.at, asked.customer, asked.states, asked.override)
    told = Asked(asked.policy, asked.as_of, question, asked.known_at)
    return service.recorder.begin(decision_id, told, asked.facts, sent, noted, caller)


def begin(file: IO[bytes], *, lines_only: bool) -> bool:
    """Whether a batch is an array, rather than lines; the file then stands at its beginning.

    Raises `Problem` where there is nothing in it.
    """
    sign = first_sign(file)
    array = sign == b"[" and not lines_only
    if array:
        start = file.tell()
        file.seek(1, 1)
        empty = first_sign(file) == b"]"
        file.seek(start)
    else:
        empty = not sign
        file.seek(0)  # empty lines before the first row count as lines
    if empty:
        raise problem(messages.EMPTY_BATCH)
    return array


def expect_rows(file: IO[bytes], said: int, limit: int, *, array: bool) -> None:
    """Refuses a batch that has not as many rows (of `limit` bytes at most) as its caller says. Raises `Problem`.

    A chunked body that breaks off looks like one that ends, so only the number of its rows can tell.
    """
    start, came = file.tell(), 0
    try:
        for _ in (items if array else lines)(file, limit):
            came += 1
    except Torn as torn:
        came = torn.number
    file.seek(start)
    if came != said:
        en, zh = messages.OTHER_COUNT
        words = {"said": f"{said:,}", "came": f"{came:,}"}
        raise Problem(messages.BROKEN_OFF, (en.format(**words), zh.format(**words)))


@dataclass(frozen=True, slots=True)
class Line:
    """What is to be sent for a row; `decided` (None where it was refused) is counted once `pending` is recorded."""

    number: int
    sent: bytes
    body: object = None
    decided: tuple[Noted, str] | None = None
    pending: Pending | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch that has been taken in and is yet to be decided, all of it by one library."""

    file: IO[bytes]
    array: bool
    service: Service
    library: Library
    shared: Mapping[str, object]
    lang: Lang
    seen: Seen
    caller: str

    def answers(self) -> Iterator[bytes]:
        """A line for each row, in order; where the rest cannot be read, a last one that says so.

        A line leaves when its decision is recorded; some rows at a time share a commit. Closes the file.
        """
        waiting: list[Line] = []
        with self.file:
            for line in self._lines():
                waiting.append(line)
                if (line.pending is None and len(waiting) == 1) or len(waiting) == AT_ONCE:
                    yield from map(self._recorded, waiting)
                    waiting = []
            yield from map(self._recorded, waiting)

    def _lines(self) -> Iterator[Line]:
        """The lines, of which some are not recorded yet."""
        limit = self.service.config.max_rows
        cut = items if self.array else lines
        try:
            for count, row in enumerate(cut(self.file, self.service.config.max_body)):
                if count == limit:
                    refused = problem(messages.TOO_MANY_ROWS, limit=f"{limit:,}")
                    yield Line(row.number, self._refusal(refused, row.number))
                    return
                yield self._line(row)
        except Torn as torn:
            en, zh = torn.reason
            detail = messages.BROKEN_ARRAY.detail
            words = detail[0].format(reason=en), detail[1].format(reason=zh)
            yield Line(torn.number, self._refusal(Problem(messages.BROKEN_ARRAY, words), torn.number))

    def _line(self, row: Row) -> Line:
        body = Body(None)
        answering(self.seen.request_id)  # row by row: the server may go on in another thread
        try:
            body = self._parsed(row)
            asked = read_decision(body, self.library, self.lang, self.shared)
            decision_id = new_id()
            sent, noted = answer(asked, decision_id)
            pending = recording(self.service, asked, sent, noted, decision_id, self.caller)
            return Line(row.number, sent + b"\n", body.value, (noted, decision_id), pending)
        except Problem as refused:
            return Line(row.number, self._refusal(refused, row.number, body.value))
        except StoreError as error:
            return Line(row.number, self._refusal(of_store(error), row.number, body.value))
        except Exception as error:  # one row's bad luck must not cost the others their answers
            log_unexpected(error, self.seen.request_id, row=row.number)
            return Line(row.number, self._refusal(problem(messages.UNEXPECTED), row.number, body.value))

    def _recorded(self, line: Line) -> bytes:
        """What is sent for a row, once its decision is recorded."""
        if line.decided is None:
            return line.sent
        try:
            if line.pending is not None:
                line.pending.wait()
        except StoreError as error:
            return self._refusal(of_store(error), line.number, line.body)
        except Exception as error:  # nor must one record's bad luck
            log_unexpected(error, self.seen.request_id, row=line.number)
            return self._refusal(problem(messages.UNEXPECTED), line.number, line.body)
        self.seen.decided(*line.decided)
        self.seen.row(True)
        return line.sent

    def _parsed(self, row: Row) -> Body:
        if row.data is None:
            limit = f"{self.service.config.max_body:,}"
            raise problem(messages.INVALID, bad_field("row_too_long", "", limit=limit))
        return parse(row.data)

    def _refusal(self, refused: Problem, number: int, body: object = None) -> bytes:
        self.seen.row(False)
        line: dict[str, object] = {
            "error": refused.document(asked_lang(body, self.lang)),
            "index" if self.array else "line": number,
        }
        if isinstance(body, dict):
            customer = body.get("customer")
            if isinstance(customer, str):
                line["customer"] = customer[:NAME_LIMIT]
        return encoded(line) + b"\n"
