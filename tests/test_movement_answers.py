"""Decisions that a state was given to: the tier held, everything that follows it, why, and what comes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from dsl.checker import compile_policy
from dsl.diagnostics import Lang
from dsl.model import CheckedPolicy, Lapse
from dsl.source import Source
from engine import engines
from engine.decision import Decision, dumps, to_json
from engine.durable_refusals import CannotDecide
from engine.facts import FactsError, parse_json, read_facts
from engine.movement import Override, State
from engine.movement.asked import read_new_override, read_states
from engine.movement.words import lapse_words
from tests.engines import alike
from tests.moving import LOYAL, POLICY, day

Facts = Mapping[str, object]


def decide(
    facts: Facts,
    on: str,
    states: dict[str, State] | None,
    *,
    policy: CheckedPolicy = POLICY,
    lang: Lang = "en",
    **asked: Any,
) -> Decision:
    """What the reference decides; the compiled engine says the same."""
    read, when = read_facts(policy, facts), day(on)
    found = engines.decide(policy, read, as_of=when, lang=lang, states=states, engine="reference", **asked)
    alike(found, policy, read, as_of=when, lang=lang, states=states, **asked)
    return found


def states_of(decision: Decision) -> dict[str, State]:
    """The states that the decision says to hand back, as they come back out of JSON."""
    told = parse_json(dumps(to_json(decision)["state"]))
    return read_states(POLICY, told)


def through(*dated: tuple[str, Facts], policy: CheckedPolicy = POLICY, **asked: Any) -> Decision:
    """The decision of the last date, each with the state of the one before."""
    states: dict[str, State] = {}
    for on, facts in dated:
        found = decide(facts, on, states, policy=policy, **asked)
        states = dict(states_of(found)) if policy is POLICY else dict(found.over_time.states)  # type: ignore[union-attr]
    return found


def grade(decision: Decision) -> Any:
    """What is said of the movement of the grade."""
    return to_json(decision)["movement"]["grade"]  # type: ignore[index, call-overload]


def texts(decision: Decision) -> list[str]:
    assert decision.over_time is not None
    return [each.text for each in decision.over_time.transitions]


HIGH, LOW = ("2026-01-10", {"orders": 65}), ("2026-02-10", {"orders": 30})


def test_without_a_state_the_answer_is_as_it_was() -> None:
    facts = read_facts(POLICY, {"orders": 65})
    plain = engines.answer(POLICY, facts, as_of=day("2026-01-10"))
    assert not {"computed", "held", "state", "transitions", "movement"} & set(json.loads(plain[0]))
    still = compile_policy(Source(LOYAL.split("movement of")[0].replace(", keep from 55", "")))
    asked = engines.answer(still, facts, as_of=day("2026-01-10"), states={})
    assert asked == engines.answer(still, facts, as_of=day("2026-01-10"))


def test_who_has_no_state_enters_at_the_tier_reached() -> None:
    found = decide(HIGH[1], HIGH[0], {})
    told = to_json(found)
    assert (told["held"], told["computed"], told["status"]) == ("B", "B", "decided")
    assert told["transitions"] == [
        {"ladder": "grade", "on": "2026-01-10", "kind": "enter", "rule": "grade", "from": None, "to": "B",
         "text": "enters at B"}
    ]  # fmt: skip
    assert grade(found)["why"] is None
    assert grade(found)["review"] == {"on": "2026-02-01", "from": None, "until": None}
    keys = list(told)
    assert keys[keys.index("why") :] == ["why", "computed", "held", "state", "transitions", "movement"]


def test_everything_follows_the_tier_held() -> None:
    found = through(HIGH, LOW)
    told = to_json(found)
    assert (told["held"], told["computed"], told["status"]) == ("B", "D", "decided")
    assert told["tiers"] == {"grade": {"tier": "B", "label": "Silver", "score": 30, "possible": ["B"]}}
    assert [each.benefit for each in found.benefits] == ["discount"]
    assert found.benefits[0].because == "grade is B"
    assert found.segments == {"team": "Key accounts"}
    assert [each.action for each in found.advice] == ["Call before the review"]
    assert found.missing == ()


def test_why_another_tier_is_held_and_what_comes() -> None:
    found = through(HIGH, LOW)
    told = grade(found)
    assert (
        told["why"]
        == "keeps B until 2026-07-30: tier kept at least 6 months; 30 days notice before moving down"
    )
    assert told["next"] == {
        "on": "2026-07-31", "to": "C", "kind": "down", "text": "drops to C on 2026-07-31 unless total reaches 55",
    }  # fmt: skip
    (reason,) = [each for each in found.reasons if each.rule.startswith("movement.")]
    assert (reason.rule, reason.about, reason.key, reason.gives) == (
        "movement.grade.keep",
        "ladder",
        "grade",
        "B",
    )
    assert reason.label == told["why"]
    assert reason.line == LOYAL.splitlines().index("  keep a tier at least 6 months") + 1
    assert decide(LOW[1], LOW[0], states_of(found), explain="none").reasons == ()


def test_the_same_in_chinese() -> None:
    found = through(HIGH, LOW, lang="zh")
    told = grade(found)
    assert told["why"] == "B 保留至 2026-07-30：等级至少保留 6个月；降级须提前 30天 通知"
    assert told["next"]["text"] == "若 total 未达到 55，将于 2026-07-31 降为 C"
    assert texts(through(HIGH, lang="zh")) == ["首次定级为 B"]
    assert texts(through(HIGH, LOW, ("2026-08-10", {"orders": 30}), lang="zh")) == [
        "已通知：自 2026-07-31 起降为 C",
        "由 B 降为 C",
    ]


def test_a_notice_says_what_it_is_of_and_when_it_was_given() -> None:
    found = through(HIGH, LOW, ("2026-07-15", {"orders": 30}))
    assert texts(found) == ["notice is given: C from 2026-07-31"]
    assert grade(found)["why"] == "keeps B until 2026-07-30: notice of C given on 2026-07-01"
    back = decide({"orders": 58}, "2026-07-20", states_of(found))
    assert texts(back) == ["the notice of moving down is withdrawn"]
    assert grade(back)["why"] == "58 is enough to keep B (from 55)"
    assert grade(back)["next"] is None


def test_moving_up_waits_for_the_review() -> None:
    found = through(HIGH, ("2026-03-10", {"orders": 90}))
    assert grade(found)["why"] == "moves up to A at the review of 2026-04-01"
    assert grade(found)["next"]["to"] == "A"
    assert texts(through(HIGH, ("2026-03-10", {"orders": 90}), ("2026-04-02", {"orders": 90}))) == [
        "moves up from B to A"
    ]


def test_a_hold_holds_and_a_review_in_it_is_postponed() -> None:
    held = through(HIGH, ("2026-03-10", {"orders": 90, "dispute": True}))
    assert grade(held)["why"] == "held while Dispute"
    later = decide({"orders": 90, "dispute": True}, "2026-04-05", states_of(held))
    assert texts(later) == ["the review is postponed: Dispute"]
    released = decide({"orders": 90}, "2026-04-06", states_of(later), lang="zh")
    assert texts(released) == ["由 B 升为 A"]


def test_a_drop_at_once_says_why() -> None:
    found = through(HIGH, ("2026-02-10", {"orders": 30, "fraud": True}))
    assert texts(found) == ["moves down from B to D: Fraud"]
    assert to_json(found)["held"] == "D"
    assert grade(through(HIGH, ("2026-02-10", {"orders": 30, "fraud": True}), lang="zh"))["held"] == "D"


def test_nobody_is_moved_by_what_is_not_known() -> None:
    found = through(HIGH, ("2026-02-10", {}))
    told = to_json(found)
    assert (told["held"], told["computed"], told["status"], told["missing"]) == (
        "B",
        None,
        "decided",
        ["orders"],
    )
    assert grade(found)["why"] == "keeps B while not known: `orders`"
    assert grade(through(HIGH, ("2026-02-10", {}), lang="zh"))["why"] == "`orders` 未知，暂保留 B"
    assert [each.possible for each in found.benefits] == [False]


def test_who_was_never_graded_stays_undetermined_while_a_fact_is_missing() -> None:
    found = decide({}, "2026-02-10", {})
    told = to_json(found)
    assert (told["held"], told["status"]) == (None, "undetermined")
    assert found.tiers["grade"].possible == ("A", "B", "C", "D")
    assert grade(found)["why"] == "not known: `orders`"
    assert grade(found)["since"] is None


def test_what_a_movement_asks_and_nobody_knows_is_missing() -> None:
    text = LOYAL.replace('yes/no "Open dispute", default no', 'yes/no "Open dispute"')
    policy = compile_policy(Source(text))
    found = through(HIGH, ("2026-03-10", {"orders": 90}), policy=policy)
    assert found.missing == ("dispute",)
    assert to_json(found)["held"] == "B"
    assert grade(found)["why"] == "held while Dispute; not known: `dispute`"
    unsure = compile_policy(Source(LOYAL.replace('"Fraud", default no', '"Fraud"')))
    assert through(HIGH, LOW, policy=unsure).missing == ("fraud",)
    assert to_json(through(HIGH, LOW, policy=unsure))["held"] == "B"


def test_who_is_not_graded_leaves() -> None:
    found = through(HIGH, ("2026-02-10", {"orders": 65, "closed": True}))
    told = to_json(found)
    assert (told["held"], told["computed"], told["status"]) == (None, None, "not_applicable")
    assert texts(found) == ["leaves B: not graded any more"]
    again = decide({"orders": 65}, "2026-03-10", states_of(found))
    assert texts(again) == ["enters at B"]


def test_while_it_is_not_known_whether_the_policy_applies_the_tier_is_kept() -> None:
    policy = compile_policy(Source(LOYAL.replace('"Closed", default no', '"Closed"')))
    found = through(
        ("2026-01-10", {"orders": 65, "closed": False}), ("2026-02-10", {"orders": 30}), policy=policy
    )
    assert (to_json(found)["held"], found.status, found.missing) == ("B", "decided", ("closed",))
    assert grade(found)["why"] == "keeps B while not known: `closed`"


# ---------------------------------------------------------------- overrides


def by_hand(**fields: object) -> Override:
    given = {"kind": "set", "tier": "A", "reason": "Big tender", "author": "Li Na", "until": "2026-03-31"}
    return read_new_override(POLICY, given | fields, day("2026-02-10"))


@pytest.mark.parametrize(
    ("fields", "held", "why"),
    [
        ({}, "A", "set to A until 2026-03-31 by Li Na: Big tender"),
        ({"kind": "floor", "tier": "A"}, "A", "not below A until 2026-03-31 by Li Na: Big tender"),
        (
            {"kind": "floor", "tier": "C"},
            "B",
            "not below C until 2026-03-31 by Li Na: Big tender; keeps B until 2026-07-30: tier kept at least 6 months",
        ),
        ({"kind": "freeze", "tier": None}, "B", "frozen at B until 2026-03-31 by Li Na: Big tender"),
        (
            {"kind": "retain", "tier": None},
            "B",
            "at least B is retained until 2026-03-31 by Li Na: Big tender",
        ),
    ],
)
def test_an_override_always_shows(fields: dict[str, object], held: str, why: str) -> None:
    before = states_of(decide(HIGH[1], HIGH[0], {}))
    found = decide(LOW[1], LOW[0], before, override=by_hand(**fields))
    assert to_json(found)["held"] == found.tiers["grade"].tier == held
    assert grade(found)["why"].startswith(why)
    assert texts(found)[0].endswith("until 2026-03-31 by Li Na: Big tender")
    assert [each.rule for each in found.reasons if each.label == grade(found)["why"]] == [
        f"override.{fields.get('kind', 'set')}"
    ]


def test_an_override_that_is_over_is_told_and_gone() -> None:
    before = states_of(decide(HIGH[1], HIGH[0], {}))
    given = decide(LOW[1], LOW[0], before, override=by_hand())
    assert grade(given)["next"]["text"] == "B from 2026-04-01, when the override is over"
    over = decide(LOW[1], "2026-04-02", states_of(given))
    assert texts(over) == ["the override is over: from A to B"]
    without = decide(LOW[1], "2026-04-02", states_of(through(HIGH, LOW)))
    assert states_of(over) == states_of(without)


def test_an_override_gives_a_tier_to_who_has_none() -> None:
    found = decide({"closed": True, "orders": 1}, "2026-02-10", {}, override=by_hand())
    assert (found.status, found.tiers["grade"].tier) == ("decided", "A")


# ---------------------------------------------------------------- refusals


def test_a_state_of_a_later_day_is_refused() -> None:
    states = states_of(decide(HIGH[1], HIGH[0], {}))
    with pytest.raises(FactsError) as refused:
        engines.decide(POLICY, read_facts(POLICY, {}), as_of=date(2026, 1, 9), states=states)
    (problem,) = refused.value.problems
    assert problem.pointer == "/state/grade/as_of"
    assert "2026-01-10" in problem.message("zh")


def test_every_bad_field_of_a_state_is_named() -> None:
    raw = {"grade": {"as_of": "2026-13-01", "tier": "X", "since": 3}, "grad": {}, "team": None}
    with pytest.raises(FactsError) as refused:
        read_states(POLICY, raw)
    assert {each.pointer for each in refused.value.problems} == {
        "/grade/as_of", "/grade/tier", "/grade/since", "/grad", "/team",
    }  # fmt: skip
    with pytest.raises(FactsError, match="must be an object of ladders"):
        read_states(POLICY, [])
    assert read_states(POLICY, {"grade": None}) == {}


def test_durable_rules_refuse_a_state() -> None:
    facts = read_facts(POLICY, {"orders": 65})
    with pytest.raises(CannotDecide) as refused:
        engines.decide(POLICY, facts, as_of=day("2026-01-10"), engine="durable", states={})
    assert "takes no state" in refused.value.problems[0].message("en")
    assert "不接受状态" in refused.value.problems[0].message("zh")


# ---------------------------------------------------------------- words


@pytest.mark.parametrize(
    ("lapse", "en", "zh"),
    [
        (Lapse(6), "6 months", "6个月"),
        (Lapse(1), "1 month", "1个月"),
        (Lapse(0, 1), "1 day", "1天"),
        (Lapse(2, 15), "2 months and 15 days", "2个月零15天"),
    ],
)
def test_lengths_of_time(lapse: Lapse, en: str, zh: str) -> None:
    assert (lapse_words(lapse, "en"), lapse_words(lapse, "zh")) == (en, zh)


HEAD = """\
policy sample
fact orders: whole number
fact certified: yes/no, default yes
fact appeal_to: date
score total = orders
tiers grade by total
"""
PLAIN = HEAD + "  A from 60\n  B from 30\n  C otherwise\n"


@pytest.mark.parametrize(
    ("text", "why", "coming", "why_zh", "coming_zh"),
    [
        (
            PLAIN + "movement of grade\n  review monthly\n",
            "keeps A until the review of 2026-03-01",
            "drops to C at the review of 2026-03-01 unless total reaches 60",
            "A 保留至 2026-03-01 的复核",
            "若 total 未达到 60，将在 2026-03-01 复核时降为 C",
        ),
        (
            PLAIN.replace("A from", "A over") + "movement of grade\n  review monthly\n"
            "  move down at review, one step at a time, after 3 reviews in a row\n",
            "keeps A until the review of 2026-05-01: missed 1 of 3 reviews in a row",
            "drops to B at the review of 2026-05-01 unless total goes above 60",
            "A 保留至 2026-05-01 的复核：须连续 3 次复核未达标，目前 1 次",
            "若 total 未超过 60，将在 2026-05-01 复核时降为 B",
        ),
        (
            PLAIN.replace("A from 60", "A from 60 and certified") + "movement of grade\n  keep a tier until end of quarter\n",
            "keeps A until 2026-03-31: the move down to C was decided on 2026-02-10",
            "drops to C on 2026-04-01",
            "A 保留至 2026-03-31：2026-02-10 已定降为 C",
            "将于 2026-04-01 降为 C",
        ),
        (
            PLAIN + "  at most C when certified\nmovement of grade\n  review yearly on 31 Dec\n"
            "  keep a tier until end of year + 1 month\n  move down at review\n",
            "keeps A until 2027-01-31: still valid",
            "drops to C on 2027-02-01",
            "A 保留至 2027-01-31：仍在有效期内",
            "将于 2027-02-01 降为 C",
        ),
        (
            PLAIN + "movement of grade\n  review monthly\n  move down at review, never below A\n",
            "keeps A: never moves down below A",
            None,
            "保留 A：不会降到 A 以下",
            None,
        ),
        (
            PLAIN + "movement of grade\n  review monthly\n  freeze until appeal_to\n",
            "frozen until a day that is not known",
            None,
            "冻结至未知日期",
            None,
        ),
    ],
)  # fmt: skip
def test_each_reason_to_keep_a_tier(
    text: str, why: str, coming: str | None, why_zh: str, coming_zh: str | None
) -> None:
    policy = compile_policy(Source(text))
    first = {"orders": 70, "certified": "at most C" not in text}
    dated: tuple[tuple[str, Facts], ...] = (("2026-02-05", first), ("2026-02-10", {"orders": 10}))
    dated += (("2026-03-02", {"orders": 10}),) if "3 reviews" in text else ()
    told: tuple[tuple[Lang, str, str | None], ...] = (("en", why, coming), ("zh", why_zh, coming_zh))
    for lang, wanted, comes in told:
        found = grade(through(*dated, policy=policy, lang=lang))
        assert found["why"] == wanted
        assert (found["next"] and found["next"]["text"]) == comes


def test_a_masked_day_is_not_told() -> None:
    text = PLAIN + "movement of grade\n  review monthly\n  freeze until appeal_to\n"
    policy = compile_policy(Source(text.replace("fact appeal_to: date", "fact appeal_to: date, masked")))
    dated = (
        ("2026-02-05", {"orders": 70, "appeal_to": "2026-04-17"}),
        ("2026-02-10", {"orders": 10, "appeal_to": "2026-04-17"}),
    )
    for lang, wanted in (("en", "frozen until a day that is masked"), ("zh", "冻结至已脱敏的日期")):
        assert grade(through(*dated, policy=policy, lang=lang))["why"] == wanted


def test_validity_and_grace_are_told_while_they_last() -> None:
    text = (
        PLAIN
        + "movement of grade\n  review monthly\n  keep a tier until end of month\n  give 2 months grace\n"
    )
    dated = (
        ("2026-02-05", {"orders": 70}),
        ("2026-02-20", {"orders": 10}),
        ("2026-03-10", {"orders": 10}),
    )
    decided = grade(through(*dated, policy=compile_policy(Source(text))))
    assert decided["why"] == "keeps A until 2026-04-30: the move down to C was decided on 2026-03-01"
    quarterly = compile_policy(Source(text.replace("review monthly", "review quarterly")))
    grace = grade(through(*dated, policy=quarterly))
    assert grace["why"] == "keeps A until 2026-04-30: 2 months grace after 2026-02-28"
    valid = grade(through(*dated[:2], policy=quarterly, lang="zh"))
    assert valid["why"] == "A 保留至 2026-04-30：2026-02-28 到期后宽限 2个月"


def test_steps_up_are_told() -> None:
    text = PLAIN + "movement of grade\n  review monthly\n  move up at once, one step at a time\n"
    found = through(
        ("2026-02-05", {"orders": 1}), ("2026-02-10", {"orders": 90}), policy=compile_policy(Source(text))
    )
    assert (to_json(found)["held"], to_json(found)["computed"]) == ("B", "A")
    assert grade(found)["why"] == "moves up to A at the review of 2026-03-01"


def test_a_review_waits_while_it_is_not_known_what_is_deserved() -> None:
    found = through(HIGH, ("2026-08-01", {}))
    assert texts(found) == ["the review is postponed: undecided"]
    later = decide({"orders": 30}, "2026-08-15", states_of(found))
    assert to_json(later)["held"] == "B"


def test_while_a_tier_may_still_be_kept_nothing_is_decided() -> None:
    text = HEAD.replace(", default yes", "") + (
        "  A from 60, keep from 50 and certified\n  B otherwise\n  at most B at once when orders < 5\n"
        "movement of grade\n  review monthly\n  move down at review\n"
    )
    policy = compile_policy(Source(text))
    first = ("2026-02-05", {"orders": 70, "certified": True})
    found = through(first, ("2026-03-01", {"orders": 55}), policy=policy)
    assert (to_json(found)["held"], to_json(found)["computed"], found.missing) == ("A", "B", ("certified",))
    assert grade(found)["why"] == "keeps A while not known: `certified`"
    assert texts(found) == ["the review is postponed: undecided"]
    known = through(
        first,
        ("2026-03-01", {"orders": 55}),
        ("2026-03-02", {"orders": 55, "certified": False}),
        policy=policy,
    )
    assert texts(known) == ["moves down from A to B"]
    capped = through(first, ("2026-02-10", {"orders": 1}), policy=policy)
    assert to_json(capped)["held"] == "B"
