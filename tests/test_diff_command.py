"""`tierwise diff`: what it prints, for people and for programs, and how it ends."""

import json
import re
from pathlib import Path

import pytest

from tests.cli import POLICY, Command, tierwise

__all__ = ["tierwise"]

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "policies" / "b2b_grading.tier"
# What the pages show the difference of.
EDITS = (
    ("late_payer:  -10", "late_payer:  -15"),
    ('B "Key customer" ("关键客户")       from 60', 'B "Preferred customer" ("关键客户") from 65'),
    (
        "| contract    | order_discount | 15%        | 10%",
        "| contract    | order_discount | 15%        | 12%",
    ),
)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "old.tier"
    path.write_text(POLICY, "utf-8")
    return path


@pytest.fixture
def new(tmp_path: Path) -> Path:
    path = tmp_path / "new.tier"
    path.write_text(POLICY.replace('B "Good" from 30', 'B "Good" from 40'), "utf-8")
    return path


def test_it_says_what_differs_and_ends_with_1(tierwise: Command, old: Path, new: Path) -> None:
    done = tierwise("diff", old, new)
    assert (done.code, done.out) == (1, "grade: threshold of B from 30 to 40 (line 18)\n")
    assert done.err == "1 rule changed\n"
    chinese = tierwise("diff", old, new, "--lang", "zh")
    assert (chinese.out, chinese.err) == ("grade：B 的门槛由 30 改为 40（第 18 行）\n", "1 条规则有改动\n")


def test_it_ends_with_0_where_nothing_differs(tierwise: Command, old: Path) -> None:
    done = tierwise("diff", old, old)
    assert (done.code, done.out, done.err) == (0, "", "no difference\n")
    assert tierwise("diff", old, old, "--lang", "zh").err == "没有差异\n"


def test_words_stand_below_what_decides(tierwise: Command, old: Path, new: Path) -> None:
    new.write_text(
        "# longer by a line\n" + POLICY.replace('"Large"', '"Big"').replace("+20 when", "+25 when"), "utf-8"
    )
    assert tierwise("diff", old, new).out.splitlines() == [
        "extra: listed_one from +20 to +25 (line 16, was 15)",
        "without effect on decisions:",
        '  example: "Large" is now called "Big" (line 25, was 24)',
    ]


def test_the_texts_beside_it(tierwise: Command, old: Path, new: Path) -> None:
    out = tierwise("diff", old, new, "--text").out
    assert f"--- {old}\n+++ {new}\n" in out
    assert '-  B "Good" from 30\n+  B "Good" from 40\n' in out


def test_for_programs(tierwise: Command, old: Path, new: Path) -> None:
    done = tierwise("diff", old, new, "--format", "json", "--text")
    answer = json.loads(done.out)
    assert done.code == 1
    assert set(answer) == {"old", "new", "same", "summary", "differences", "text"}
    assert (answer["same"], answer["summary"], answer["old"]["name"]) == (False, "1 rule changed", "small")
    assert answer["differences"] == [
        {
            "kind": "changed",
            "rule": "grade.B",
            "what": "threshold",
            "from": "30",
            "to": "40",
            "decides": True,
            "text": "grade: threshold of B from 30 to 40",
            "line_from": 18,
            "line_to": 18,
            "file_from": None,
            "file_to": None,
        }
    ]
    same = json.loads(tierwise("diff", old, old, "--format", "json").out)
    assert (same["same"], same["differences"]) == (True, [])


def test_what_cannot_be_compared_ends_with_2(tierwise: Command, old: Path, new: Path) -> None:
    new.write_text(POLICY.replace("when listed", "when lsted"), "utf-8")
    done = tierwise("diff", old, new)
    assert (done.code, done.out) == (2, "")
    assert "did you mean `listed`?" in done.err
    assert f"`{new}` has errors, so it cannot be compared" in done.err
    assert f"`{new}` 有错误，无法比较" in tierwise("diff", old, new, "--lang", "zh").err
    missing = tierwise("diff", old, "nowhere.tier")
    assert (missing.code, missing.err) == (2, "tierwise: `nowhere.tier` does not exist\n")


@pytest.mark.parametrize(("page", "lang"), [("README.md", "en"), ("docs/diff.md", "zh")])
def test_what_the_pages_show_is_what_it_says(tierwise: Command, tmp_path: Path, page: str, lang: str) -> None:
    text = EXAMPLE.read_text("utf-8")
    for was, now in EDITS:
        assert text.count(was) == 1, was
        text = text.replace(was, now)
    draft = tmp_path / "draft.tier"
    draft.write_text(text, "utf-8")
    shown = re.search(
        r"^\$ tierwise diff [^\n]*\n(.*?)^```", (ROOT / page).read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    assert shown is not None
    done = tierwise("diff", EXAMPLE, draft, "--lang", lang)
    assert done.out + done.err == shown[1]
