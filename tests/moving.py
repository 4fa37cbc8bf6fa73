"""A policy that moves, for the tests of answers, commands and calls over time."""

from __future__ import annotations

from datetime import date

from dsl.checker import compile_policy
from dsl.source import Source

LOYAL = """\
policy loyal "Loyalty" ("忠诚度")
timezone "Asia/Shanghai"
applies when not closed "The account is closed" ("账户已关闭")
fact orders: whole number "Orders"
fact dispute: yes/no "Open dispute", default no
fact fraud: yes/no "Fraud", default no
fact closed: yes/no "Closed", default no

score total "Total" = orders
tiers grade "Grade" by total
  A "Gold" ("金牌") from 80
  B "Silver" ("银牌") from 60, keep from 55
  C "Bronze" ("铜牌") from 40
  D "Plain" ("普通") otherwise

choose team "Team"
  "Key accounts" when grade in A, B
  "Shop" otherwise

benefits of grade
| benefit  | A   | B  | C  | D |
| discount | 15% | 8% | 3% | - |

advise "Call before the review" priority 1 when grade is B

movement of grade
  review monthly
  move up at review
  move down at review, one step at a time, after 2 reviews in a row
  move down at once when fraud "Fraud" ("欺诈")
  keep a tier at least 6 months
  give 30 days notice before moving down
  hold while dispute "Dispute" ("争议处理中")
"""

POLICY = compile_policy(Source(LOYAL, "loyal.tier"))


def day(text: str) -> date:
    """`03-15` in 2026, or a whole date."""
    return date.fromisoformat(text if len(text) == 10 else f"2026-{text}")
