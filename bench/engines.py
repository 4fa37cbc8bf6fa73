"""How fast a decision is: the worked example on the product's engines, by hand in Python, and on other engines.

    make bench                                   # or, in an environment with locks/bench.lock:
    python bench/engines.py [--rounds 30] [--customers 50] [--node FOLDER]

All decide the same customers, of whom every fact is known, in turns: a round of one, a round of the next, so
that a busy moment hits all alike; the quick ones ten times in a round, so that a round is long enough to
be timed. Before anything is timed, every answer is compared: by hand and compiled
must agree with the reference to the letter, the others in score, tier and benefits. It prints the median time
of a decision, the quickest round, and how many times as long as compiled with reasons each took; then what
compiling takes, and the targets beside what was reached.

`--node` is a folder where `npm install json-rules-engine` was run; without it, or where a library is not
installed, that line says so.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]

import by_hand  # noqa: E402
import peers  # noqa: E402
import tables  # noqa: E402

from dsl.model import CheckedPolicy  # noqa: E402
from engine import compiled, engines, reference  # noqa: E402
from engine.decision import to_json  # noqa: E402
from engine.facts import Facts, FactsError, read_row  # noqa: E402
from engine.json_bytes import encoded  # noqa: E402
from engine.reference import Question  # noqa: E402
from policies.registry.files import load_policy  # noqa: E402
from policies.samples.generate import customers  # noqa: E402

DAY = date(2026, 11, 21)
BASELINE = "compiled, with reasons (JSON text)"
WITHOUT = "compiled, without (JSON text)"
BY_HAND = "by hand in Python, with reasons (JSON text)"
ZEN = "zen-engine"
# The quick ones decide every customer so many times a round.
TIMES = 10


@dataclass(frozen=True)
class Contender:
    """One line of the table: its name, its decision of the n-th customer, and whether it is a slow one."""

    name: str
    decide: Callable[[int], object]
    slow: bool = False


def main() -> None:
    parser = argparse.ArgumentParser(description="Time decisions on several engines.")
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--customers", type=int, default=50)
    parser.add_argument("--rows", type=int, default=2_000, help="rows of a large table, and rules to compile")
    parser.add_argument("--node", type=Path, help="a folder with json-rules-engine installed")
    asked = parser.parse_args()
    policy = load_policy(ROOT / "policies" / "b2b_grading.tier")
    known = _complete(policy, asked.customers)
    wanted = [_wanted(policy, facts) for facts in known]
    small = [Contender(name, decide) for name, decide in tables.decisions(asked.rows, DAY)]
    contenders = [*_ours(policy, known), *small, *_peers(known, wanted)]
    _check_ours(policy, known)
    times = _measured(contenders, asked.rounds, len(known))
    times |= _node(asked.node, known, wanted, asked.rounds)
    _show(times)
    compiled_in = tables.compiling(asked.rows)
    for name, checking, took in compiled_in:
        print(f"{name:<44} checked in {checking:,.0f} ms, compiled in {took:,.0f} ms")
    _show_targets(times, max(took for _, _, took in compiled_in), asked.rows)


def _complete(policy: CheckedPolicy, most: int) -> list[Facts]:
    """Customers of the samples of whom every fact is known, and whom the policy grades."""
    read = (read_row(policy, row) for row in customers())
    whole = (facts for facts in read if set(facts.known) == set(policy.facts))
    graded = [facts for facts in whole if facts.known["stage"] != "prospect"]
    return graded[:most]


# ---------------------------------------------------------------- who takes part


def _ours(policy: CheckedPolicy, known: Sequence[Facts]) -> list[Contender]:
    reasons, none = Question(customer="C1"), Question(explain="none", customer="C1")
    hash = policy.hash
    found = [
        Contender(BASELINE, lambda n: compiled.answer(policy, known[n], DAY, reasons)),
        Contender("compiled, with reasons (Decision)", lambda n: compiled.decide(policy, known[n], DAY, reasons)),
        Contender(WITHOUT, lambda n: compiled.answer(policy, known[n], DAY, none)),
        Contender("compiled, without (Decision)", lambda n: compiled.decide(policy, known[n], DAY, none)),
        Contender(BY_HAND,
                  lambda n: encoded(by_hand.decide(known[n].known, known[n].assumed, DAY, "C1", hash))),
        Contender("by hand in Python, with reasons (dict)",
                  lambda n: by_hand.decide(known[n].known, known[n].assumed, DAY, "C1", hash)),
        Contender("reference", lambda n: reference.decide(policy, known[n], DAY, reasons), True),
    ]  # fmt: skip
    durable = engines.ENGINES.get("durable")
    if durable is None:
        return found
    try:
        durable(policy, known[0], DAY, reasons)
    except FactsError as refusal:
        print(f"durable-rules is left out: {refusal}", file=sys.stderr)
        return found
    return [
        *found,
        Contender("durable-rules engine", lambda n: durable(policy, known[n], DAY, reasons), True),
    ]


def _peers(known: Sequence[Facts], wanted: Sequence[peers.Outcome]) -> list[Contender]:
    plain = [_plain(facts) for facts in known]
    found = []
    for name, load in (
        (ZEN, peers.zen_engine),
        ("rule-engine", peers.rule_engine),
        ("cel-python", peers.cel_python),
    ):
        try:
            decide = load()
        except ImportError as missing:
            print(f"{name} is left out: {missing}", file=sys.stderr)
            continue
        _check(name, [decide(facts) for facts in plain], wanted)
        found.append(Contender(name, lambda n, decide=decide: decide(plain[n]), True))  # type: ignore[misc]
    return found


def _plain(facts: Facts) -> peers.Facts:
    """Facts as the peers take them: plain numbers, durations in days."""
    found: peers.Facts = dict(facts.known)
    found["order_amount"] = float(found["order_amount"])
    found["days_overdue"] = float(found["days_overdue"] / 86400)
    return {key: int(value) if isinstance(value, Decimal) else value for key, value in found.items()}


def _node(
    folder: Path | None, known: Sequence[Facts], wanted: Sequence[peers.Outcome], rounds: int
) -> dict[str, list[float]]:
    """json-rules-engine, timed by itself inside Node."""
    if folder is None or shutil.which("node") is None:
        print("json-rules-engine is left out: it needs Node and --node FOLDER", file=sys.stderr)
        return {}
    given = {
        "bands": peers.BANDS, "tiers": peers.TIERS, "benefits": peers.BENEFITS, "rounds": rounds,
        "customers": [_plain(facts) for facts in known],
    }  # fmt: skip
    done = subprocess.run(
        ["node", str(ROOT / "bench" / "json_rules.mjs")],
        input=json.dumps(given), capture_output=True, text=True, check=True, cwd=folder,
    )  # fmt: skip
    found = json.loads(done.stdout)
    name = "json-rules-engine (Node)"
    _check(name, [(total, tier, benefits) for total, tier, benefits in found["outcomes"]], wanted)
    return {name: [nanoseconds / 1000 for nanoseconds in found["times"]]}


# ---------------------------------------------------------------- the same answers


def _wanted(policy: CheckedPolicy, facts: Facts) -> peers.Outcome:
    """Score, tier and benefits as the reference has them, in plain numbers."""
    found = reference.decide(policy, facts, DAY, Question())
    values = {
        each.benefit: float(each.value) if isinstance(each.value, Decimal) else each.value
        for each in found.benefits
    }
    total, tier = found.scores["total"], found.tiers["grade"].tier
    assert isinstance(total, Decimal)
    assert tier is not None
    return float(total), tier, values


def _check(name: str, found: Sequence[peers.Outcome], wanted: Sequence[peers.Outcome]) -> None:
    for one, other in zip(found, wanted, strict=True):
        if one != other:
            raise SystemExit(f"{name} says {one}, which should be {other}")


def _check_ours(policy: CheckedPolicy, known: Sequence[Facts]) -> None:
    """To the last byte; only the name of the engine may differ."""
    for facts in known:
        wanted = to_json(reference.decide(policy, facts, DAY, Question(customer="C1")))
        for name, found in (
            ("compiled", compiled.answer(policy, facts, DAY, Question(customer="C1"))[0]),
            ("by hand", encoded(by_hand.decide(facts.known, facts.assumed, DAY, "C1", policy.hash))),
        ):
            if found != encoded(wanted | {"engine": name}):
                raise SystemExit(f"{name} says {found!r}, which should be {wanted}")


# ---------------------------------------------------------------- measuring


def _measured(contenders: Sequence[Contender], rounds: int, count: int) -> dict[str, list[float]]:
    """The time of a decision in each round, in microseconds, by name; a first round does not count."""
    times: dict[str, list[float]] = {each.name: [] for each in contenders}
    for _ in range(rounds + 1):
        for each in contenders:
            some = list(range(count)) * (1 if each.slow else TIMES)
            decide = each.decide
            start = time.perf_counter_ns()
            for number in some:
                decide(number)
            times[each.name].append((time.perf_counter_ns() - start) / len(some) / 1000)
    return {name: found[1:] for name, found in times.items()}


def _show(times: Mapping[str, list[float]]) -> None:
    base = statistics.median(times[BASELINE])
    print(f"{'':<44}{'median':>12}{'quickest':>12}{'compared':>11}")
    for name, found in times.items():
        middle = statistics.median(found)
        print(f"{name:<44}{middle:>9,.1f} us{min(found):>9,.1f} us{middle / base:>9,.2f} x")


def _show_targets(times: Mapping[str, list[float]], compiled_in: float, rows: int) -> None:
    """What was aimed at, beside what was reached in this run; `compiled_in` the longest, in milliseconds."""
    middle = {name: statistics.median(found) for name, found in times.items()}
    own = middle[BASELINE]
    few, many = (middle[tables.table_name(count, 1)] for count in (tables.FEW, rows))
    targets = [
        ("a decision with reasons, us", "6.0 at most", f"{own:.1f}"),
        ("of the time by hand", "2.5 at most", f"{own / middle[BY_HAND]:.2f}"),
        (f"compiling {rows:,} rules, s", "3.0 at most", f"{compiled_in / 1000:.2f}"),
        (f"{rows:,} rows beside {tables.FEW}, times", "3.0 at most", f"{many / few:.2f}"),
    ]
    if ZEN in middle:
        both = f"{middle[ZEN] / own:.1f} ({middle[ZEN] / middle[WITHOUT]:.1f} without reasons)"
        targets.append((f"as quick as {ZEN}, times", "50 at least", both))
    print()
    for what, target, reached in targets:
        print(f"{what:<44}{target:>14}   reached {reached}")


if __name__ == "__main__":
    main()
