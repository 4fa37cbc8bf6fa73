"""What a policy declares: order is free, one mistake is one diagnostic, texts brought in, names of rules."""

import random
import time
from dataclasses import fields

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.checker import check, compile_policy
from dsl.diagnostics import PolicyError
from dsl.model import CheckedPolicy, Graduated, Points, PointsPer, Table, Term
from dsl.source import Source
from tests.checked import OPENING, compiled, problems, sentences
from tests.corpus import cases

WHOLE = """policy whole "Whole"
owner "Sales"
effective from 2026-01-01 until 2026-12-31
currency CNY
timezone "Asia/Shanghai"
scope "All"
about "A test"
applies when stage is not prospect "Not yet"
fact 订单额 (order_amount): money "Orders", at least 0, default 5k
fact visits: whole number "Visits"
fact listed: yes/no "Listed"
fact stage: one of prospect, contract (signed), lost "Stage"
set threshold: money = 500k
  from 2026-07-01: 600k
value double = 订单额 * 2
value rebate: money graduated by order_amount "Rebate"
  | order_amount | rebate |
  | below 100k   | 1%     |
  | 100k or more | 2%     |
score base "Base"
  | 订单额          | points |
  | below threshold | 5      |
  | -               | 10     |
score extra between -10 and 10
  visited: +1 per visits up to 5
  +2 when listed "On the exchange"
  -3 when visits < 2
score total = 60% * base + extra - 1
tiers grade by total
  A from 80
  B otherwise
  at least A when double > 1m "Large"
"""


def parts(policy: CheckedPolicy) -> dict[str, object]:
    """A policy without its text and the order of its declarations: spans take no part in equality."""
    kept = {each.name: getattr(policy, each.name) for each in fields(policy)}
    return {name: part for name, part in kept.items() if name not in ("source", "order")}


def test_headers_and_declarations_are_all_there() -> None:
    policy = compile_policy(Source(WHOLE))
    assert (policy.name, policy.owner, policy.currency) == ("whole", "Sales", "CNY")
    assert (str(policy.start), str(policy.end)) == ("2026-01-01", "2026-12-31")
    assert (policy.timezone, policy.scope, policy.about) == ("Asia/Shanghai", "All", "A test")
    assert policy.applies is not None
    assert set(policy.facts) == {"order_amount", "visits", "listed", "stage"}
    assert [member.key for member in policy.facts["stage"].type.members] == ["prospect", "signed", "lost"]
    assert isinstance(policy.values["rebate"].body, Graduated)


def test_rules_are_named_after_what_the_author_wrote() -> None:
    policy = compile_policy(Source(WHOLE))
    names = []
    for score in policy.scores.values():
        for part in score.parts:
            match part:
                case Term() | Points() | PointsPer():
                    names.append(part.rule)
                case Table():
                    names += [row.rule for row in part.rows]
    assert names == [
        "base.订单额_below_threshold",
        "base.otherwise",
        "extra.visited",
        "extra.on_the_exchange",
        "extra.visits_below",
        "total.base",
        "total.extra",
        "total.constant",
    ]


def test_summands_that_read_the_same_are_told_apart() -> None:
    policy = compiled("score twice = total + 50% * total + 25% * total\n")
    rules = [part.rule for part in policy.scores["twice"].parts if isinstance(part, Term)]
    assert rules == ["twice.total", "twice.50_total", "twice.25_total"]


def test_a_row_keeps_its_name_when_others_move() -> None:
    def rows(*lines: str) -> list[str]:
        table = "\n".join(("| orders | points |", *lines))
        (part,) = compiled(f"score s\n{table}\n").scores["s"].parts
        assert isinstance(part, Table)
        return [row.rule for row in part.rows]

    below, middle, above = "| below 5 | 1 |", "| 5 to 10 | 2 |", "| 10 or more | 3 |"
    assert set(rows(below, middle, above)) == set(rows(above, below, middle))
    assert rows(below, "| 5 or more | 2 |")[0] == rows(below, middle, above)[0]


def test_clashing_rules_ask_for_a_name() -> None:
    lines = "score s\n  +5 when orders > 3\n  +6 when orders > 5\n"
    assert problems(lines) == [("E204", "+6 when orders > 5")]
    assert problems(lines.replace("+6", "many: +6")) == []


@pytest.mark.parametrize(
    ("lines", "codes"),
    [
        ("  +1 when amount > 5 days\n  +2 when amount > 300\n", ["E302"]),
        ("  +1 when amount > 200\n  +2 when amount > 5 days\n", ["E302"]),
        ("  +1 when amount > 200\n  +2 when amount > 300\n  +3 when orders > 5 days\n", ["E204", "E302"]),
        # These names the author has written, so that mending the line does not change them.
        ("  a: +1 when amount > 5 days\n  a: +2 when amount > 300\n", ["E302", "E204"]),
    ],
)
def test_a_clash_with_a_line_that_is_wrong_anyway_is_not_reported(lines: str, codes: list[str]) -> None:
    assert [code for code, _ in problems("score s\n" + lines)] == codes


def test_chinese_lists_have_their_own_comma() -> None:
    body = "score s\n  +5 when stage is nowhere\n"
    assert sentences(body, "zh")[0].endswith("请写 `prospect`、`contract`、`delivery`、`renewal` 之一")
    assert sentences(body)[0].endswith("write one of `prospect`, `contract`, `delivery`, `renewal`")
    many = "fact c: one of a, b, c1, d, e, f, g\nscore s\n  +5 when c is nowhere\n"
    assert sentences(many, "zh")[0].endswith("`a`、`b`、`c1`、`d`、`e`、`f`、… 之一")


@settings(max_examples=15, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_a_file_does_not_matter(chance: random.Random) -> None:
    first, *rest = [f"{block}\n" for block in WHOLE.strip().replace("\n  ", "\v  ").split("\n")]
    chance.shuffle(rest)
    shuffled = (first + "".join(rest)).replace("\v", "\n")
    one, other = parts(compile_policy(Source(WHOLE))), parts(compile_policy(Source(shuffled)))
    assert one == other


def test_what_is_read_comes_first() -> None:
    policy = compile_policy(Source(WHOLE))
    at = {key: place for place, key in enumerate(policy.order)}
    assert at["base"] < at["total"] < at["grade"]
    assert at["double"] < at["grade"]
    assert len(at) == len(policy.values) + len(policy.scores) + len(policy.ladders)


# ---------------------------------------------------------------- one mistake, one diagnostic


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (
            "fact broken: one of a, a\nvalue v: yes/no = broken is a\nvalue w: yes/no = broken in a, b\n",
            "E206",
        ),
        ("fact amount: text\nvalue v: money = amount + 1\n", "E202"),
        ("value v = nothing + 1\nvalue w = v + 1\nscore s = w\n", "E201"),
        ("set p = orders\nvalue v: number = p + 1\n", "E316"),
        ("fact lost money\nvalue v: money = lost + 1\n", "E121"),
        ("score s\n  oops\nscore t = s\n", "E122"),
        ("value v: number\n  1 when listed\n  2 othrwise\n", "E121"),
        ("tiers g by total\n  A from 80\n  B othrwise\nvalue v: yes/no = g is B\n", "E121"),
        ("currency yuan\n", "E213"),
        ("score a1 = b1\nscore b1 = c1\nscore c1 = a1\n", "E209"),
        ("score a1 = a1 + 1\n", "E209"),
        ("value a1 = b1\nvalue b1 = a1\n", "E209"),
        ("tiers g by total\n  A from 80\n  B otherwise\n  at most B when g is A\n", "E209"),
    ],
)
def test_one_mistake_is_one_diagnostic(body: str, code: str) -> None:
    assert [found for found, _ in problems(body, warnings=False)] == [code]


def test_rings_are_told_in_words() -> None:
    _, found = check(Source(OPENING + "score a = b\nscore b = c\nscore c = a\n"))
    (ring,) = [item for item in found if item.code.code == "E209"]
    assert dict(ring.words)["ring"] == "a → b → c → a"
    assert len(ring.also) == 2


def test_a_value_that_only_seems_to_lie_in_a_ring_asks_for_its_type() -> None:
    """`late` stands in `early` as a value of `kind`, and is not read there."""
    body = "fact kind: one of early, late\nvalue early = late + 1\nvalue late = orders + total\n"
    assert compiled(body + "value v: yes/no = kind is late\n").order
    seeming = "fact kind: one of p, q\nvalue q = kind is p\nvalue p = q and listed\n"
    assert problems(seeming, warnings=False) == []
    table = "fact kind: one of p, q\nvalue q\n| kind | outcome |\n| p | 1 |\n| - | 2 |\n"
    assert problems(f"{table}value p = q + 1\n", warnings=False) == [("E210", "q")]


def test_names_that_begin_with_not_warn() -> None:
    assert ("W201", "非上市") in problems("fact 上市: yes/no\nfact 非上市: yes/no\n")


# ---------------------------------------------------------------- texts brought in

SHARED = {
    "shared.tier": "policy shared\nfact 月消费 (spend): money\nset floor_at: money = 5k\nscore ignored = 1\n",
    "ring.tier": 'policy ring\nuse "ring2.tier"\n',
    "ring2.tier": 'policy ring2\nuse "ring.tier"\n',
    "both.tier": 'policy both\nuse "shared.tier"\nfact extra: yes/no\n',
    "bad.tier": "policy bad\nfact a: one of x\nfact b money\n",
}


def load(name: str) -> Source | None:
    """The shared texts by name."""
    return Source(SHARED[name], name) if name in SHARED else None


def used(body: str) -> list[tuple[str, str]]:
    """Code and place of each error of a policy that may use the shared texts."""
    source = Source(f"policy p\ncurrency CNY\n{body}")
    return [
        (item.code.code, source.slice(item.span))
        for item in check(source, load)[1]
        if item.severity == "error"
    ]


def test_facts_and_parameters_come_in_and_nothing_else() -> None:
    source = Source('policy p\ncurrency CNY\nuse "both.tier"\nvalue 大: yes/no = 月消费>floor_at且extra\n')
    policy = compile_policy(source, load)
    assert set(policy.facts) == {"spend", "extra"}
    assert set(policy.params) == {"floor_at"}
    assert policy.scores == {}
    assert [each.name for each in policy.uses] == ["both.tier", "shared.tier"]
    assert policy.line(policy.facts["spend"].span) == 2


def test_a_text_used_twice_comes_in_once() -> None:
    assert used('use "both.tier"\nuse "shared.tier"\nvalue v: money = spend + floor_at\n') == []


def test_rings_of_texts_are_reported_at_the_use_line() -> None:
    assert used('use "ring.tier"\n') == [("E218", '"ring.tier"')]


def test_problems_of_a_used_text_stand_at_the_use_line() -> None:
    found = used('use "bad.tier"\nvalue v: money = b + 1\n')
    assert found == [("E220", '"bad.tier"')] * 2


def test_a_text_that_is_not_there_is_reported_once() -> None:
    assert used('use "nowhere.tier"\nvalue v: money = spend + 1\n') == [("E217", '"nowhere.tier"')]


def test_a_text_that_stands_alone_brings_nothing_in() -> None:
    (found,) = check(Source('policy p\ncurrency CNY\nuse "shared.tier"\nvalue v: money = spend + 1\n'))[1]
    assert found.code.code == "E223"
    assert "folder" in found.message()
    assert "folder" not in found.help()


def test_a_name_of_a_used_text_is_taken() -> None:
    assert used('use "shared.tier"\nfact spend: money\n') == [("E202", "spend")]


# ---------------------------------------------------------------- whatever the text


def mutilated() -> st.SearchStrategy[str]:
    """Good policies with lines lost, doubled, moved and cut, and words exchanged."""
    texts = [WHOLE, *(case.source().text for case in cases())]

    def damage(text: str, chance: random.Random) -> str:
        lines = text.split("\n")
        for _ in range(chance.randint(1, 6)):
            at, other = chance.randrange(len(lines)), chance.randrange(len(lines))
            words = lines[at].split(" ")
            match chance.randrange(5):
                case 0:
                    lines[at] = ""
                case 1:
                    lines.insert(other, lines[at])
                case 2:
                    lines[at], lines[other] = lines[other], lines[at]
                case 3:
                    lines[at] = lines[at][: chance.randint(0, len(lines[at]))]
                case _:
                    words[chance.randrange(len(words))] = chance.choice(lines[other].split(" "))
                    lines[at] = " ".join(words)
        return "\n".join(lines)

    return st.builds(damage, st.sampled_from(texts), st.randoms(use_true_random=False))


@settings(max_examples=150, deadline=None)
@given(mutilated())
def test_any_text_gives_a_policy_or_says_why_not(text: str) -> None:
    """Never an exception, a policy with a part missing, or silence; and all places lie in the text."""
    policy, found = check(Source(text), load)
    assert (policy is None) == any(item.severity == "error" for item in found)
    for item in found:
        assert 0 <= item.span.start <= item.span.end <= len(text)
        assert item.span.file == 0
        for lang in ("en", "zh"):
            said = item.message("zh" if lang == "zh" else "en")
            assert said
    assert [item.span.start for item in found] == sorted(item.span.start for item in found)
    if policy is not None:
        computed = {*policy.values, *policy.scores, *policy.ladders, *policy.choices, *policy.tags}
        assert set(policy.order) == computed
        assert len(policy.order) == len(computed)


def test_compiling_a_bad_policy_raises_every_problem() -> None:
    with pytest.raises(PolicyError) as caught:
        compile_policy(Source("policy p\nvalue v: yes/no = x and y\n"))
    assert [item.code.code for item in caught.value.diagnostics] == ["E201", "E201"]


def test_long_chains_are_no_deeper_than_short_ones() -> None:
    chain = "".join(f"value v{at} = v{at + 1}\n" for at in range(1500))
    policy = compiled(f"{chain}value v1500 = amount\n")
    assert policy.order[-1] == "v0" or policy.order.index("v1500") < policy.order.index("v0")


def test_many_unknown_names_are_reported_in_good_time() -> None:
    facts = "".join(f"fact known{at}: number\n" for at in range(1500))
    lines = "".join(f"  +1 when unknwn{at} > 3\n" for at in range(190))
    begin = time.process_time()
    check(Source(f"policy p\n{facts}score s\n{lines}"))
    assert time.process_time() - begin < 5


@pytest.mark.parametrize(("last", "code", "user"), [(100, "E219", "9.tier"), (6, "E217", "5.tier")])
def test_what_lies_too_deep_or_is_not_there_is_said_once_with_the_text_that_uses_it(
    last: int, code: str, user: str
) -> None:
    def load(name: str) -> Source | None:
        at = int(name.removesuffix(".tier"))
        more = "".join(f'use "{at + step}.tier"\n' for step in (1, 2, 3))
        return None if at >= last else Source(f"policy p{at}\n{more}fact x{at}: number\n", name)

    _, found = check(Source('policy p\nuse "0.tier"\nvalue v: number = x0 + nowhere\n'), load)
    told = [item.message() for item in found if item.code.code == code]
    # One text too deep shows how to mend all; of those that are not there, each is named once.
    assert len(told) == (1 if code == "E219" else len(set(told)))
    assert any(f"it is used by `{user}`" in item.help() for item in found if item.code.code == code)
    # What could not be brought in may well declare it.
    assert all(item.code.code != "E201" for item in found)
