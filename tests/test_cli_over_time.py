"""`tierwise decide --state`, `--override` and `--history`, and stories in `tierwise test`."""

import json
import re
from pathlib import Path

import pytest

from tests.cli import POLICY, Command, tierwise
from tests.moving import LOYAL

__all__ = ["tierwise"]

ROOT = Path(__file__).parent.parent
HISTORY = [
    {"on": "2026-01-10", "facts": {"orders": 65}},
    {"on": "2026-02-10", "facts": {"orders": 30}},
    {"on": "2026-08-10"},
    {"on": "2026-08-20", "override": {"kind": "set", "tier": "A", "reason": "Tender", "author": "Li Na",
                                      "until": "2026-10-31"}},
    {"on": "2026-11-20", "facts": {"orders": None}},
]  # fmt: skip


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    path = tmp_path / "loyal.tier"
    path.write_text(LOYAL, "utf-8")
    return path


def file(folder: Path, name: str, content: object) -> Path:
    path = folder / name
    path.write_text(json.dumps(content), "utf-8")
    return path


# ---------------------------------------------------------------- one day


def test_the_state_of_an_answer_is_what_the_next_one_takes(tierwise: Command, policy: Path) -> None:
    facts, state = file(policy.parent, "f.json", {"orders": 65}), file(policy.parent, "s.json", {})
    first = json.loads(
        tierwise("decide", policy, "--facts", facts, "--state", state, "--as-of", "2026-01-10").out
    )
    assert (first["held"], first["computed"]) == ("B", "B")
    file(policy.parent, "f.json", {"orders": 30})
    told = json.dumps(first["state"])
    done = tierwise("decide", policy, "--facts", facts, "--state", "-", "--as-of", "2026-02-10", stdin=told)
    second = json.loads(done.out)
    assert (done.code, second["held"], second["computed"]) == (0, "B", "D")
    table = tierwise(
        "decide", policy, "--facts", facts, "--state", "-", "--as-of", "2026-02-10", "--table", stdin=told
    ).out
    assert "Over time\n" in table
    assert "keeps B until 2026-07-30: tier kept at least 6 months" in table
    assert "drops to C on 2026-07-31 unless total reaches 55" in table
    assert "next review 2026-03-01" in table
    assert "grade = D, computed  (" in table
    assert "grade = B, held\n" in table


def test_an_override_begins_on_the_day_asked_about(tierwise: Command, policy: Path) -> None:
    facts, state = file(policy.parent, "f.json", {"orders": 30}), file(policy.parent, "s.json", {})
    override = {"kind": "floor", "tier": "B", "reason": "Tender", "author": "Li Na", "until": "2026-03-31"}
    given = file(policy.parent, "o.json", override)
    asked = (
        "decide",
        policy,
        "--facts",
        facts,
        "--state",
        state,
        "--override",
        given,
        "--as-of",
        "2026-02-10",
    )
    found = json.loads(tierwise(*asked).out)
    assert (found["held"], found["computed"]) == ("B", "D")
    assert found["state"]["grade"]["overrides"][0]["from"] == "2026-02-10"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "give either --facts FILE"),
        (("--facts", "f.json", "--history", "h.json"), "give either --facts FILE"),
        (("--history", "h.json", "--as-of", "2026-01-01"), "--as-of does not go with --history"),
        (("--history", "h.json", "--override", "o.json"), "--override does not go with --history"),
        (("--history", "h.json", "--keep", "x"), "--keep does not go with --history"),
        (("--facts", "f.json", "--override", "o.json"), "give --state FILE as well"),
        (("--facts", "-", "--state", "-"), "only one file"),
    ],
)
def test_options_that_make_no_question(
    tierwise: Command, policy: Path, arguments: tuple[str, ...], said: str
) -> None:
    done = tierwise("decide", policy, *arguments)
    assert done.code == 2
    assert said in done.err
    chinese = tierwise("decide", policy, *arguments, "--lang", "zh").err
    assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese)


def test_a_state_is_of_one_customer(tierwise: Command, policy: Path) -> None:
    rows = file(policy.parent, "f.json", [{"orders": 1}, {"orders": 2}])
    done = tierwise("decide", policy, "--facts", rows, "--state", file(policy.parent, "s.json", {}))
    assert (done.code, done.out) == (2, "")
    assert "--state is of one customer" in done.err


def test_every_bad_field_of_a_state_is_said(tierwise: Command, policy: Path) -> None:
    facts = file(policy.parent, "f.json", {"orders": 65})
    state = file(
        policy.parent, "s.json", {"grade": {"as_of": "soon", "since": "2026-01-01", "tier": "Z"}, "x": {}}
    )
    done = tierwise("decide", policy, "--facts", facts, "--state", state)
    assert done.code == 2
    for pointer in ("/grade/as_of", "/grade/tier", "/x"):
        assert pointer in done.err


@pytest.mark.parametrize("option", ["--state", "--history"])
def test_a_policy_without_movement_says_what_to_write(tierwise: Command, tmp_path: Path, option: str) -> None:
    still = tmp_path / "small.tier"
    still.write_text(POLICY, "utf-8")
    given = file(tmp_path, "given.json", {})
    more = ("--facts", file(tmp_path, "f.json", {})) if option == "--state" else ()
    done = tierwise("decide", still, option, given, *more)
    assert (done.code, done.out) == (2, "")
    assert "add `movement of grade` with its rules to the policy" in done.err
    assert "`升降级 grade`" in tierwise("decide", still, option, given, *more, "--lang", "zh").err


# ---------------------------------------------------------------- through time


@pytest.mark.parametrize("form", ["array", "lines"])
def test_a_history_gives_a_line_a_date(tierwise: Command, policy: Path, form: str) -> None:
    text = json.dumps(HISTORY) if form == "array" else "\n".join(map(json.dumps, HISTORY))
    done = tierwise("decide", policy, "--history", "-", stdin=text)
    lines = [json.loads(line) for line in done.out.splitlines()]
    assert done.code == 0
    assert [(each["on"], each["held"], each["computed"]) for each in lines] == [
        ("2026-01-10", "B", "B"),
        ("2026-02-10", "B", "D"),
        ("2026-08-10", "C", "D"),
        ("2026-08-20", "A", "D"),
        ("2026-11-20", "C", None),
    ]
    assert [[each["text"] for each in line["transitions"]] for line in lines] == [
        ["enters at B"],
        [],
        ["notice is given: C from 2026-07-31", "moves down from B to C"],
        ["set to A until 2026-10-31 by Li Na: Tender"],
        ["the override is over: from A to C"],
    ]
    assert all({"state", "movement", "tiers", "benefits"} <= set(line) for line in lines)
    assert list(lines[0])[:3] == ["on", "held", "computed"]


def test_a_history_may_go_on_from_a_state(tierwise: Command, policy: Path) -> None:
    whole = tierwise("decide", policy, "--history", "-", stdin=json.dumps(HISTORY)).out.splitlines()
    state = file(policy.parent, "s.json", json.loads(whole[1])["state"])
    rest = [{"on": "2026-08-10", "facts": {"orders": 30}}, *HISTORY[3:]]
    found = tierwise("decide", policy, "--history", "-", "--state", state, stdin=json.dumps(rest)).out
    assert [json.loads(line)["state"] for line in found.splitlines()] == [
        json.loads(line)["state"] for line in whole[2:]
    ]


def test_a_timeline_for_people(tierwise: Command, policy: Path) -> None:
    done = tierwise("decide", policy, "--history", "-", "--table", stdin=json.dumps(HISTORY))
    lines = done.out.splitlines()
    assert lines[1].split() == ["date", "grade", "computed", "what", "happened", "why"]
    assert lines[3].split() == ["2026-01-10", "B", "B", "enters", "at", "B"]
    assert "2026-07-31: moves down from B to C" in done.out
    chinese = tierwise(
        "decide", policy, "--history", "-", "--table", "--lang", "zh", stdin=json.dumps(HISTORY)
    )
    assert "2026-07-31: 由 B 降为 C" in chinese.out
    assert "人工定为 A" in chinese.out


def test_every_bad_entry_is_named(tierwise: Command, policy: Path) -> None:
    history = [
        {"on": "2026-02-30", "facts": {"order": 1}},
        {"on": "2026-01-01", "fact": {}},
        3,
        {"on": "2026-02-01", "facts": {"orders": 2.5}, "override": {"kind": "x"}},
        {"facts": []},
    ]
    done = tierwise("decide", policy, "--history", "-", stdin=json.dumps(history))
    assert (done.code, done.out) == (2, "")
    places = (
        "/0/on",
        "/0/facts/order",
        "/1/fact",
        "/2",
        "/3/facts/orders",
        "/3/override/kind",
        "/4/on",
        "/4/facts",
    )
    for place in places:
        assert f"{place}:" in done.err


@pytest.mark.parametrize(
    ("history", "said"),
    [
        ([], "the history has no entries"),
        ([HISTORY[1], HISTORY[0]], "/1/on"),
        ([HISTORY[0], HISTORY[0]], "/1/on"),
    ],
)
def test_entries_ascend(tierwise: Command, policy: Path, history: list[object], said: str) -> None:
    done = tierwise("decide", policy, "--history", "-", stdin=json.dumps(history))
    assert (done.code, done.out) == (2, "")
    assert said in done.err


def test_the_history_in_the_readme_is_what_comes_out(tierwise: Command) -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    shown = json.loads(re.search(r"```json\n(\{\n  \"on\".*?)```", readme, re.DOTALL)[1])  # type: ignore[index]
    history = ROOT / "policies" / "samples" / "history.json"
    done = tierwise("decide", ROOT / "policies" / "b2b_grading.tier", "--history", history)
    (found,) = [line for line in map(json.loads, done.out.splitlines()) if line["on"] == shown["on"]]
    moved = shown.pop("movement")["grade"]
    assert {key: found[key] for key in shown} == shown
    assert {key: found["movement"]["grade"][key] for key in moved} == moved


# ---------------------------------------------------------------- stories

STORY = """
example "A year"
  given dispute = no
  on 2026-01-10
  given orders = 65
  expect grade = B, grade enters
  on 2026-02-10
  given orders = 30
  expect grade = B, computed grade = D, grade stays
  on 2026-07-31
  expect grade moves down to C, discount = 3%
"""


def test_a_story_runs_through_time(tierwise: Command, policy: Path) -> None:
    policy.write_text(LOYAL + STORY, "utf-8")
    done = tierwise("test", policy)
    assert (done.code, done.out, done.err) == (0, "", "1 test: 1 passed, 0 failed\n")


def test_a_story_that_fails_is_shown_as_a_timeline(tierwise: Command, policy: Path) -> None:
    policy.write_text(LOYAL + STORY.replace("on 2026-07-31", "on 2026-08-10"), "utf-8")
    done = tierwise("test", policy)
    line = next(row for row in done.out.splitlines() if "2026-08-10" in row)
    assert done.code == 1
    assert line.startswith(" ✗")
    assert not any(row.startswith(" ✗") for row in done.out.splitlines() if "2026-01-10" in row)
    told = " ".join(done.out.split())
    assert "`grade` was expected to move down to C" in told
    assert "moves down to C on 2026-07-31" in told
    assert "失败 A year" in tierwise("test", policy, "--lang", "zh").out


@pytest.mark.parametrize(
    ("steps", "passes"),
    [
        (
            "{on: 2026-02-10, given: {orders: 30}, expect: {grade: B, computed: {grade: D}, moves: {grade: stay}}}",
            True,
        ),
        ("{on: 2026-07-01, given: {orders: 30}, expect: {moves: {grade: stay}}}", True),
        ("{on: 2026-02-10, given: {orders: 30}, expect: {computed: {grade: [C, B]}}}", False),
        ("{on: 2026-02-10, given: {orders: 30}, expect: {moves: {grade: [down, C]}}}", False),
        ("{on: 2026-04-01, given: {orders: 90}, expect: {moves: {grade: [up, A]}, grade: A}}", True),
    ],
)
def test_stories_in_files_of_tests(tierwise: Command, policy: Path, steps: str, passes: bool) -> None:
    first = "{on: 2026-01-10, given: {orders: 65}, expect: {moves: {grade: [enter, B]}}}"
    body = f"tests:\n- name: story\n  given: {{dispute: no}}\n  steps:\n  - {first}\n  - {steps}\n"
    (policy.parent / "loyal.tests.yaml").write_text(body, "utf-8")
    assert tierwise("test", policy).code == (0 if passes else 1)


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ("[]", "`steps` is a list of dates"),
        ("[{expect: {grade: B}}]", "a step needs a date `on`"),
        ("[{on: 2026-01-10, expect: {grade: B}}, {on: 2026-01-10}]", "does not come after 2026-01-10"),
        ("[{on: 2026-01-10}]", "the steps expect nothing"),
        ("[{on: 2026-01-10, expect: {moves: {grade: sideways}}}]", "cannot be expected to move like this"),
        ("[{on: 2026-01-10, expect: {moves: {team: up}}}]", "`team` is no ladder that moves"),
        ("[{on: 2026-01-10, expect: {computed: D}}]", "`computed` is written as ladders"),
    ],
)
def test_steps_that_cannot_be_run(tierwise: Command, policy: Path, steps: str, said: str) -> None:
    body = f"tests:\n- name: story\n  steps: {steps}\n"
    (policy.parent / "loyal.tests.yaml").write_text(body, "utf-8")
    done = tierwise("test", policy)
    assert done.code == 1
    assert said in done.out
