"""What `tierwise decide` reads beside facts: a state, an override, a customer's whole history.

A history is an array of `{"on": DATE, "facts": {…}, "override"?: {…}}`, or one such object a line. Facts are laid
over those before; null forgets. It is read as a whole before anything is decided, so that everything that is
wrong with it is said at once, each at its entry (counted from 0, as a JSON pointer does).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import TypeVar

from api.fields import FIRST_DAY, LAST_DAY
from api.terminal import Stop
from dsl.diagnostics import did_you_mean
from dsl.model import CheckedPolicy
from engine.facts import FactsError, facts_by_name, parse_json, read_facts
from engine.facts_problems import FactProblem, pointer, problem, shorten
from engine.movement.asked import nothing_moves, read_new_override, read_states
from engine.movement.problems import unknown_field
from engine.movement.states import Override, State
from engine.movement.timeline import Entry, in_order, laid_over
from policies.registry.files import read_bytes

# In bytes. A history of a hundred years, with a line of facts for each day, has no more.
LARGEST_HISTORY = 64 * 1024 * 1024
FIELDS = ("on", "facts", "override")

Read = TypeVar("Read")
History = list[Entry[object]]


def states_in(path: str, policy: CheckedPolicy) -> dict[str, State]:
    """The state in a file, or on standard input for `-`. Raises `Stop` where it is none of this policy's."""
    _moves(policy)
    return _told(path, lambda: read_states(policy, parse_json(_bytes(path))))


def override_in(path: str, policy: CheckedPolicy, day: date) -> Override:
    """The override in a file; it begins on `day` where it does not say when. Raises `Stop` where it is none."""
    _moves(policy)
    return _told(path, lambda: read_new_override(policy, parse_json(_bytes(path)), day))


def history_in(path: str, policy: CheckedPolicy) -> History:
    """The history in a file. Raises `Stop` with everything that is wrong with it."""
    _moves(policy)
    return _told(path, lambda: read_history(_values(_bytes(path)), policy))


def read_history(values: list[object], policy: CheckedPolicy) -> History:
    """A history from its entries. Raises `FactsError` with every bad field of every entry."""
    entries: History = []
    problems: list[FactProblem] = []
    known: dict[str, object] = {}
    for number, value in enumerate(values):
        wrong: list[FactProblem] = []
        entry = _entry(value, policy, known, wrong)
        problems += [replace(each, pointer=pointer(number) + each.pointer) for each in wrong]
        if entry is not None and not wrong:
            known = laid_over(known, entry.facts)
            entries.append(entry)
    if problems:
        raise FactsError(problems)
    if not entries:
        raise FactsError([_no_entry()])
    in_order(entry.on for entry in entries)
    return entries


def _entry(
    value: object, policy: CheckedPolicy, known: Mapping[str, object], wrong: list[FactProblem]
) -> Entry[object] | None:
    """One entry; what is wrong with it is noted."""
    if not isinstance(value, dict):
        wrong.append(_not_an_entry(value))
        return None
    wrong += [
        unknown_field(pointer(name), shorten(name), item, did_you_mean(name, FIELDS))
        for name, item in value.items()
        if name not in FIELDS
    ]
    on = _day(value.get("on"), wrong)
    changes = _changes(value.get("facts"), policy, known, wrong)
    override = None
    if value.get("override") is not None and on is not None:
        try:
            override = read_new_override(policy, value["override"], on)
        except FactsError as error:
            wrong += [replace(each, pointer=pointer("override") + each.pointer) for each in error.problems]
    return None if on is None else Entry(on, changes, override)


def _changes(
    raw: object, policy: CheckedPolicy, known: Mapping[str, object], wrong: list[FactProblem]
) -> dict[str, object]:
    """The facts of an entry by key; they are read together with those before, as they will be."""
    if raw is None:
        raw = {}
    if not isinstance(raw, dict):
        wrong.append(problem("not_an_object", pointer("facts"), got=raw))
        return {}
    by_name = facts_by_name(policy)
    names: dict[str, str] = {}
    for name in raw:
        key = by_name[name].key if name in by_name else name
        if key in names:
            wrong.append(problem("given_twice", pointer("facts", name), name=names[key], key=name))
        names.setdefault(key, name)
    changes = {key: raw[name] for key, name in names.items()}
    try:
        read_facts(policy, laid_over(known, changes))
    except FactsError as error:
        places = {pointer(key): pointer(name) for key, name in names.items()}
        wrong += [
            replace(each, pointer=pointer("facts") + places.get(each.pointer, each.pointer))
            for each in error.problems
        ]
    return changes


def _day(raw: object, wrong: list[FactProblem]) -> date | None:
    if raw is None or not isinstance(raw, str):
        expected = ("a date such as `2026-01-31`", "日期，如 `2026-01-31`")
        code = "required" if raw is None else "wrong_type"
        wrong.append(problem(code, pointer("on"), expected=expected, got=raw, name="on"))
        return None
    try:
        found = date.fromisoformat(raw) if len(raw) == len("2026-01-31") else None
    except ValueError:
        found = None
    if found is None or not FIRST_DAY <= found <= LAST_DAY:
        wrong.append(problem("no_such_day", pointer("on"), got=raw, name="on"))
        return None
    return found


def _not_an_entry(value: object) -> FactProblem:
    expected = ('an object `{"on": DATE, "facts": {…}}`', '对象 `{"on": 日期, "facts": {…}}`')
    return problem("wrong_type", "", expected=expected, got=value, name="entry")


def _no_entry() -> FactProblem:
    sentence = "the history has no entries", "历史记录为空"
    advice = 'write `[{"on": "2026-01-31", "facts": {…}}]`', '请写成 `[{"on": "2026-01-31", "facts": {…}}]`'
    return FactProblem("", "empty", sentence, advice)


# ---------------------------------------------------------------- files


def _values(data: bytes) -> list[object]:
    """The entries of an array, or of one object a line (or one object alone)."""
    text = data.removeprefix(b"\xef\xbb\xbf").strip()
    if text[:1] == b"[":
        found = parse_json(text)
        assert isinstance(found, list), "it begins as an array"
        return found
    return list(_lines(text))


def _lines(text: bytes) -> Iterator[object]:
    try:
        yield parse_json(text)
    except FactsError:
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) < 2:
            raise
        for number, line in enumerate(lines):
            try:
                yield parse_json(line)
            except FactsError as error:
                raise FactsError(
                    replace(each, pointer=pointer(number) + each.pointer) for each in error.problems
                ) from error


def _bytes(path: str) -> bytes:
    if path == "-":
        return sys.stdin.buffer.read(LARGEST_HISTORY)
    return read_bytes(path, LARGEST_HISTORY)


def _told(path: str, read: Callable[[], Read]) -> Read:
    """What is read; what is wrong with it ends the command."""
    try:
        return read()
    except FactsError as error:
        name = "-" if path == "-" else shorten(path)
        raise Stop(f"{name}: {error.message('en')}", f"{name}：{error.message('zh')}") from error


def _moves(policy: CheckedPolicy) -> None:
    if not policy.movements:
        wrong = nothing_moves(policy, "")
        raise Stop(f"{wrong.message('en')}; {wrong.help('en')}", f"{wrong.message('zh')}；{wrong.help('zh')}")
