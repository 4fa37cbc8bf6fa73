"""How long two versions of a policy take to be compared in words, after both have been checked.

    python bench/diff_speed.py [--runs 15] [--lines 1000]

prints medians for a generated policy of so many lines against itself, against a version in which a few rules
are others, and against one in which every threshold, every point and every benefit is; what checking one of
them takes stands beside them.
"""

from __future__ import annotations

import argparse
import re
import statistics
import time
from collections.abc import Callable
from functools import partial

from bench.check_speed import large_policy
from dsl.checker import compile_policy
from dsl.model import CheckedPolicy
from dsl.source import Source
from policies.registry.diff import differences, sentence

FIGURE = re.compile(r"(?<= from )(\d+)$|(?<=: [+-])(\d+)(?= )|(\d+)(?= \|$)", re.MULTILINE)

# In rules.
STEP = 40


def policy_text(lines: int) -> str:
    """A generated policy of about so many lines, as small as there is one."""
    rules = max(lines, STEP)
    while rules > STEP and large_policy(rules).count("\n") > lines:
        rules -= STEP
    return large_policy(rules)


def with_others(text: str, every: int) -> str:
    """The text with one figure more in every so many places where a rule gives or asks for one."""
    count = 0

    def other(found: re.Match[str]) -> str:
        nonlocal count
        count += 1
        return str(int(found[0]) + 1) if count % every == 0 else found[0]

    return FIGURE.sub(other, text)


def median(runs: int, work: Callable[[], object]) -> float:
    """The median of several runs, in milliseconds of processor time, which other programs disturb less."""
    took = []
    for _ in range(runs):
        start = time.process_time()
        work()
        took.append(time.process_time() - start)
    return statistics.median(took) * 1000


def said(old: CheckedPolicy, new: CheckedPolicy) -> list[str]:
    """What differs, in words."""
    return [sentence(item, "zh") for item in differences(old, new)]


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--lines", type=int, default=1000)
    asked = parser.parse_args()
    text = policy_text(asked.lines)
    old = compile_policy(Source(text))
    checking = median(3, lambda: compile_policy(Source(text)))
    print(f"{text.count(chr(10))} lines, checked in {checking:.0f} ms")
    for name, every in (("itself", 0), ("a few rules", 100), ("every figure", 1)):
        new = compile_policy(Source(with_others(text, every) if every else text))

        took, found = median(asked.runs, partial(said, old, new)), len(differences(old, new))
        print(
            f"{name:<14} {found:>5} differences {took:>7.1f} ms, {checking / took:>5.1f} times as fast as checking"
        )


if __name__ == "__main__":
    main()
