"""What the tests of differences share: one policy with something of everything, and its edits."""

from __future__ import annotations

from dsl.checker import compile_policy
from dsl.model import CheckedPolicy
from dsl.source import Source
from policies.registry.diff import Difference, differences, sentence

POLICY = """policy partners "Partners" ("伙伴")
owner "Sales"
effective from 2026-01-01
currency CNY
timezone "Asia/Shanghai"
applies when stage is not prospect "Not a partner yet"

fact revenue: money "Revenue", at least 0
fact visits: whole number "Visits", default 1
fact overdue: duration "Overdue", default 0 days
fact listed: yes/no "Listed"
fact stage: one of prospect, contract, delivery, renewal "Stage", required
fact region: one of north "North" ("北"), south "South" ("南") "Region"

set rate: percent = 5% "Rate"
  from 2026-07-01: 6%

value doubled: money = revenue * 2
value size: number
  big:   10 when visits over 100
  small: 5  when visits over 10
  0         otherwise
value rebate: money graduated by revenue
| revenue      | rebate |
| below 100k   | 0%     |
| 100k to 500k | 1%     |
| 500k or more | 2%     |

score base "Base" between 0 and 100
| revenue      | points |
| below 100k   | 5      |
| 100k to 500k | 10     |
| 500k or more | 50     |

  often:      +5 per 2 of visits up to 20 "Comes often"
  late_payer: -10 when overdue > 30 days   "Pays late"
  +3 when listed                           "Listed company"
score total = base + 2 * size

tiers grade "Grade" by total
  A "Best"  from 80, keep from 75
  B "Good"  from 60 and not listed
  C "Plain" otherwise
  at least B when listed and visits > 5 "Well known"
  at most B when overdue > 90 days     "Overdue"

choose team
  hq "Head office" when region is north and grade is A
  field "Field"    when region is south
  desk "Desk"      otherwise

tags marks
  "large" when revenue > 1m
  "late"  when overdue > 10 days

benefits of grade at stage
| stage    | benefit  | A       | B       | C |
| contract | discount | 15%     | 10%     | - |
| renewal  | support  | "phone" | "phone" | - |

benefit gift: text = "box" ("礼盒"), for A, B
benefit bonus: money, best of
  large: 500 when revenue > 1m
  basic: 100 when visits > 3

advise "Call them" ("打电话") to team priority 1 when overdue > 30 days

movement of grade
  review monthly
  move down at review, after 2 reviews in a row
  hold while stage is contract

event order: amount money
watch quiet "Too quiet"
  when no order within 180 days
  raise high "Call today"

example "Large"
  given revenue = 1m, listed = no, stage = contract
  expect base = 50
"""


def compiled(text: str) -> CheckedPolicy:
    return compile_policy(Source(text))


def edited(*edits: tuple[str, str]) -> CheckedPolicy:
    """The policy with one place after the other written otherwise."""
    text = POLICY
    for old, new in edits:
        assert text.count(old) == 1, (text.count(old), old)
        text = text.replace(old, new)
    return compiled(text)


def found(*edits: tuple[str, str]) -> tuple[Difference, ...]:
    return differences(compiled(POLICY), edited(*edits))


def said(*edits: tuple[str, str]) -> list[str]:
    """The English sentences of what differs, those that decide nothing in brackets."""
    return [sentence(item, "en") if item.decides else f"({sentence(item, 'en')})" for item in found(*edits)]
