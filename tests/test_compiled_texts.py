"""The JSON that the compiled engine writes at once: the same bytes as the long way gives, whatever stands in it."""

from __future__ import annotations

import re
from datetime import date
from decimal import Context, Decimal, localcontext
from unittest.mock import patch

import pytest

from dsl.checker import compile_policy
from dsl.diagnostics import Lang
from dsl.model import CheckedPolicy
from dsl.source import Source
from engine import engines, reference
from engine.calendar import duration_text
from engine.decision import json_text, written
from engine.facts import Facts, facts_of, read_facts
from engine.json_bytes import encoded
from engine.reference import Question
from tests.engines import decide

DAY = date(2026, 6, 30)
LANGS: tuple[Lang, Lang] = ("en", "zh")
# What could end a text, a brace or a format too early, or needs more than a byte, or has no bytes at all.
AWKWARD = (
    'she said "no"',
    "back\\slash \\n \\u0041 \\",
    "{customer} {0!r:>10} {{ }} {c1}",
    "100%s %(name)s $x ${y}",
    "line\nbreak\r\ttab \x00 \x1f \x7f",
    "\u2028 and \u2029",
    "旅 🏆 é ÿ \ufffd",
    "half \ud83c a character \udfc6",
    "'''\"\"\"",
    "",
)


def policy_of(text: str) -> CheckedPolicy:
    return compile_policy(Source("policy p\n" + text))


def everywhere(policy: CheckedPolicy, facts: Facts, *, straight: bool = True, **asked: object) -> None:
    """Asks in both languages, with and without reasons. `straight`: without the reference's help."""
    for lang in LANGS:
        for explain in ("reasons", "none"):
            decide(policy, facts, straight=straight or None, as_of=DAY, lang=lang, explain=explain, **asked)


# ---------------------------------------------------------------- texts


FREE = """
fact note: text "Note"
fact notes: list of text
fact other: text, default "it's {default} \\ %s “x”"
value said: text = note
value all: list of text = notes
segment who
  "same" when note is other
  "else" when notes contains note
  "rest" otherwise
tiers t
  A when note is not other
  B otherwise
benefit word: text = note
benefit words: text = note, when notes contains note
"""


@pytest.mark.parametrize("text", AWKWARD)
def test_what_customers_are_called_and_what_is_written_of_them(text: str) -> None:
    policy = policy_of(FREE)
    facts = Facts({"note": text, "notes": (text, "x", text), "other": text})
    everywhere(policy, facts, customer=text)
    everywhere(policy, facts_of(policy, [("note", text), ("notes", ())]), customer=text)


NAMED = """
fact `it's {a} \\ %s` (a): one of `x "y"` (x), `{z}`, `p%s`, `back\\slash`, 金卡 "Label {of} it \\"
fact `50%` (b): yes/no
score s "Score {s} \\ %d"
  +5 when `it's {a} \\ %s` is `{z}` "{z} \\n 'gold' %s"
  +1 when `50%`
choose c
  "{first} \\ %s" ("第一“{个}”") when `50%`
  "it's “the rest”" otherwise
tags some
  "t {1} \\" when `50%`
  "旅 🏆" ("Trip {2}") when s > 0
tiers g by s
  `A+` "The {best} \\ one" ("最“好”") from 5
  B "it's %s" otherwise
  at least `A+` when `50%` "Because {of} \\ 50%"
benefit gift: text "A {gift} \\" ("礼{物}") = "{one} \\ %s" ("一{个}"), for `A+`, 2 per year
benefits of g at `it's {a} \\ %s`
| `it's {a} \\ %s` | benefit | `A+` | B |
| `{z}` | row "Row {r} \\" | "x {y}" | - |
| `p%s` | more "%d" | "旅 🏆" ("trip") | "b" |
advise "Do {it} \\ %s" ("做{它}") to c priority 1 when `50%`
advise "Always"
"""


@pytest.mark.parametrize("a", ["x", "{z}", "p%s", "back\\slash", "金卡"])
@pytest.mark.parametrize("b", [True, False])
def test_names_and_labels_that_look_like_code(a: str, b: bool) -> None:
    policy = policy_of(NAMED)
    everywhere(policy, read_facts(policy, {"a": a, "b": b}), customer="C1")
    everywhere(policy, read_facts(policy, {"a": a}), customer="C1", straight=False)


# ---------------------------------------------------------------- numbers, days, durations


NUMBERS = """
currency CNY
fact n: number
fact m: money
fact w: whole number
fact p: percent
fact d: duration
fact t: date
fact l: list of number
value twice: number = n * 2
value cent: number = n / 3 rounded to 8 places
value back: whole number = -w
value week: date = t + 7 days
value longer: duration = d * 2
score s
  +3 per 2 of w up to 30
  +0.5 when n >= 0
score third = p * 0.001 + n
score whole between -5 and 5 = w
tiers g by n
  A from 1
  B from 0.00000001
  C otherwise
segment size
| n | m | w | p | d | t | outcome |
| over 0 | - | - | - | - | - | "more" |
| - | - | - | - | - | - | "less" |
"""


@pytest.mark.parametrize(
    "n", ["0.00000001", "-0.00000123", "0", "1E+2", "999999999999999999.99999999", "-7.5"]
)
@pytest.mark.parametrize("w", [0, -3, 7, 999999999999999999])
@pytest.mark.parametrize("d", ["P0D", "PT0.000001S", "-P3DT4H", "P40D"])
def test_numbers_have_all_their_digits_and_no_exponent(n: str, w: int, d: str) -> None:
    policy = policy_of(NUMBERS)
    raw: dict[str, object] = {
        "n": Decimal(n),
        "m": Decimal("99999999999999.9999"),
        "w": w,
        "p": Decimal("0.000001"),
    }
    facts = read_facts(policy, raw | {"d": d, "t": "2026-02-28", "l": [Decimal(n), w, Decimal("1.50")]})
    everywhere(policy, facts, customer="C1")
    sent, _ = engines.answer(policy, facts, as_of=DAY)
    assert not re.search(rb"[0-9]E[+-]?[0-9]", sent)


def test_a_very_small_number_is_written_out() -> None:
    policy = policy_of("fact n: number\nvalue v: number = n\n")
    assert (
        b'"values":{"v":0.00000001}'
        in engines.answer(policy, read_facts(policy, {"n": "0.00000001"}), as_of=DAY)[0]
    )


@pytest.mark.parametrize(
    "rules",
    [
        "score s\n  +1 per 0.25 of n",
        "score s\n  +0.25 when n > 1\n  more: +1.5 when n > 2",
        "score s = n",
        "score s = n - 1.25",
        "score s between 0.5 and 9.75 = n",
        "score s between 0 and 10\n  +11.125 when n > 0",
        "value v: number = n + 1.5",
        "value v: number = -n",
        "value v: number = n * n",
        "value v: number = min of (n, 3.25) - 0.5",
        "value v: number = n ^ 3",
        "value v: duration = d - 1 hour",
        "benefit b: number, sum of\n  1.25 when n > 0\n  other: 10.5 when n > 1",
        "benefit b: number, best of\n  1.25 when n > 0\n  other: 10.5 when n > 1",
        "value v: money graduated by m\n| m | v |\n| below 100 | 1.5% |\n| 100 or more | 2.25% |",
    ],
)
@pytest.mark.parametrize("n", ["12.34567", "-98765.4321"])
def test_no_calculation_is_rounded_by_the_callers_context(rules: str, n: str) -> None:
    policy = policy_of(
        f"currency CNY\nfact n: number\nfact p: percent\nfact d: duration\nfact m: money\n{rules}\n"
    )
    facts = read_facts(policy, {"n": n, "p": "12.34%", "d": "PT36H15M0.5S", "m": "12345.6789"})
    everywhere(policy, facts)
    with (
        localcontext(Context(prec=1, traps=[])),
        patch("engine.reference.decide", side_effect=AssertionError("the reference was asked")),
    ):
        found = engines.decide(policy, facts, as_of=DAY)
    assert found == reference.decide(policy, facts, DAY, Question())._replace(engine="compiled")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        ("0", "P0D"),
        ("-86400", "-P1D"),
        ("90061.5", "P1DT1H1M1.5S"),
        ("-0.000001", "-PT0.000001S"),
        ("59.9990", "PT59.999S"),
    ],
)
def test_durations(seconds: str, text: str) -> None:
    assert duration_text(Decimal(seconds)) == text


# ---------------------------------------------------------------- every form of benefit and advice


FORMS = """
fact stage: one of demand "Demand" ("需求"), contract, `{odd}`
fact n: number
fact secret: number, masked
fact hidden: one of up, down, masked
fact word: text, masked
fact old: yes/no, default yes, masked
score s
  +10 per 1 of n up to 90
tiers g "Grade" ("级别") by s
  A "Best" ("最好") from 50
  B "Good" ("好") otherwise
  at most B when secret > 100 "Too secret" ("太秘密")
choose desk
  "Front" ("前台") when n > 5
  "Back" ("后台") otherwise
choose coded
  hq "Head office" ("总部") when secret > 5
  field "Field" otherwise
value spoken: text
  "good" ("好") when n > 3
  "poor" otherwise
value spoken_again: text = spoken
tags marks
  "big" ("大") when n > 5
  "odd" when stage is `{odd}`
benefit first: percent "First" ("首项") = 10%, when n > 5
benefit dated: text = "now" ("现在"), from 2026-01-01 until 2026-12-31, 1 per quarter
benefit past: text = "gone", from 2025-01-01 until 2026-01-01
benefit told: number = secret, when n > 2
benefit added: number, sum of
  secret when n > 2
value tries: yes/no = n > 4
benefit tried: yes/no = tries, at contract
benefit spoken_to: text = spoken, for A
benefit lines: number, best of
  5 when n > 1 "Five"
  secret when secret > 7 "Secret"
  many: n when n > 5
benefit totals: number, sum of
  5 when n > 1 "Five"
  secret when secret > 7 "Secret"
  many: n + 1 when n > 5
benefit least: duration, best of, less is better
  2 hours when n > 1
  quicker: 90 minutes when n > 5
benefit truths: yes/no
  tries when n > 2
  later: yes when n > 1
benefit loser: text = "lost", not with winner
benefit winner: text = "won", when n > 5, not with first
benefit at_hidden: number = 5, at up
benefits of g at stage
| stage | benefit | A | B |
| demand | call "Call" ("电话") | "soon" ("尽快") | - |
| contract | months | 6 months | 1 month |
| `{odd}` | pct | 5% | 2.5% |
advise "Call" ("致电") to desk priority 2 when n > 2
advise "Write" ("写信") to "Mail {room}" ("收发室") when n > 3 and g is A
advise "Visit" to coded priority 1
advise "Wait"
"""


@pytest.mark.parametrize("stage", ["demand", "contract", "{odd}"])
@pytest.mark.parametrize("n", [0, 2, 3, 4, 6, 12])
@pytest.mark.parametrize("secret", [3, 8, 200])
def test_every_form_of_benefit_and_advice(stage: str, n: int, secret: int) -> None:
    policy = policy_of(FORMS)
    for hidden in ("up", "down"):
        raw = {"stage": stage, "n": n, "secret": secret, "hidden": hidden, "word": "w"}
        everywhere(policy, read_facts(policy, raw), customer="C1")
        for lost in raw:
            rest = {key: value for key, value in raw.items() if key != lost}
            everywhere(policy, read_facts(policy, rest), straight=False)


def test_who_is_not_graded() -> None:
    policy = policy_of(
        'applies when a is not x and s > 0 "Not {yet}" ("还没“有”")\nfact a: one of x, y, masked\nfact n: number, default 1\n'
        'score s\n  +1 when n > 0\ntiers g by s\n  A from 1\n  B otherwise\ntags t\n  "t" when n > 0\n'
    )
    for a in ("x", "y"):
        for n in (0, 1, None):
            everywhere(policy, read_facts(policy, {"a": a, "n": n}))


# ---------------------------------------------------------------- the way there


def test_what_cannot_be_settled_is_sent_alike() -> None:
    policy = policy_of("fact n: number\nscore s\n  +1 when n > 0\ntiers g by s\n  A from 1\n  B otherwise\n")
    facts = read_facts(policy, {})
    sent = engines.answer(policy, facts, as_of=DAY, decision_id="1")
    assert sent == written(engines.decide(policy, facts, as_of=DAY)._replace(decision_id="1"))
    assert sent[0].startswith(b'{"decision_id":"1","policy":{"name":"p",')
    assert sent[1] == ("p", "reference", "undetermined", None)
    assert b'"engine":"reference"' in sent[0]
    full, _ = engines.answer(policy, facts, as_of=DAY, explain="full", engine="reference")
    assert b'"why_not":[' in full


@pytest.mark.parametrize("text", AWKWARD)
def test_json_is_written_the_same_quickly_and_plainly(text: str) -> None:
    values = {
        text: [
            text,
            Decimal("0.0000001"),
            Decimal("1E+3"),
            Decimal("1.5"),
            None,
            True,
            3,
            {"E-": ("x",)},
            {},
            [],
        ]
    }
    assert encoded(values) == json_text(values).encode("utf-8", "replace")
    assert encoded(text) == json_text(text).encode("utf-8", "replace")
