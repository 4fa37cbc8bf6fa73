"""Deciding a request, and a batch of them row by row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO

from api import messages
from api.answers import new_id
from api.bodies import Body, parse
from api.cutting import Row, Torn, first_sign, items, lines
from api.errors import Problem, bad_field, log_unexpected, of_facts, problem
from api.logs import answering
from api.observed import Seen
from api.requests import NAME_LIMIT, DecisionRequest, asked_lang, read_decision
from api.service import Service
from dsl.diagnostics import Lang
from engine import engines
from engine.decision import Written
from engine.facts import FactsError
from engine.json_bytes import encoded


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
class Batch:
    """A batch that has been taken in and is yet to be decided."""

    file: IO[bytes]
    array: bool
    service: Service
    shared: Mapping[str, object]
    lang: Lang
    seen: Seen

    def answers(self) -> Iterator[bytes]:
        """A line for each row, in order; where the rest cannot be read, a last one that says so.

        Closes the file.
        """
        limit = self.service.config.max_rows
        cut = items if self.array else lines
        with self.file:
            try:
                for count, row in enumerate(cut(self.file, self.service.config.max_body)):
                    if count == limit:
                        yield self._refusal(problem(messages.TOO_MANY_ROWS, limit=f"{limit:,}"), row.number)
                        return
                    yield self._answer(row)
            except Torn as torn:
                en, zh = torn.reason
                detail = messages.BROKEN_ARRAY.detail
                words = detail[0].format(reason=en), detail[1].format(reason=zh)
                yield self._refusal(Problem(messages.BROKEN_ARRAY, words), torn.number)

    def _answer(self, row: Row) -> bytes:
        body = Body(None)
        answering(self.seen.request_id)  # row by row: the server may go on in another thread
        try:
            body = self._parsed(row)
            asked = read_decision(body, self.service.library, self.lang, self.shared)
            decision_id = new_id()
            sent, noted = answer(asked, decision_id)
            self.seen.decided(noted, decision_id)
            self.seen.row(True)
            return sent + b"\n"
        except Problem as refused:
            return self._refusal(refused, row.number, body.value)
        except Exception as error:  # one row's bad luck must not cost the others their answers
            log_unexpected(error, self.seen.request_id, row=row.number)
            return self._refusal(problem(messages.UNEXPECTED), row.number, body.value)

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
