"""`tierwise decide`: one customer and many, for programs and for people."""

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dsl.rendering import width
from tests.cli import POLICY, Command, Done, tierwise

__all__ = ["tierwise"]


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    """A policy in a folder of its own."""
    path = tmp_path / "small.tier"
    path.write_text(POLICY, "utf-8")
    return path


def lines(done: Done) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.out.splitlines()]


def test_one_object_gives_one_decision(tierwise: Command, policy: Path) -> None:
    done = tierwise(
        "decide", policy, "--facts", "-", "--as-of", "2026-11-21", stdin='{"amount": 200, "listed": true}'
    )
    assert (done.code, done.err) == (0, "")
    (answer,) = lines(done)
    assert answer["tiers"]["grade"]["tier"] == "A"
    assert answer["benefits"][0]["value"] == 0.15
    assert answer["as_of"] == "2026-11-21"
    assert re.fullmatch(r"[0-9a-f-]{36}", answer["decision_id"])
    again = lines(tierwise("decide", policy, "--facts", "-", stdin='{"amount": 200}'))[0]
    assert again["decision_id"] != answer["decision_id"]
    assert again["as_of"] == datetime.now(ZoneInfo("Asia/Shanghai")).date().isoformat()


def test_all_forms_give_the_same_answers(tierwise: Command, policy: Path) -> None:
    rows = [{"customer": "C1", "amount": 200, "listed": True}, {"customer": "C2", "amount": "7.5"}]
    wrapped = [
        {"customer": "C1", "facts": {"amount": 200, "listed": True}},
        {"customer": "C2", "facts": {"amount": "7.5"}},
    ]
    forms = {
        "a.json": json.dumps(rows),
        "b.json": json.dumps(wrapped),
        "c.ndjson": "\n".join(map(json.dumps, rows)),
        "d.csv": "customer,amount,listed\nC1,200,yes\nC2,7.5,\n",
    }
    answers = []
    for name, text in forms.items():
        (policy.parent / name).write_text(text)
        done = tierwise("decide", policy, "--facts", policy.parent / name, "--as-of", "2026-11-21")
        assert done.code == 0
        answers.append([{**line, "decision_id": None} for line in lines(done)])
    assert all(each == answers[0] for each in answers)
    assert [line["customer"] for line in answers[0]] == ["C1", "C2"]
    assert answers[0][1]["missing"] == ["listed"]


CSV = "客户,amount,listed,note\nC1,200,yes,x\nC2,much,perhaps,y\nC3\nC4,5,no,z\n"


def test_bad_rows_are_reported_in_their_place(tierwise: Command, policy: Path) -> None:
    (policy.parent / "c.csv").write_bytes(CSV.encode("gb18030"))
    done = tierwise("decide", policy, "--facts", policy.parent / "c.csv", "--keep", "note")
    assert done.code == 1
    first, second, third, fourth = lines(done)
    assert first["tiers"]["grade"]["tier"] == "A"
    assert first["kept"] == {"note": "x"}
    assert (second["row"], second["customer"], second["kept"]) == (3, "C2", {"note": "y"})
    assert [item["pointer"] for item in second["error"]["errors"]] == ["/amount", "/listed"]
    assert third["row"] == 4
    assert [item["code"] for item in third["error"]["errors"]] == ["wrong_number_of_cells"]
    assert fourth["tiers"]["grade"]["tier"] == "C"
    assert "tierwise: row 3 (C2): `amount` must be an amount of CNY" in done.err
    assert "tierwise: row 4: it has 1 cell, and the header has 4" in done.err
    assert done.err.endswith("tierwise: 2 of 4 customers graded, 2 rows cannot be read\n")
    chinese = tierwise("decide", policy, "--facts", policy.parent / "c.csv", "--lang", "zh")
    assert "tierwise：第 3 行（C2）：`amount` " in chinese.err
    assert "未使用的列：`note`" in chinese.err


def test_many_bad_rows_do_not_flood_the_terminal(tierwise: Command, policy: Path) -> None:
    (policy.parent / "c.csv").write_text("amount\n" + "x\n" * 100)
    done = tierwise("decide", policy, "--facts", policy.parent / "c.csv")
    assert done.err.count("`amount` must be") == 20
    assert "and 80 more rows" in done.err
    assert len(lines(done)) == 100


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--as-of", "2026-02-30"), "`2026-02-30` is not a date"),
        (("--as-of", "20260131"), "`20260131` is not a date"),
        (("--engine", "steam"), "there is no engine `steam`"),
        (("--facts", "nowhere.csv"), "`nowhere.csv` does not exist"),
        (("--keep", "x"), "no column `x` to keep"),
    ],
)
def test_a_question_that_cannot_be_asked(
    tierwise: Command, policy: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    (policy.parent / "c.csv").write_text("amount\n5\n")
    done = tierwise("decide", policy, "--facts", policy.parent / "c.csv", *arguments)
    assert (done.code, done.out) == (2, "")
    assert sentence in done.err


def test_a_policy_with_errors_decides_nothing(tierwise: Command, policy: Path) -> None:
    policy.write_text(POLICY.replace("when listed", "when lsted"))
    done = tierwise("decide", policy, "--facts", "-", stdin="{}")
    assert (done.code, done.out) == (2, "")
    assert "did you mean `listed`?" in done.err
    assert "nobody is graded by it" in done.err


def test_explain_and_at(tierwise: Command, policy: Path) -> None:
    def ask(*arguments: str) -> dict[str, Any]:
        stdin = '{"amount": 200, "listed": false}'
        return lines(tierwise("decide", policy, "--facts", "-", *arguments, stdin=stdin))[0]

    assert ask("--explain", "none")["reasons"] == []
    assert ask()["reasons"]
    assert ask("--explain", "full")["why_not"][0]["tier"] == "A"
    assert [item["benefit"] for item in ask("--at", "contract")["benefits"]] == ["discount"]
    assert ask("--at", "renewal")["benefits"] == []
    wrong = tierwise("decide", policy, "--facts", "-", "--at", "nowhere", stdin="{}")
    assert wrong.code == 1
    assert lines(wrong)[0]["error"]["errors"][0]["code"] == "no_such_stage"


def test_a_single_decision_reads_as_a_report(tierwise: Command, policy: Path) -> None:
    stdin = '{"customer": "甲公司", "facts": {"amount": 200, "listed": false}}'
    arguments = ("decide", policy, "--facts", "-", "--table", "--as-of", "2026-11-21", "--explain", "full")
    done = tierwise(*arguments, stdin=stdin)
    assert done.code == 0
    assert done.out.startswith("甲公司  ·  small  ·  2026-11-21\n  grade  B Good  (50)\n")
    assert "+50  amount >= 100  (amount = 200)" in done.out
    assert "  discount 5% (contract)\n" in done.out
    assert "short by 10" in done.out
    assert "Assumed: stage = contract" in done.out
    chinese = tierwise(*arguments, "--lang", "zh", stdin=stdin)
    assert "依据\n" in chinese.out
    assert "按默认：stage = contract" in chinese.out
    prospect = tierwise(*arguments, stdin='{"stage": "prospect"}')
    assert "not graded: Not a customer yet" in prospect.out


def test_many_decisions_are_a_table(tierwise: Command, policy: Path) -> None:
    text = "customer,amount,listed,stage,area\n甲公司,200,yes,renewal,东\nC2,200,no,,west\n"
    text += "C3,,,,\nC4,x,,,\nC5,,,prospect,\n"
    (policy.parent / "c.csv").write_text(text)
    arguments = ("decide", policy, "--facts", policy.parent / "c.csv", "--table", "--keep", "area")
    done = tierwise(*arguments)
    assert done.code == 1
    header, rule, *rows = [line for line in done.out.splitlines() if line]
    assert re.split(r" {2,}", header.strip()) == ["customer", "grade", "score", "missing", "benefits", "area"]
    assert set(rule.strip()) == {"─"}
    assert re.split(r" {2,}", rows[0].strip()) == ["甲公司", "A Best", "70", "rebate 3%", "东"]
    column = header.index("grade")
    assert [width(row[: row.index(word)]) for row, word in zip(rows, ("A Best", "B Good"), strict=False)] == [
        column
    ] * 2
    assert rows[-1] == "5 customers: A 1  B 1  C 0  undetermined 1  not graded 1  not readable 1"
    assert "5 位客户：A 1  B 1  C 0  未定 1  不分级 1  无法读取 1" in tierwise(*arguments, "--lang", "zh").out


def test_a_long_table_is_cut_and_counted(tierwise: Command, policy: Path) -> None:
    (policy.parent / "c.csv").write_text("amount,listed\n" + "5,no\n" * 600)
    done = tierwise("decide", policy, "--facts", policy.parent / "c.csv", "--table")
    assert "… and 100 more, counted below; `--json` gives every customer" in done.out
    assert done.out.endswith("600 customers: A 0  B 0  C 600\n")


def test_names_do_not_steer_the_terminal(tierwise: Command, policy: Path) -> None:
    evil = "\x1b[2J[red]x[/red]\u202e"
    (policy.parent / "c.json").write_text(json.dumps([{"customer": evil, "amount": 5, evil: 1}]))
    done = tierwise("decide", policy, "--facts", policy.parent / "c.json", "--table")
    assert "\x1b" not in done.out
    assert "[red]x[/red]" in done.out
    single = tierwise(
        "decide", policy, "--facts", "-", "--table", stdin=json.dumps({"customer": evil, "amount": 5})
    )
    assert "\x1b" not in single.out
    assert "\u202e" not in single.out


@pytest.mark.parametrize(
    ("name", "text", "status", "kind", "code"),
    [
        ("a.json", '{"amount": NaN}', 400, "invalid-json", "not_a_number"),
        ("a.json", '{"amount": 1, "amount": 2}', 400, "invalid-json", "key_twice"),
        ("a.json", '{"amount" 1}', 400, "invalid-json", "not_json"),
        ("a.json", b'{"amount": "\xff"}', 400, "invalid-json", "encoding"),
        ("a.json", '[{"amount": 1}', 400, "invalid-json", "broken_array"),
        ("a.ndjson", "5\n", 422, "invalid-request", "not_an_object"),
        ("a.ndjson", '{"facts": {}, "amount": 5}\n', 422, "invalid-request", "unknown_field"),
        ("a.csv", "amount,listed\n5\n", 422, "invalid-request", "wrong_number_of_cells"),
        ("a.csv", 'amount,listed\n"5,yes\n', 422, "invalid-request", "quote_not_closed"),
        ("a.csv", "amount;listed\n1,5;yes\n", 422, "invalid-request", "comma_in_number"),
    ],
)
def test_whatever_is_wrong_has_an_entry(
    tierwise: Command, policy: Path, name: str, text: str | bytes, status: int, kind: str, code: str
) -> None:
    """The document is the one that the service answers with, down to its keys."""
    (policy.parent / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    done = tierwise("decide", policy, "--facts", policy.parent / name)
    assert done.code == 1
    error = lines(done)[-1]["error"]
    assert (error["status"], error["type"]) == (status, f"urn:tierwise:problem:{kind}")
    assert not error["detail"].startswith("/")
    (entry,) = error["errors"]
    assert entry["code"] == code
    assert (
        {"pointer", "code", "detail"}
        <= set(entry)
        <= {"pointer", "code", "detail", "help", "expected", "got"}
    )


CHINESE = """政策 小 “小”
币种 CNY
指标 订单额 (order_amount)：金额
指标 阶段 (stage)：选项 合同 (contract)、复购 (renewal)，默认 合同
指标 折让 (allowance)：百分比，默认 5%
评分 得分 (points)
  大额 (large)：+5 当 订单额 > 100
等级 客户等级 (grade) 依 得分
  金 (gold) “金牌” 自 5
  银 (silver) “银牌” 其余
权益表 客户等级 于 阶段
| 阶段 | 权益 | 金 | 银 |
| 合同 | 返点 (rebate) | 5% | 1% |
"""


def test_people_read_the_authors_words_and_programs_the_keys(tierwise: Command, tmp_path: Path) -> None:
    path = tmp_path / "小.tier"
    path.write_text(CHINESE, "utf-8")
    stdin = '{"order_amount": 200}'
    ask = ("decide", path, "--facts", "-", "--lang", "zh", "--explain", "full")
    report = tierwise(*ask, "--table", stdin=stdin)
    assert report.code == 0
    assert "  客户等级  金 金牌  (5)\n" in report.out
    assert "(订单额 = 200)" in report.out
    assert "  返点 5% (合同)\n" in report.out
    assert "按默认：阶段 = 合同、折让 = 5%" in report.out
    open_one = tierwise(*ask, "--table", stdin="{}").out
    assert "缺少：订单额" in open_one
    assert "客户等级  金 或 银 ?" in open_one
    table = tierwise(*ask, "--table", stdin="[{}, " + stdin + "]").out
    assert re.search(r"金 或 银 \?.*订单额", table)
    assert "2 位客户：金 1  银 0  未定 1" in table
    for text in (report.out, open_one, table):
        assert not re.search("order_amount|points|grade|gold|silver|stage|contract|rebate", text)
    (answer,) = lines(tierwise(*ask, "--json", stdin=stdin))
    assert answer["tiers"]["grade"]["tier"] == "gold"
    assert answer["reasons"][0]["facts"] == {"order_amount": 200}


ROUTES = """policy routes
fact shops: whole number
fact open: yes/no
choose team
  hq "HQ team" when shops > 9
  "City team" ("城市团队") otherwise
tiers care
  High when (shops > 20 and open) or shops > 30
  Low  otherwise
advise "Call them" to "Sales" when open
"""


def test_advice_that_is_only_possible_says_so(tierwise: Command, tmp_path: Path) -> None:
    path = tmp_path / "routes.tier"
    path.write_text(ROUTES, "utf-8")
    for stdin, told in (('{"shops": 1}', "Call them → Sales ?\n"), ('{"open": true}', "Call them → Sales\n")):
        assert told in tierwise("decide", path, "--facts", "-", "--table", stdin=stdin).out


def test_a_report_takes_alternatives_apart(tierwise: Command, tmp_path: Path) -> None:
    path = tmp_path / "routes.tier"
    path.write_text(ROUTES, "utf-8")
    arguments = ("decide", path, "--facts", "-", "--table", "--explain", "full")
    out = tierwise(*arguments, stdin='{"shops": 25, "open": false}').out
    place = out.index("any one of these is enough:")
    for words in (
        "shops > 20 and open",
        "for this is lacking:",
        "open, it is no\n",
        "shops > 30, short by 5\n",
    ):
        place = out.index(words, place)
    assert (
        "满足其中任意一项即可："
        in tierwise(*arguments, "--lang", "zh", stdin='{"shops": 25, "open": false}').out
    )


def test_a_table_without_a_ladder_shows_the_first_choice(tierwise: Command, tmp_path: Path) -> None:
    path = tmp_path / "routes.tier"
    path.write_text(ROUTES[: ROUTES.index("tiers")], "utf-8")
    stdin = '[{"customer": "C1", "shops": 10}, {"customer": "C2", "shops": 1}, {"customer": "C3"}]'
    out = tierwise("decide", path, "--facts", "-", "--table", "--lang", "zh", stdin=stdin).out
    assert re.search("C1 +hq", out)
    assert re.search("C2 +城市团队", out)
    assert re.search("C3 +.*hq 或 城市团队.* \\?", out)
    assert "hq 1  城市团队 1  未定 1" in out
