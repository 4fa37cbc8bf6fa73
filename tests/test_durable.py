"""The durable-rules engine: the reference's decision wherever it decides, and a sentence wherever it does not."""

from __future__ import annotations

import json
import os
import random
import signal
import threading
from contextlib import suppress
from dataclasses import replace
from datetime import date
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from api.cli import run
from dsl.checker import compile_policy
from dsl.model import CheckedPolicy
from dsl.source import Source
from engine import durable, durable_process, engines, reference
from engine.decision import Decision, Range, dumps, to_json
from engine.durable_cage import Cage
from engine.durable_refusals import CannotDecide
from engine.durable_rules import MOST_RULES, Program, compile_rules
from engine.facts import Facts, FactsError, read_facts
from engine.reference import Question
from policies.registry.files import check_file
from tests import durable_workers
from tests.api_client import make_app
from tests.cli import POLICY as SMALL
from tests.corpus import Case, cases
from tests.generate import Raw, checked, facts_for

pytestmark = pytest.mark.skipif(
    find_spec("durable_rules_engine") is None, reason="durable-rules is not installed here"
)

DAY = date(2026, 6, 30)
FOLDER = Path(__file__).parent.parent / "policies"
# A policy takes minutes to shrink and shows what it is about as it is: no shrinking.
quickly = settings(
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=list(HealthCheck),
)


def complete(policy: CheckedPolicy) -> st.SearchStrategy[Raw]:
    """Customers of whom everything is known."""
    required = {key: replace(fact, required=True) for key, fact in policy.facts.items()}
    return facts_for(replace(policy, facts=required))


def told(decision: Decision) -> str:
    """A decision without the engine that made it."""
    return dumps({**to_json(decision), "engine": None})


def agree(policy: CheckedPolicy, facts: Facts, day: date, question: Question) -> None:
    """Both engines decide alike; or durable-rules says that something has no value, which is all that it may
    refuse of complete facts: after a division by zero, or by the policy's own `-`.
    """
    found: Decision | CannotDecide
    try:
        found = durable.decide(policy, facts, day, question)
    except CannotDecide as refusal:
        found = refusal
    if isinstance(found, CannotDecide):
        assert "compares known values only" in str(found)
        return
    assert found.engine == durable.NAME
    assert told(found) == told(reference.decide(policy, facts, day, question)), policy.source.text


@cache
def of_case(case: Case) -> CheckedPolicy:
    return compile_policy(case.source(), case.load)


@cache
def of_file(path: Path) -> CheckedPolicy:
    policy = check_file(str(path)).policy
    assert policy is not None
    return policy


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_the_corpus_is_decided_as_by_the_reference(case: Case) -> None:
    policy = of_case(case)
    decided = 0
    for row in case.rows():
        facts = read_facts(policy, row["facts"])
        day = date.fromisoformat(row["as_of"]) if "as_of" in row else DAY
        for question in (
            Question("zh", "reasons", row.get("at")),
            Question("en", "full", "all"),
            Question("en", "none"),
        ):
            if len(facts.known) < len(policy.facts) and reference.out_of_force(policy, day, "en") is None:
                with pytest.raises(CannotDecide, match="every fact is known"):
                    durable.decide(policy, facts, day, question)
            else:
                agree(policy, facts, day, question)
                decided += 1
    assert decided or case.name in ("unknowns", "values_and_dates"), (
        "these two leave something out in every row"
    )


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
@settings(quickly, max_examples=6)
@given(data=st.data())
def test_the_corpus_with_complete_facts(case: Case, data: st.DataObject) -> None:
    policy = of_case(case)
    facts = read_facts(policy, data.draw(complete(policy)))
    agree(policy, facts, DAY, Question("en", "full", data.draw(st.sampled_from([None, "all"]))))


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.tier")), ids=lambda path: path.stem)
@settings(quickly, max_examples=6)
@given(data=st.data())
def test_every_policy_with_complete_facts(path: Path, data: st.DataObject) -> None:
    policy = of_file(path)
    facts = read_facts(policy, data.draw(complete(policy)))
    agree(policy, facts, DAY, Question("zh", "full", data.draw(st.sampled_from([None, "all"]))))


@settings(quickly, max_examples=15)
@given(data=st.data())
def test_generated_policies(data: st.DataObject) -> None:
    policy = data.draw(checked())
    for _ in range(4):
        facts = read_facts(policy, data.draw(complete(policy)))
        agree(policy, facts, DAY, Question("en", "full", data.draw(st.sampled_from([None, "all"]))))


# ---------------------------------------------------------------- what durable-rules is weak at


@cache
def compiled(text: str) -> CheckedPolicy:
    return compile_policy(Source(text))


def of_text(text: str, raw: Raw, **asked: str) -> Decision:
    """The decision on a short policy, which both engines agree on."""
    policy = compiled(text)
    facts = read_facts(policy, raw)
    decision = engines.decide(policy, facts, as_of=DAY, engine="durable", **asked)  # type: ignore[arg-type]
    assert told(decision) == told(engines.decide(policy, facts, as_of=DAY, engine="reference", **asked))  # type: ignore[arg-type]
    return decision


WIDE = """
policy wide
fact x: number
fact y: number
choose c
  half "x is more than half of y" when x > y / 2
  tiny "x is tiny"                when x > 0.00000001
  none "nothing"                  when x = 0
  less "less than nothing"        otherwise
"""


@pytest.mark.parametrize(
    ("x", "outcome"),
    [
        ("0.00000002", "tiny"),
        ("0.00000001", "less"),
        ("0", "none"),
        ("-0.00000001", "less"),
        ("-999999999999999999.99999999", "less"),
        ("499999999999999999.99999998", "tiny"),
        ("499999999999999999.99999999", "tiny"),
        ("500000000000000000.00000000", "half"),
        ("999999999999999999.99999999", "half"),
    ],
)
def test_numbers_of_any_width_are_compared_exactly(x: str, outcome: str) -> None:
    assert of_text(WIDE, {"x": x, "y": "999999999999999999.99999998"}).segments["c"] == outcome


def test_words_and_names_that_mean_something_to_durable_rules() -> None:
    text = """
policy names
fact sid: text
fact id: one of exception, running, label
fact chart: list of text
fact `$s`: yes/no
choose c
  both "both"   when sid = "$and" or sid = "1" or chart contains "$or"
  some "some"   when id in running, label and `$s`
  none "none"   otherwise
"""
    long = "x" * 5000
    for sid, id, chart, flag, outcome in (
        ("$and", "label", [], False, "both"),
        ("0", "label", ["$or"], True, "both"),
        (long, "running", [long], True, "some"),
        ("", "exception", [""], True, "none"),
        ("5", "label", [], False, "none"),
    ):
        raw: Raw = {"sid": sid, "id": id, "chart": chart, "$s": flag}
        assert of_text(text, raw).segments["c"] == outcome


def big(rows: int) -> str:
    bands = "".join(f"| {10 * row} to {10 * row + 10} | {row} |\n" for row in range(1, rows))
    return (
        f"policy big\nfact x: number\nscore base\n| x | points |\n| below 10 | 1 |\n{bands}"
        f"| {10 * rows} or more | 7 |\ntiers g by base\n A from 100\n B from 3\n C otherwise\n"
    )


def test_a_bigger_policy_goes_into_several_rulesets() -> None:
    program = compile_rules(compiled(big(200)))
    sizes = [len(each.rules) for each in program.steps[0].rulesets]
    assert len(sizes) == 4
    assert max(sizes) == MOST_RULES
    for x, points in ((0, 1), (29, 2), (1000, 100), (1999, 199), (2000, 7)):
        assert of_text(big(200), {"x": x}).scores["base"] == points


def test_thresholds_become_disjoint() -> None:
    """One tier's rule fires for each total, not those of all tiers below as well."""
    policy = compiled(
        "policy p\nfact x: number\ntiers g by x\n A from 80\n B from 60\n C from 40\n D otherwise\n"
    )
    rules = compile_rules(policy).steps[0].rulesets[0].rules
    assert [len(each["all"][0]["m"].get("$and", [0])) for each in rules.values()] == [1, 2, 3, 3]


def test_the_lowest_cap_and_the_highest_floor_decide() -> None:
    """Each of these facts moves the tier; of two that do, the stronger one wins, wherever it stands."""
    text = """
policy limits
fact x: number
fact a: yes/no
fact b: yes/no
tiers g by x
  A from 80
  B from 60
  C from 40
  D otherwise
  at least C when a
  at least B when b
tiers h by x
  A from 80
  B from 60
  C from 40
  D otherwise
  at most C when a
  at most B when b
"""
    for a, b, floor, cap in (
        (True, True, "B", "C"),
        (True, False, "C", "C"),
        (False, True, "B", "B"),
        (False, False, "D", "A"),
    ):
        assert of_text(text, {"x": 0, "a": a, "b": b}).tiers["g"].tier == floor
        assert of_text(text, {"x": 90, "a": a, "b": b}).tiers["h"].tier == cap


@pytest.mark.parametrize(
    ("score", "facts"),
    [
        ("score s\n a: +5 per 2 of q up to 20", {"n": 9, "k": 0}),
        ("score s between 0 and 10\n a: +5 per 2 of q up to 20", {"n": 9, "k": 0}),
        ("score s between -5 and 50\n a: +5 per 2 of q\n b: +10 when n > 5", {"n": 9, "k": 0}),
        ("score s = v * 2", {"n": 9, "k": 1}),
        ("score s between -10 and 10 = v * 2", {"n": 9, "k": 1}),
        ("score s between 0 and 100\n a: +q when n > 5\n b: -5 when n > 6", {"n": 9, "k": 0}),
    ],
)
def test_a_score_that_is_a_range_though_everything_is_known(score: str, facts: Raw) -> None:
    """After a division by zero, or a deliberate `-`, the reference's own bounds make the range."""
    text = (
        "policy p\nfact n: number\nfact k: number\nvalue q: number = n / k rounded to 2 places\n"
        f"value v: number\n| n | v |\n| below 8 | 5 |\n| 8 or more | - |\n{score}\n"
        "tiers g by n\n  A from 5\n  B otherwise\n"
    )
    assert isinstance(of_text(text, facts, explain="full").scores["s"], Range)


def test_policies_of_one_text_that_use_other_texts_are_kept_apart() -> None:
    text = 'policy p\nuse "limits"\nfact x: number\ntiers g\n A when x > line\n B otherwise\n'
    for limit, tier in ((10, "A"), (20, "B"), (10, "A")):
        used = Source(f"set line: number = {limit}\n", "limits")
        policy = compile_policy(Source(text), lambda _, used=used: used)  # type: ignore[misc]
        facts = read_facts(policy, {"x": 15})
        agree(policy, facts, DAY, Question())
        assert durable.decide(policy, facts, DAY, Question()).tiers["g"].tier == tier


def test_rulesets_are_named_by_what_they_say() -> None:
    text = "policy p\nfact x: number\ntiers g\n A when x > {}\n B otherwise\n"
    ten, twenty, other = (compile_rules(compiled(text.format(limit))) for limit in (10, 20, "10.0"))
    assert ten.book.name != twenty.book.name
    assert ten.book == other.book
    assert all(name.startswith(ten.book.name) for name in ten.book.rulesets)


# ---------------------------------------------------------------- what it refuses


def refused(text: str, raw: Raw) -> CannotDecide:
    policy = compiled(text)
    with pytest.raises(CannotDecide) as caught:
        engines.decide(policy, read_facts(policy, raw), as_of=DAY, engine="durable")
    return caught.value


def test_an_unknown_fact_is_refused_by_name() -> None:
    text = "policy p\nfact x: number\nfact y: number\ntiers g\n A when x > 1\n B when y > 1\n C otherwise\n"
    problems = refused(text, {"x": 5}).problems
    assert [each.pointer for each in problems] == ["/facts/y"]
    assert (
        problems[0].message() == "the engine `durable` decides only when every fact is known, and `y` is not"
    )
    assert problems[0].message("zh") == "引擎 `durable` 要求所有指标均已知，而 `y` 未知"


def test_a_division_by_zero_is_refused_in_the_authors_words() -> None:
    text = "policy p\nfact x: number\nfact y: number\ntiers g\n A when x / y > 2\n B otherwise\n"
    found = refused(text, {"x": 5, "y": 0})
    assert found.problems[0].message() == (
        "the engine `durable` compares known values only, and `x / y` divides by zero"
    )
    assert found.problems[0].message("zh") == "引擎 `durable` 只比较已知的值，而`x / y` 的除数为零"


def test_what_would_become_too_many_rules_is_refused_with_its_line() -> None:
    facts = "".join(f"fact a{number}: yes/no\nfact b{number}: yes/no\n" for number in range(8))
    condition = " and ".join(f"(a{number} or b{number})" for number in range(8))
    raw: Raw = {f"{name}{number}": True for name in "ab" for number in range(8)}
    found = refused(f"policy p\n{facts}tiers g\n A when {condition}\n B otherwise\n", raw)
    assert found.problems[0].message() == (
        "line 19 is beyond the engine `durable`: the condition would become 256 rules, and 200 is the limit"
    )


def test_a_policy_that_is_refused_is_not_worked_on_for_each_customer(monkeypatch: pytest.MonkeyPatch) -> None:
    facts = "".join(f"fact a{number}: yes/no\nfact b{number}: yes/no\n" for number in range(8))
    condition = " and ".join(f"(a{number} or b{number})" for number in range(8))
    text = f"policy once\n{facts}tiers g\n A when {condition}\n B otherwise\n"
    worked: list[str] = []

    def counting(policy: CheckedPolicy) -> Program:
        worked.append(policy.name)
        return compile_rules(policy)

    monkeypatch.setattr(durable, "compile_rules", counting)
    raw: Raw = {f"{name}{number}": True for name in "ab" for number in range(8)}
    said = {str(refused(text, raw)) for _ in range(3)}
    assert len(said) == 1
    assert worked == ["once"]


def test_a_stage_that_is_none_is_refused_as_by_the_reference() -> None:
    policy = of_file(FOLDER / "b2b_grading.tier")
    raw = {"order_amount": 1, "listed": True, "valuation": "low", "stage": "contract"}
    with pytest.raises(FactsError, match="no benefit is granted by a stage"):
        engines.decide(policy, read_facts(policy, raw), as_of=DAY, engine="durable", at="nowhere")


def test_where_it_is_not_installed_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(durable_process, "find_spec", lambda _: None)
    monkeypatch.setattr(durable, "cage", Cage)
    found = refused("policy p\nfact x: number\ntiers g\n A when x > 1\n B otherwise\n", {"x": 5})
    assert found.problems[0].code == "engine_missing"
    assert str(found) == "durable-rules is not installed here, so the engine `durable` cannot decide"


# ---------------------------------------------------------------- asked for by name

KNOWN: Raw = {"order_amount": 450000, "listed": False, "since": "2024-05-01"}


def test_a_call_names_the_engine_and_the_answer_says_which_decided() -> None:
    client = make_app().test_client()
    body = {"policy": "grading", "as_of": "2026-06-30", "facts": KNOWN}
    answers = [
        client.post("/v1/decisions", json={**body, "engine": name}) for name in ("durable", "reference")
    ]
    assert [each.status_code for each in answers] == [200, 200]
    assert [each.json["engine"] for each in answers if each.json] == ["durable", "reference"]
    kept = [{**(each.json or {}), "engine": None, "decision_id": None} for each in answers]
    assert kept[0] == kept[1]


def test_a_call_that_it_refuses_is_a_problem() -> None:
    body = {"policy": "grading", "facts": {"order_amount": 1}, "engine": "durable", "lang": "zh"}
    answer = make_app().test_client().post("/v1/decisions", json=body)
    assert answer.status_code == 422
    assert answer.json is not None
    assert [each["pointer"] for each in answer.json["errors"]] == ["/facts/listed", "/facts/since"]
    assert answer.json["errors"][0]["detail"] == "引擎 `durable` 要求所有指标均已知，而 `listed` 未知"


def test_the_command_names_the_engine(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    facts = tmp_path / "facts.ndjson"
    facts.write_text('{"amount": 200, "listed": true}\n{"amount": 200}\n')
    policy = tmp_path / "small.tier"
    policy.write_text(SMALL)
    options = ["--facts", str(facts), "--as-of", "2026-06-30", "--engine", "durable", "--json"]
    assert run(["decide", str(policy), *options]) == 1
    said = capsys.readouterr()
    first, second = map(json.loads, said.out.splitlines())
    assert (first["engine"], first["tiers"]["grade"]["tier"]) == ("durable", "A")
    assert second["error"]["errors"][0]["code"] == "engine_needs_fact"
    assert "decides only when every fact is known, and `listed` is not" in said.err


# ---------------------------------------------------------------- when the worker is lost


def lost(cage: Cage) -> int:
    """How many of its workers were lost."""
    return sum(number for (what, _), number in cage.counts().items() if what == "lost")


def customers(count: int) -> list[Raw]:
    chance = random.Random(3)
    return [
        {
            "order_amount": chance.randrange(12_000_000),
            "referrals": chance.randrange(6),
            "listed": chance.random() < 0.5,
            "valuation": chance.choice(["high", "medium", "low"]),
            "days_overdue": f"P{chance.randrange(120)}D",
            "stage": chance.choice(["prospect", "contract", "delivery", "maintenance", "renewal"]),
        }
        for _ in range(count)
    ]


def test_killed_at_random_each_decision_is_made_once_and_right() -> None:
    policy = of_file(FOLDER / "b2b_grading.tier")
    cage = Cage()
    stop = threading.Event()

    def kill() -> None:
        chance = random.Random(11)
        while not stop.wait(chance.uniform(0.1, 0.5)):
            if cage.pid is not None:
                with suppress(ProcessLookupError):
                    os.kill(cage.pid, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    by: dict[str, int] = {}
    try:
        for asked, raw in enumerate(customers(5000)):
            if asked >= 150 and lost(cage) >= 3 and by.get("durable", 0):
                break  # a quick machine needs more of them until some are lost
            facts = read_facts(policy, raw)
            found = durable.decide_in(cage, policy, facts, DAY, Question())
            assert told(found) == told(reference.decide(policy, facts, DAY, Question()))
            by[found.engine] = by.get(found.engine, 0) + 1
    finally:
        stop.set()
        killer.join()
        cage.close()
    assert by["durable"] > 0
    assert sum(by.values()) == asked
    assert lost(cage) >= 3
    # Where two workers in a row were killed the reference has decided, said so, and been counted.
    assert by.get("reference", 0) == cage.counts()["question", "given_up"]


def test_what_costs_two_workers_is_decided_by_the_reference_which_says_so() -> None:
    policy = of_file(FOLDER / "b2b_grading.tier")
    cage = Cage(entry=durable_workers.entry(durable_workers.never_starts))
    facts = read_facts(policy, customers(1)[0])
    found = durable.decide_in(cage, policy, facts, DAY, Question())
    assert found.engine == "reference"
    assert told(found) == told(reference.decide(policy, facts, DAY, Question()))
    assert cage.counts()["incident", "died"] == 1
    cage.close()
