"""How long `tierwise check` takes, as somebody at a terminal waits for it: whole commands, Python's own start
included.

    python bench/check_speed.py [--runs 5] [--rules 2000]

prints the median of several runs for the smallest Python, for the worked example and for a policy of 2,000
rules that is generated here, beside what each may take. Ends with 1 where one takes longer.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "policies" / "b2b_grading.tier"
REGIONS = ("north", "east", "south", "west")


def large_policy(rules: int) -> str:
    """A policy of about so many rules, of the kinds that real programmes have.

    One block is a score with a table of bands and lines of points, a segment by table and by lines, a ladder
    over the score, a matrix of benefits and some advice: 40 rules. Blocks share facts as departments share
    customer data.
    """
    lines = [
        'policy large "A programme of many departments"',
        "currency CNY",
        'timezone "Asia/Shanghai"',
        f'fact region: one of {", ".join(REGIONS)} "Where they are"',
        'fact overdue: duration "Longest overdue invoice", default 0 days',
        'fact listed: yes/no "Listed company", default no',
    ]
    for number in range(max(1, rules // RULES_A_BLOCK)):
        lines += _facts(number) + _score(number) + _segment(number) + _ladder(number) + _benefits(number)
    return "\n".join(lines) + "\n"


RULES_A_BLOCK = 40


def _facts(n: int) -> list[str]:
    return [
        "",
        f'fact amount_{n}: money "Orders of department {n}", at least 0',
        f'fact visits_{n}: whole number "Visits by department {n}", default 0',
    ]


def _score(n: int) -> list[str]:
    bands = [f"| {low}k to {low + 100}k | {5 * at} |" for at, low in enumerate(range(100, 900, 100), 1)]
    points = [
        f'  visited_{n}: +1 per visits_{n} up to 10 "Often visited"',
        f'  close_{n}: +3 when region is north and visits_{n} >= 4 "Near and known"',
        f'  public_{n}: +2 when listed or amount_{n} > 700k "Listed or large"',
        f'  late_{n}: -5 when overdue > {30 + n % 60} days "Pays late"',
        f'  quiet_{n}: -2 when visits_{n} < 1 and amount_{n} < 50k "Hardly there"',
    ]
    return [
        "",
        f'score score_{n} "Department {n}" between 0 and 100',
        f"| amount_{n} | points |",
        "| below 100k | 0 |",
        *bands,
        "| 900k or more | 50 |",
        *points,
    ]


def _segment(n: int) -> list[str]:
    cells = [f"| {region} | {'below 5' if low else '5 or more'} | {region}_{'small' if low else 'big'}_{n} |"
             for region in REGIONS for low in (True, False)]  # fmt: skip
    return [
        "",
        f'segment team_{n} "Who looks after them"',
        f"| region | visits_{n} | outcome |",
        *cells,
        "",
        f'choose owner_{n} "Who answers"',
        f'  "Head office {n}" when amount_{n} > 5m',
        f'  "Region {n}" when amount_{n} > 1m',
        f'  "Branch {n}" otherwise',
    ]


def _ladder(n: int) -> list[str]:
    return [
        "",
        f'tiers grade_{n} "Grade {n}" by score_{n}',
        '  A "Strategic" from 40',
        '  B "Key" from 20',
        '  C "Ordinary" otherwise',
        f'  at most B when overdue > {90 + n % 60} days "Seriously overdue"',
    ]


def _benefits(n: int) -> list[str]:
    return [
        "",
        f"benefits of grade_{n}",
        "| benefit | A | B | C |",
        f"| discount_{n} | 15% | 8% | - |",
        f"| answer_{n} | 15 min | 1 hour | 8 hours |",
        f'advise "Visit them {n}" to owner_{n} priority 1 when grade_{n} is A and visits_{n} < 2',
    ]


def median_ms(command: list[str], runs: int) -> float:
    """The median time of a whole command, which must end well, in milliseconds; a first run does not count."""
    # With this set, nothing that was compiled is kept, and every run would compile all of it anew.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    times = []
    for _ in range(runs + 1):
        start = time.perf_counter()
        done = subprocess.run(
            command, capture_output=True, text=True, encoding="utf-8", check=False, env=environment
        )
        times.append((time.perf_counter() - start) * 1000)
        if done.returncode:
            raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return statistics.median(times[1:])


def main() -> int:
    """Measures, prints a line each, and says whether all is within its budget."""
    parser = argparse.ArgumentParser(description="Time `tierwise check` as whole commands.")
    parser.add_argument(
        "--runs", type=int, default=5, help="runs of each command, after one that does not count"
    )
    parser.add_argument("--rules", type=int, default=2000, help="about how many rules the large policy has")
    asked = parser.parse_args()
    command = [str(Path(sys.executable).with_name("tierwise")), "check"]
    with tempfile.TemporaryDirectory() as folder:
        large = Path(folder, "large.tier")
        large.write_text(large_policy(asked.rules), "utf-8")
        rows = (
            ("python, doing nothing", [sys.executable, "-c", "pass"], None),
            ("tierwise --help", [command[0], "--help"], 120),
            ("check, worked example", [*command, str(EXAMPLE)], 250),
            (
                f"check, {asked.rules:,} rules, {large.stat().st_size // 1024} KB",
                [*command, str(large)],
                1500,
            ),
        )
        within = True
        for name, arguments, budget in rows:
            took = median_ms(arguments, asked.runs)
            within = within and (budget is None or took <= budget)
            limit = "" if budget is None else f"   of {budget:>5,} ms"
            print(f"{name:<32} {took:>7,.0f} ms{limit}")
    return 0 if within else 1


if __name__ == "__main__":
    sys.exit(main())
