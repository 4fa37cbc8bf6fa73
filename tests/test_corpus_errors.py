"""Texts with problems: exactly the problems beside their lines are reported, and every code has a text."""

import pytest

from dsl.messages import ALL_CODES
from tests.corpus import Chunk, chunks

CHUNKS = chunks()

# Codes that no text can show here, and why.
ELSEWHERE = {
    "E001": "needs a text of megabytes",
    "E002": "is about bytes, not text",
    "E003": "is about bytes, not text",
    "E004": "needs more problems than anybody wants to read",
    "E112": "needs a line of thousands of words",
    "E223": "needs a check without a folder",
    "W402": "needs a table of thousands of rows",
}


@pytest.mark.parametrize("chunk", CHUNKS, ids=lambda chunk: chunk.name)
def test_exactly_what_is_expected_is_reported(chunk: Chunk) -> None:
    assert chunk.found() == chunk.expected


@pytest.mark.parametrize("chunk", CHUNKS, ids=lambda chunk: chunk.name)
def test_every_text_has_a_problem(chunk: Chunk) -> None:
    assert chunk.expected


def test_every_code_has_a_text() -> None:
    shown = {code for chunk in CHUNKS for _, code, _ in chunk.expected}
    known = {code.code for code in ALL_CODES}
    assert known - shown - set(ELSEWHERE) == set()
    assert shown & set(ELSEWHERE) == set()
    assert set(ELSEWHERE) <= known
