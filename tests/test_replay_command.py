"""`tierwise replay`: what is given again for one decision, and a period in which not every decision can be made again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest
from sqlalchemy import Connection

from dsl.checker import compile_policy
from dsl.diagnostics import PolicyError
from dsl.model import CheckedPolicy
from dsl.source import Source
from policies.registry.store.connect import Store
from policies.registry.store.versions import Version, load
from policies.registry.store.writer import Recorder
from tests.cli import Command, tierwise
from tests.recording import FACTS, RECORDED, loaded, newest, recorded
from tests.store import address, published

__all__ = ["tierwise"]

OPEN = RECORDED.replace(", masked", "")
MASKED = {"age": 30, "share": "20%"}


@pytest.fixture
def database() -> str:
    """One kind is enough: the commands see neither."""
    return "sqlite"


@pytest.fixture
def recorder(store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Recorder]:
    """Records into the store that the commands will find."""
    monkeypatch.setenv("TIERWISE_DATABASE_URL", address(store))
    with Recorder(store) as recorder:
        yield recorder


# ---------------------------------------------------------------- one decision


def test_masked_facts_come_from_a_file_or_standard_input(
    store: Store, recorder: Recorder, tierwise: Command, tmp_path: Path
) -> None:
    id = recorded(recorder, loaded(store), FACTS)
    file = tmp_path / "facts.json"
    file.write_text(json.dumps(MASKED))
    for done in (
        tierwise("replay", id, "--facts", file),
        tierwise("replay", id, "--facts", "-", stdin=json.dumps(MASKED)),
    ):
        assert (done.code, json.loads(done.out)["identical"]) == (0, True)


@pytest.mark.parametrize(
    ("given", "en", "zh"),
    [
        ({"age": "old", "share": "20%"}, "/age: `age` must be a whole number", "/age: `age` 须为整数"),
        ({"age": 31, "share": "20%"}, "was not what is given now", "与现在给出的值不同"),
        ([1], "must hold an object of facts", "应为由事实组成的对象"),
        (
            {"nosuch": 1, **MASKED},
            "`recorded` has no fact `nosuch`; the facts are `orders`, `age`, ",
            "`recorded` 没有指标 `nosuch`；可用指标：`orders`、`age`、",
        ),
    ],
)
def test_masked_facts_that_cannot_be_taken_are_refused_in_words(
    store: Store, recorder: Recorder, tierwise: Command, given: object, en: str, zh: str
) -> None:
    id = recorded(recorder, loaded(store), FACTS)
    for lang, sentence in (("en", en), ("zh", zh)):
        done = tierwise("replay", id, "--facts", "-", "--lang", lang, stdin=json.dumps(given))
        assert (done.code, done.out) == (2, "")
        assert sentence in done.err


def test_a_file_that_is_no_text_is_refused_in_words(
    store: Store, recorder: Recorder, tierwise: Command, tmp_path: Path
) -> None:
    id = recorded(recorder, loaded(store), FACTS)
    file = tmp_path / "facts.json"
    file.write_bytes(b'{"age": "\xff"}')
    assert "is not JSON" in tierwise("replay", id, "--facts", file).err
    assert "does not exist" in tierwise("replay", id, "--facts", tmp_path / "nowhere").err
    both = tierwise("replay", id, "--facts", "-", "--state", "-")
    assert (both.code, "only one file" in both.err) == (2, True)


@pytest.mark.parametrize("option", ["--facts", "--state"])
@pytest.mark.usefixtures("recorder")
def test_of_a_period_nothing_is_given_again(tierwise: Command, option: str) -> None:
    done = tierwise("replay", "--policy", "recorded", option, "x.json")
    assert (done.code, done.out) == (2, "")
    assert f"{option} belongs to one decision; name it" in done.err
    assert f"{option} 只用于单条决策" in tierwise("replay", option, "x.json", "--lang", "zh").err


# ---------------------------------------------------------------- a period


def test_what_cannot_be_made_again_is_counted_and_the_others_are(
    store: Store, recorder: Recorder, tierwise: Command
) -> None:
    """Of three decisions, one was made by a file, and one by a version whose text is in error by now."""
    first = loaded(store, OPEN)
    published(store, OPEN.replace("+60", "+50"))
    outdated = recorded(recorder, first)
    of_a_file = recorded(recorder, compile_policy(Source(OPEN)))
    recorded(recorder, newest(store))

    def aged(connection: Connection, version: Version) -> CheckedPolicy:
        if version.number == 1:
            raise PolicyError(Source(OPEN), ())
        return load(connection, version)

    with patch("api.catalogue.load", aged):
        done = tierwise("replay", "--policy", "recorded")
        in_chinese = tierwise("replay", "--policy", "recorded", "--lang", "zh")
    lines = {line["decision_id"]: line for line in map(json.loads, done.out.splitlines())}
    assert done.code == 1
    assert done.err == "3 decided again: 1 the same, 0 changed, 2 that cannot be\n"
    assert lines.keys() == {outdated, of_a_file}
    assert {(line["result"], line["identical"]) for line in lines.values()} == {("unfit", None)}
    assert "`recorded@1`" in lines[outdated]["problems"][0]
    assert "from a file" in lines[of_a_file]["problems"][0]
    assert "使用文件中的政策" in in_chinese.out


@pytest.mark.parametrize("against", [(), ("--against", "recorded@1")])
def test_a_policy_or_a_customer_that_nobody_knows_is_misspelled(
    store: Store, recorder: Recorder, tierwise: Command, against: tuple[str, ...]
) -> None:
    recorded(recorder, loaded(store, OPEN))
    for option, en, zh in (
        ("--policy", "no policy `nosuch` was published", "尚未发布政策 `nosuch`"),
        ("--customer", "no decision about the customer `nosuch` is recorded", "没有客户 `nosuch` 的决策记录"),
    ):
        done = tierwise("replay", option, "nosuch", *against)
        assert (done.code, done.out) == (2, "")
        assert done.err.startswith(f"tierwise: {en}")
        assert zh in tierwise("replay", option, "nosuch", *against, "--lang", "zh").err


def test_a_period_without_decisions_is_all_well(store: Store, recorder: Recorder, tierwise: Command) -> None:
    """Of a policy that was published, or that decided from a file; and of a customer with decisions on other days."""
    of_a_file = compile_policy(Source(OPEN.replace("policy recorded", "policy unpublished")))
    published(store, OPEN.replace("policy recorded", "policy unused"))
    recorded(recorder, loaded(store, OPEN))
    recorded(recorder, of_a_file)
    for named in (("--policy", "unused"), ("--policy", "unpublished"), ("--customer", "C1")):
        done = tierwise("replay", *named, "--since", "2100-01-01")
        assert (done.code, done.out) == (0, "")
        assert done.err.startswith("0 decided again")
