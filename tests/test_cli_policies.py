"""`tierwise check`, `fmt` and `test`."""

import json
import re
import stat
from pathlib import Path

import pytest

from tests.cli import POLICY, Command, tierwise

__all__ = ["tierwise"]

WRONG = POLICY.replace("when listed", "when lsted")
CHINESE = "政策 小 “小”\n币种 CNY\n指标 额: 金额\n等级 级\n  A 当额>5\n  B 其余\n示例 “一”\n  已知 额 = 6\n  应得 级 = A\n"


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    """A policy in a folder of its own."""
    path = tmp_path / "small.tier"
    path.write_text(POLICY, "utf-8")
    return path


# ---------------------------------------------------------------- check


def test_check_counts(tierwise: Command, policy: Path) -> None:
    done = tierwise("check", policy.parent)
    assert (done.code, done.out, done.err) == (0, "", "1 policy checked: 0 errors, 0 warnings\n")
    assert tierwise("check", policy, "--lang", "zh").err == "已检查 1 份政策：0 个错误，0 个警告\n"


def test_check_shows_every_error_in_its_place(tierwise: Command, policy: Path) -> None:
    policy.write_text(WRONG)
    done = tierwise("check", policy)
    assert done.code == 1
    assert f"{policy}:15:24: error E" in done.out
    assert "did you mean `listed`?" in done.out
    assert "\x1b" not in done.out
    assert "1 error, " in done.err
    chinese = tierwise("check", policy, "--lang", "zh")
    assert "是不是想写 `listed`？" in chinese.out


def test_check_as_json(tierwise: Command, policy: Path) -> None:
    policy.write_text(WRONG)
    answer = json.loads(tierwise("check", policy, "--format", "json").out)
    assert (answer["policies"], answer["errors"]) == (1, 1)
    (found,) = [item for item in answer["diagnostics"] if item["severity"] == "error"]
    assert found["start"] == {"line": 15, "column": 24}
    assert found["end"] == {"line": 15, "column": 29}
    span = found["span"]
    assert WRONG[span["start"] : span["end"]] == "lsted"
    assert found["file"] == str(policy)
    policy.write_text(POLICY)
    clean = json.loads(tierwise("check", policy, "--format", "json").out)
    assert clean == {"policies": 1, "errors": 0, "warnings": 0, "diagnostics": []}


def test_check_reads_standard_input(tierwise: Command) -> None:
    assert tierwise("check", "-", stdin=POLICY).code == 0
    done = tierwise("check", "-", stdin=WRONG)
    assert done.code == 1
    assert done.out.startswith("<stdin>:15:24: error ")
    assert tierwise("check", "-", stdin=b"\x80\x81\xff\x00").code == 1


def test_check_goes_on_after_a_file_that_is_not_there(tierwise: Command, policy: Path) -> None:
    policy.write_text(WRONG)
    done = tierwise("check", "nowhere.tier", policy)
    assert done.code == 2
    assert "`nowhere.tier` does not exist" in done.err
    assert "did you mean `listed`?" in done.out


def test_check_shows_where_a_used_text_is_wrong(tierwise: Command, policy: Path) -> None:
    (policy.parent / "shared.tier").write_text("fact amount: money\n")
    text = 'policy p\ncurrency CNY\nuse "shared.tier"\ntiers t\n  A when amount > 5\n  B otherwise\n'
    policy.write_text(text)
    assert tierwise("check", policy).code == 0
    policy.write_text(text.replace("shared.tier", "../shared.tier"))
    assert tierwise("check", policy).code == 1


# ---------------------------------------------------------------- fmt


def test_fmt_rewrites_and_is_then_content(tierwise: Command, policy: Path) -> None:
    policy.write_bytes(b"\xef\xbb\xbf" + POLICY.replace("\n", "\r\n").encode())
    policy.chmod(0o640)
    before = tierwise("fmt", policy, "--check")
    assert (before.code, before.out) == (1, f"{policy}\n")
    assert policy.read_bytes().startswith(b"\xef\xbb\xbf")
    assert tierwise("fmt", policy.parent).code == 0
    data = policy.read_bytes()
    assert b"\r" not in data
    assert data.startswith(b"policy small")
    assert stat.S_IMODE(policy.stat().st_mode) == 0o640
    assert tierwise("fmt", policy, "--check").code == 0
    assert [path.name for path in policy.parent.iterdir()] == ["small.tier"]
    assert tierwise("test", policy).code == 0


def test_fmt_translates_there_and_back(tierwise: Command, policy: Path) -> None:
    tierwise("fmt", policy)
    english = policy.read_text("utf-8")
    tierwise("fmt", policy, "--lang", "zh")
    chinese = policy.read_text("utf-8")
    assert chinese.startswith("政策 small “A small one”")
    assert tierwise("test", policy).code == 0
    assert tierwise("fmt", policy, "--check").code == 0, "a Chinese policy stays Chinese"
    tierwise("fmt", policy, "--lang", "en")
    assert policy.read_text("utf-8") == english


def test_fmt_leaves_alone_what_does_not_parse(tierwise: Command, policy: Path) -> None:
    broken = POLICY + "score )(\n"
    policy.write_text(broken)
    other = policy.parent / "other.tier"
    other.write_text(POLICY.replace("policy small", "policy   other"))
    done = tierwise("fmt", policy.parent)
    assert done.code == 1
    assert policy.read_text() == broken
    assert f"{policy}:" in done.err
    assert "1 left as it is" in done.err
    assert other.read_text().startswith("policy other ")


def test_fmt_through_a_pipe(tierwise: Command, policy: Path) -> None:
    done = tierwise("fmt", "-", stdin=POLICY.replace("policy small", "policy    small").encode())
    assert done.code == 0
    assert done.out.startswith("policy small ")
    assert tierwise("fmt", "-", stdin="政策 甲 “甲”\r\n".encode("gb18030")).out == "政策 甲 “甲”\n"
    before = policy.read_bytes()
    assert tierwise("fmt", policy, "--stdout", "--lang", "zh").out.startswith("政策 small")
    assert policy.read_bytes() == before


def test_fmt_writes_through_a_link(tierwise: Command, policy: Path) -> None:
    policy.write_text(POLICY.replace("policy small", "policy    small"))
    link = policy.parent / "link.tier"
    link.symlink_to(policy)
    tierwise("fmt", link)
    assert link.is_symlink()
    assert policy.read_text().startswith("policy small ")


# ---------------------------------------------------------------- test

TESTS = """policy: small.tier
tests:
  - name: Listed
    on: 2026-06-30
    given: {amount: 200, listed: yes}
    expect: {grade: A, total: 50, discount: 15%, rebate: none, status: decided, missing: []}
  - name: 未知
    given: {amount: "200"}
    expect: {grade: unknown, possible: [A, B], missing: [listed], extra: {min: 0, max: 20}}
  - name: At least something
    given: {amount: 200.00}
    expect: {grade: [A, B]}
  - name: Exactly these
    given: {amount: 200}
    expect: {grade: {possible: [B, A]}}
  - name: Nobody yet
    given: {stage: prospect}
    expect: {status: not_applicable}
"""


def test_test_runs_examples_and_files(tierwise: Command, policy: Path) -> None:
    (policy.parent / "any.tests.yaml").write_text(TESTS, "utf-8")
    done = tierwise("test", policy)
    assert (done.code, done.out, done.err) == (0, "", "6 tests: 6 passed, 0 failed\n")


def test_test_says_what_differs(tierwise: Command, policy: Path) -> None:
    text = TESTS.replace("grade: A,", "grade: B,").replace("15%", "12%").replace("[listed]", "[amount]")
    text = text.replace("[B, A]", "[A]")
    (policy.parent / "small.tests.yaml").write_text(text.replace("policy: small.tier\n", ""), "utf-8")
    policy.write_text(POLICY.replace("expect grade = B", "expect grade = A"))
    done = tierwise("test", policy)
    assert done.code == 1
    assert done.err.endswith("6 tests: 2 passed, 4 failed\n")
    assert f"{policy}:24: failed Large\n  `grade` " in done.out
    assert "small.tests.yaml:2: failed Listed\n" in done.out
    assert "`discount` " in done.out
    assert "`grade` was expected to be A (each of them possible), but is A or B" in done.out
    assert "`missing` was expected to be amount, but is listed" in done.out
    assert "`missing` 应为 amount，实为 listed" in tierwise("test", policy, "--lang", "zh").out


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("tests:\n  - name: x\n    given: {amount: 1}\n    expect: {graed: A}\n", 4, "did you mean `grade`"),
        ("tests:\n  - name: x\n    given: {}\n    expect: {grade: Z}\n", 4, "`grade` has no value"),
        ("tests:\n  - name: x\n    given: {}\n    expect: {total: many}\n", 4, "`total` must be"),
        ("tests:\n  - name: x\n    given: {}\n", 2, "expects nothing"),
        ("tests:\n  - given: {}\n    expect: {grade: A}\n", 2, "needs a `name`"),
        ("tests:\n  - name: x\n    when: 1\n    expect: {grade: A}\n", 3, "has no `when`"),
        ("tests:\n  - name: x\n    on: soon\n    expect: {grade: A}\n", 3, "is not a date"),
        ("tests:\n  - name: x\n    expect: {grade: {min: A, max: B}}\n", 3, "takes `possible`"),
        ("tests:\n  - name: x\n    expect: {grade: {possible: [A, Z]}}\n", 3, "`grade` has no value"),
        ("tests:\n  - name: x\n    expect: {grade: {possible: []}}\n", 3, "something stays possible"),
        ("tests:\n  - name: x\n    expect: {total: {possible: [1]}}\n", 3, "takes `min` and `max`"),
        ("tests: {}\n", 1, "a list is expected"),
        ("- 1\n", 1, "names and values"),
        ("tests:\n\t- x\n", 2, "is not YAML"),
    ],
)
def test_a_broken_file_of_tests_is_named_with_its_line(
    tierwise: Command, policy: Path, text: str, line: int, words: str
) -> None:
    file = policy.parent / "small.tests.yaml"
    file.write_text(text)
    done = tierwise("test", policy)
    assert done.code == 1
    assert f"{file}:{line}: " in done.out
    assert words in done.out
    assert "1 passed, 0 failed, 1 file cannot be run" in done.err


def test_facts_that_are_refused_fail_the_test(tierwise: Command, policy: Path) -> None:
    text = "tests:\n  - name: x\n    given: {amuont: 1, listed: 7}\n    expect: {grade: A}\n"
    (policy.parent / "small.tests.yaml").write_text(text)
    done = tierwise("test", policy)
    assert done.code == 1
    assert "`amuont` is not a fact" in done.out
    assert "`listed` must be" in done.out


def test_coverage_lists_what_no_test_reached(tierwise: Command, policy: Path) -> None:
    done = tierwise("test", policy, "--coverage")
    assert f"{policy}:15: extra.listed_one\n" in done.out
    assert f"{policy}:17: grade.A\n" in done.out
    assert "grade.B" not in done.out
    assert "rules acted in a test (" in done.err
    (policy.parent / "small.tests.yaml").write_text(TESTS, "utf-8")
    more = tierwise("test", policy, "--coverage")
    assert "extra.listed_one" not in more.out
    assert len(more.out) < len(done.out)


def test_a_policy_with_errors_cannot_be_tested(tierwise: Command, policy: Path) -> None:
    policy.write_text(WRONG)
    done = tierwise("test", policy)
    assert done.code == 1
    assert "error E" in done.out
    assert "1 file cannot be run" in done.err


def test_chinese_policies_too(tierwise: Command, tmp_path: Path) -> None:
    (tmp_path / "小.tier").write_bytes(CHINESE.encode("gb18030"))
    text = "tests:\n  - name: 二\n    given: {额: 1}\n    expect: {级: B}\n"
    (tmp_path / "小.tests.yaml").write_text(text, "utf-8")
    assert tierwise("test", tmp_path).err == "2 tests: 2 passed, 0 failed\n"


def test_tests_of_a_policy_that_is_not_there_are_an_error(tierwise: Command, policy: Path) -> None:
    file = policy.parent / "other.tests.yaml"
    file.write_text(TESTS.replace("small.tier", "smal.tier"), "utf-8")
    for path in (policy, policy.parent):
        done = tierwise("test", path)
        assert done.code == 1
        assert f"{file}:1: there is no policy `smal.tier`" in done.out
        assert "did you mean `small.tier`?" in done.out
        assert done.err == "1 test: 1 passed, 0 failed, 1 file cannot be run\n"
    file.write_text(TESTS.replace("small.tier", "../elsewhere.tier"), "utf-8")
    assert "同一文件夹中没有政策 `../elsewhere.tier`" in tierwise("test", policy, "--lang", "zh").out


def test_everything_that_is_wrong_with_a_file_of_tests_is_said_at_once(
    tierwise: Command, policy: Path
) -> None:
    file = policy.parent / "small.tests.yaml"
    file.write_text(
        "policy: 5\ntests:\n"
        "  - nme: x\n    on: soon\n    given: {amuont: 1}\n    expect: {totl: 35, graed: A}\n"
        "  - name: y\n    given: {listed: perhaps}\n    expect: {grade: Z}\n"
    )
    done = tierwise("test", policy)
    assert done.code == 1
    for line, words in (
        (1, "`policy` is the name of a file"),
        (3, "has no `nme`"),
        (3, "needs a `name`"),
        (4, "`soon` is not a date"),
        (5, "`amuont` is not a fact"),
        (6, "did you mean `total`?"),
        (6, "did you mean `grade`?"),
        (8, "`listed` must be"),
        (9, "`grade` has no value"),
    ):
        assert re.search(f"^{re.escape(str(file))}:{line}: .*{re.escape(words)}", done.out, re.MULTILINE), (
            words
        )
    assert done.err == "1 test: 1 passed, 0 failed, 1 file cannot be run\n"
