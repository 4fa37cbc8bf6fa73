"""The policies that come along: their form, and that the worked example's three spellings are one policy."""

import csv
import io
from collections import Counter
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from dsl.diagnostics import Lang
from dsl.formatter import format_policy
from dsl.model import CheckedPolicy
from dsl.parser import parse
from engine.decision import to_json
from engine.engines import decide
from engine.facts import read_row
from policies.registry.files import find_policies, load_policy, read_source
from policies.samples.generate import COLUMNS, CUSTOMERS, FILE, THRESHOLDS, customers, to_csv

POLICIES = Path(__file__).parent.parent / "policies"
ENGLISH = "b2b_grading"
CHINESE = ("b2b_grading_zh", "b2b_grading_zh_compact")
DAY = date(2026, 11, 21)


@pytest.fixture(scope="module")
def policies() -> dict[str, CheckedPolicy]:
    return {path.stem: load_policy(path) for path in map(Path, find_policies([POLICIES]))}


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    return customers()


def test_each_has_a_name_of_its_own(policies: dict[str, CheckedPolicy]) -> None:
    assert {*CHINESE, ENGLISH, "northwind"} <= set(policies)
    assert [policy.name for policy in policies.values()] == list(policies)


def test_each_has_tests_beside_it() -> None:
    for path in map(Path, find_policies([POLICIES])):
        assert path.with_name(f"{path.stem}.tests.yaml").is_file(), path


@pytest.mark.parametrize("name", ["b2b_grading", "northwind"])
def test_english_ones_are_as_the_formatter_writes_them(name: str) -> None:
    source = read_source(POLICIES / f"{name}.tier")
    assert format_policy(parse(source)[0], "en") == source.text


def test_the_chinese_one_is_as_the_formatter_writes_it() -> None:
    source = read_source(POLICIES / "b2b_grading_zh.tier")
    assert format_policy(parse(source)[0], "zh") == source.text


def test_the_compact_one_is_written_without_spaces() -> None:
    lines = read_source(POLICIES / "b2b_grading_zh_compact.tier").text.splitlines()
    assert "付款拖延(late_payer)：-10当逾期>30天“付款拖延”" in lines
    spaced = [line for line in lines if " " in line and not line.startswith("#")]
    # Where a name is declared it must end somewhere, and a default must not look like one more value.
    assert all(line.startswith(("政策 ", "指标 ", "评分 ", "等级 ", "判定 ")) for line in spaced), spaced


def decided(policy: CheckedPolicy, row: Mapping[str, str]) -> dict[str, object]:
    """A row's decision, facts under the names that programs use."""
    texts = {name: cell for name, cell in row.items() if name in policy.facts}
    return dict(to_json(decide(policy, read_row(policy, texts), as_of=DAY)))


def test_all_spellings_decide_alike(policies: dict[str, CheckedPolicy], rows: list[dict[str, str]]) -> None:
    for row in rows[::5]:
        english = decided(policies[ENGLISH], row)
        for name in CHINESE:
            chinese = decided(policies[name], row)
            for key in ("status", "scores", "missing", "assumed"):
                assert chinese[key] == english[key], (name, row["customer"], key)
            assert _tiers(chinese) == _tiers(english), (name, row["customer"])
            assert _amounts(chinese) == _amounts(english), (name, row["customer"])
            assert _points(chinese) == _points(english), (name, row["customer"])


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_segments_stand_in_the_language_asked_for(policies: dict[str, CheckedPolicy], lang: Lang) -> None:
    for scope, owner in (("national", "总部大客户部"), ("city", "城市销售部"), ("regional", "大区销售部")):
        facts = {"stage": "contract", "chain_scope": scope}
        answers = [
            decide(policies[name], read_row(policies[name], facts), as_of=DAY, lang=lang).segments
            for name in (ENGLISH, CHINESE[0])
        ]
        assert answers[0] == answers[1]
        assert (answers[0]["account_owner"] == owner) is (lang == "zh")


def _tiers(decision: dict[str, object]) -> dict[str, tuple[object, object]]:
    tiers = decision["tiers"]
    assert isinstance(tiers, dict)
    return {name: (tier["tier"], tier["possible"]) for name, tier in tiers.items()}


def _points(decision: dict[str, object]) -> list[tuple[object, object]]:
    reasons = decision["reasons"]
    assert isinstance(reasons, list)
    return [(reason["score"], reason["points"]) for reason in reasons if "score" in reason]


def _amounts(decision: dict[str, object]) -> list[tuple[object, object]]:
    """Benefits that are no texts: those stand in the policy's language."""
    benefits = decision["benefits"]
    assert isinstance(benefits, list)
    return [(item["benefit"], item["value"]) for item in benefits if item["benefit"] != "support"]


# ---------------------------------------------------------------- the sample customers


def test_the_sample_is_what_the_generator_makes(rows: list[dict[str, str]]) -> None:
    assert FILE.read_bytes() == to_csv(rows).encode("utf-8")


def test_the_sample_has_gaps_and_customers_on_thresholds(rows: list[dict[str, str]]) -> None:
    assert len(rows) == CUSTOMERS == 1_000
    assert len({row["customer"] for row in rows}) == len({row["name"] for row in rows}) == CUSTOMERS
    amounts = {Decimal(row["order_amount"]) for row in rows if row["order_amount"]}
    assert {Decimal(limit) for limit in THRESHOLDS} <= amounts
    assert amounts & {Decimal(limit) - Decimal("0.01") for limit in THRESHOLDS}
    assert {"P30D", "P31D", "P90D", "P91D"} <= {row["days_overdue"] for row in rows}
    assert all(any(not row[name] for row in rows) for name in COLUMNS if name not in ("customer", "name"))


def test_the_sample_reads_back_and_fills_every_tier(
    policies: dict[str, CheckedPolicy], rows: list[dict[str, str]]
) -> None:
    read = list(csv.DictReader(io.StringIO(FILE.read_text(encoding="utf-8"))))
    assert read == rows
    found = [decided(policies[ENGLISH], row) for row in rows]
    assert {answer["status"] for answer in found} == {"decided", "undetermined", "not_applicable"}
    counts = Counter(_tiers(answer)["grade"][0] for answer in found)
    # Few at the top, many below, as any real base has it.
    assert 0 < counts["A"] < counts["B"] < counts["C"] < counts["D"] < counts["E"]
