"""The cage of durable-rules: whatever happens to the worker, each question is answered once and right, or given up with a count."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from importlib.util import find_spec
from typing import Any

import pytest

from engine import durable_cage, durable_process
from engine.durable_cage import Cage, Incident, Limits, NotInstalled, Rulebook
from engine.durable_process import Process, Why
from engine.durable_worker import SEEN
from tests import durable_workers
from tests.durable_workers import entry

pytestmark = pytest.mark.skipif(
    find_spec("durable_rules_engine") is None, reason="durable-rules is not installed here"
)

Rule = dict[str, Any]
SEEING: Rule = {"all": [{"m": {SEEN: 1}}], "run": SEEN}


def rule(name: str, condition: Mapping[str, Any]) -> Rule:
    return {"all": [{"m": condition}], "run": name}


def small(limit: int) -> Rulebook:
    """Rules that tells small numbers from big ones."""
    rules = {
        SEEN: SEEING,
        "small": rule("small", {"$and": [{SEEN: 1}, {"$lt": {"q": limit}}]}),
        "big": rule("big", {"$and": [{SEEN: 1}, {"$gte": {"q": limit}}]}),
    }
    name = f"numbers{limit}"
    return Rulebook(name, {name: rules})


def ask(cage: Cage, number: int, limit: int = 10) -> list[list[str]]:
    return cage.fire(small(limit), [(f"numbers{limit}", {SEEN: 1, "q": number})])


def counts(cage: Cage) -> dict[str, int]:
    """How often each thing has happened to a cage, whatever the reason."""
    found: dict[str, int] = {}
    for (what, _), number in cage.counts().items():
        found[what] = found.get(what, 0) + number
    return found


@pytest.fixture
def cage() -> Iterator[Cage]:
    made = Cage()
    yield made
    made.close()


def test_a_fact_fires_its_rules(cage: Cage) -> None:
    assert ask(cage, 9) == [[SEEN, "small"]]
    assert ask(cage, 10) == [[SEEN, "big"]]
    assert ask(cage, 10, limit=11) == [[SEEN, "small"]]
    assert counts(cage) == {"started": 1}


def test_whole_numbers_are_compared_right_up_to_61_bits(cage: Cage) -> None:
    for limit in (0, -7, 2**53, 2**60, -(2**60)):
        for number in (limit - 1, limit, limit + 1, 2**61, -(2**61)):
            assert ask(cage, number, limit) == [[SEEN, "small" if number < limit else "big"]]


# What the worker is fed, and whether it must be lost by it. The others are answered, rightly or wrongly: that
# is why none of them is ever made from a policy.
FED: dict[str, tuple[dict[str, Rule], dict[str, Any], bool]] = {
    "or": ({"o": rule("o", {"$or": [{"a": 1}, {"b": 1}]})}, {SEEN: 1, "a": 1, "b": 1}, False),
    "any": ({"o": {"any": [{"x": {"a": 1}}, {"y": {"b": 1}}], "run": "o"}}, {SEEN: 1, "a": 1, "b": 1}, False),
    "join": (
        {"o": {"all": [{"x": {"a": 1}}, {"y": {"$gt": {"a": {"x": "a"}}}}], "run": "o"}},
        {SEEN: 1, "a": 1},
        False,
    ),
    "division": (
        {"o": rule("o", {"$gt": {"a": {"$div": {"$l": {"m": "a"}, "$r": 0}}}})},
        {SEEN: 1, "a": 3},
        False,
    ),
    "pattern": ({"o": rule("o", {"$mt": {"a": "(a|aa)+$"}})}, {SEEN: 1, "a": "a" * 5000 + "b"}, False),
    "broken pattern": ({"o": rule("o", {"$mt": {"a": "[[("}})}, {SEEN: 1, "a": "a"}, True),
    "huge text": ({"o": rule("o", {"a": "x"})}, {SEEN: 1, "a": "x" * 8_000_000}, False),
    "too many fields": ({}, {SEEN: 1, **{f"k{number}": number for number in range(500)}}, True),
    "a fact named id and sid": ({"o": rule("o", {"id": 5})}, {SEEN: 1, "id": "x", "sid": 7}, True),
    "a fact named exception": (
        {},
        {SEEN: 1, "exception": "x", "running": 1, "label": "l", "chart": 1},
        False,
    ),
    "a rule that is none": ({"o": {"all": "x", "run": "o"}}, {SEEN: 1}, True),
    "nothing that shows it was seen": ({"o": rule("o", {"a": 1})}, {"a": 1}, True),
}


@pytest.mark.parametrize("what", FED)
def test_the_parent_survives_what_the_worker_is_fed(cage: Cage, what: str) -> None:
    rules, fact, lost = FED[what]
    fed = Rulebook("fed", {"fed": {SEEN: SEEING, **rules}})
    if lost:
        with pytest.raises(Incident):
            cage.fire(fed, [("fed", fact)])
        assert counts(cage) == {"started": 2, "lost": 2, "incident": 1}
    else:
        with suppress(Incident):
            cage.fire(fed, [("fed", fact)])
    assert ask(cage, 5) == [[SEEN, "small"]]


def test_deleting_the_state_of_what_never_fired_costs_the_worker_only(cage: Cage) -> None:
    """A ruleset without `SEEN` cannot be made ready: the first thing asked of it deletes a state in which nothing fired."""
    with pytest.raises(Incident):
        cage.fire(Rulebook("fed", {"fed": {"o": rule("o", {"a": 1})}}), [("fed", {"a": 2})])
    assert counts(cage) == {"started": 2, "lost": 2, "incident": 1}
    assert ask(cage, 5) == [[SEEN, "small"]]


MISBEHAVING: dict[durable_workers.Worker, Why] = {
    durable_workers.too_many_sessions: "failed",
    durable_workers.hangs: "slow",
    durable_workers.breaks_off: "slow",
    durable_workers.never_comes_to_the_point: "slow",
    durable_workers.talks_nonsense: "unreadable",
    durable_workers.talks_deeply: "unreadable",
    durable_workers.announces_too_much: "unreadable",
    durable_workers.answers_another_question: "unreadable",
    durable_workers.answers_in_lists: "unreadable",
    durable_workers.answers_too_little: "unreadable",
    durable_workers.fails_in_an_action: "failed",
    durable_workers.never_starts: "died",
}


@pytest.mark.parametrize("worker", MISBEHAVING, ids=lambda worker: worker.__name__)
def test_a_worker_that_misbehaves_is_replaced_and_given_up_the_second_time(
    worker: durable_workers.Worker, caplog: pytest.LogCaptureFixture
) -> None:
    why = MISBEHAVING[worker]
    cage = Cage(Limits(fire=0.5) if why == "slow" else None, entry(worker))
    with pytest.raises(Incident):
        ask(cage, 5)
    assert cage.counts()["lost", why] == 2
    assert cage.counts()["incident", why] == 1
    assert counts(cage) == {"started": 2, "lost": 2, "incident": 1}
    assert len([each for each in caplog.records if "replaced" in each.message]) == 2
    cage.close()


def test_the_log_quotes_no_fact(caplog: pytest.LogCaptureFixture) -> None:
    cage = Cage(entry=entry(durable_workers.quotes))
    with pytest.raises(Incident):
        ask(cage, 918273645)
    cage.close()
    told = [record.fields for record in caplog.records if hasattr(record, "fields")]
    assert told == [{"why": "failed", "detail": "it failed: ValueError"}] * 2


def test_an_answer_to_an_earlier_request_is_passed_over() -> None:
    cage = Cage(entry=entry(durable_workers.repeats_itself))
    assert [ask(cage, number) for number in (50, 5)] == [[[SEEN, "big"]], [[SEEN, "small"]]]
    assert counts(cage) == {"started": 1}
    cage.close()


def test_one_bad_question_costs_the_others_nothing() -> None:
    cage = Cage(entry=entry(durable_workers.dies_of_a_big_number))
    assert ask(cage, 5) == [[SEEN, "small"]]
    with pytest.raises(Incident):
        ask(cage, 1000)
    assert ask(cage, 50) == [[SEEN, "big"]]
    assert counts(cage) == {"started": 3, "lost": 2, "incident": 1}
    cage.close()


def test_killed_at_random_every_question_is_answered_once_and_right(cage: Cage) -> None:
    """A killer works beside, faster than the page of limits allows for; a question may be unlucky twice."""
    ask(cage, 0)
    stop = threading.Event()

    def kill() -> None:
        chance = random.Random(7)
        while not stop.wait(chance.uniform(0.1, 0.4)):
            if cage.pid is not None:
                with suppress(ProcessLookupError):
                    os.kill(cage.pid, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    answered = given_up = 0
    end = time.monotonic() + 4
    try:
        while time.monotonic() < end:
            numbers = [answered % 20, (answered + 7) % 20]
            try:
                found = cage.fire(small(10), [("numbers10", {SEEN: 1, "q": number}) for number in numbers])
            except Incident:
                given_up += 1
                continue
            assert found == [[SEEN, "small" if number < 10 else "big"] for number in numbers]
            answered += 1
    finally:
        stop.set()
        killer.join()
    assert answered > 0
    assert counts(cage)["lost"] >= 3
    assert counts(cage).get("incident", 0) == given_up
    assert ask(cage, 5) == [[SEEN, "small"]]


def test_threads_take_turns(cage: Cage) -> None:
    wrong: list[int] = []

    def work(start: int) -> None:
        for number in range(start, start + 20):
            if ask(cage, number) != [[SEEN, "small" if number < 10 else "big"]]:
                wrong.append(number)

    threads = [threading.Thread(target=work, args=(start,)) for start in (0, 5, 10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert counts(cage) == {"started": 1}


def test_more_rulesets_than_a_worker_holds(cage: Cage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(durable_cage, "MOST_RULES_HELD", 9)  # three of these
    for _ in range(2):
        for limit in range(5):
            assert ask(cage, 2, limit) == [[SEEN, "small" if limit > 2 else "big"]]
    assert counts(cage) == {"started": 1}


def test_what_was_not_asked_for_longest_makes_room(cage: Cage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Policies are taken in once for as long as all their rules have room: here nine, three of each policy."""
    told: list[object] = []
    asking = Process.ask

    def ask_and_note(self: Process, task: str, given: Any, seconds: float) -> Any:
        if task != "fire":
            told.append((task, *given))
        return asking(self, task, given, seconds)

    monkeypatch.setattr(Process, "ask", ask_and_note)
    monkeypatch.setattr(durable_cage, "MOST_RULES_HELD", 9)
    for limit in (1, 2, 3, 1, 2, 3, 1, 4, 3, 1, 2):
        ask(cage, 2, limit)
    assert told == [
        ("load", "numbers1"),
        ("load", "numbers2"),
        ("load", "numbers3"),
        ("load", "numbers4"),
        ("drop", "numbers2"),
        ("load", "numbers2"),
        ("drop", "numbers4"),
    ]


def test_the_worker_ends_with_its_cage(cage: Cage) -> None:
    ask(cage, 1)
    first = cage.pid
    cage.close()
    assert cage.pid is None
    assert first is not None
    with pytest.raises(ProcessLookupError):
        os.kill(first, 0)


def test_where_it_is_not_installed_no_worker_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(durable_process, "find_spec", lambda _: None)
    cage = Cage()
    with pytest.raises(NotInstalled):
        ask(cage, 1)
    assert counts(cage) == {}
