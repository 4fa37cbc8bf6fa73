"""Makes `customers.csv`: a thousand customers to try `b2b_grading` on, as a company might have them.

A base like this is never clean: most of it is small, some cells are empty because nobody knows, and some
customers sit exactly on a threshold, where two readers of a rule would disagree. The file is made from a seed
and kept in the project; running `python -m policies.samples.generate` makes the same bytes on every Python.

For that only the generator's raw bits are used: the higher functions of `random` may change between versions.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from random import Random

SEED = 20260101
CUSTOMERS = 1_000
FILE = Path(__file__).with_name("customers.csv")

COLUMNS = (
    "customer",
    "name",
    "order_amount",
    "referrals",
    "demand_types",
    "listed",
    "valuation",
    "days_overdue",
    "hard_to_reach",
    "strategic",
    "stage",
    "chain_scope",
)


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# Whatever stands several times in a list comes up so much more often.
PLACES = _words("""
    北京 上海 广州 深圳 杭州 南京 苏州 成都 重庆 武汉 西安 长沙 青岛 厦门 宁波 郑州 合肥 天津 福州 昆明
""")
ROOTS = _words("""
    恒瑞 华信 鼎盛 明德 远景 瑞丰 中科 天宇 博雅 嘉禾 云帆 启明
    金泰 万通 安达 凯撒 新锐 同方 海纳 卓越 星辰 汇智 百川 众诚
""")
TRADES = _words("""
    餐饮管理 连锁超市 信息技术 医药 物流 贸易 食品 酒店管理
    教育科技 汽车服务 装饰工程 电子商务 生物科技 服饰 文化传媒 精密制造
""")
FORMS = ("有限公司", "有限公司", "有限公司", "股份有限公司", "集团有限公司")
WORLD_ROOTS = _words("""
    Alder Baltic Cobalt Dalton Everest Fairway Granite Harbor Ivory Juniper Keystone Lumen Meridian
    Nordic Orchid Pioneer Quarry Ridge Sterling Tamarind Umbra Vantage Westbrook Zephyr
""")
WORLD_TRADES = _words(
    "Foods Logistics Retail Hotels Pharma Software Trading Motors Textiles Cafés Catering Robotics"
)
WORLD_FORMS = ("Ltd.", "GmbH", "S.A.", "Inc.", "Pte Ltd", "K.K.", "AB")

# From, up to, and how many of a hundred customers buy so much in a year, in yuan.
ORDER_BANDS = (
    (0, 200_000, 45),
    (200_000, 1_000_000, 28),
    (1_000_000, 3_000_000, 14),
    (3_000_000, 5_000_000, 6),
    (5_000_000, 10_000_000, 4),
    (10_000_000, 60_000_000, 3),
)
THRESHOLDS = (200_000, 1_000_000, 3_000_000, 5_000_000, 10_000_000)
# In fen: from here a customer is a large one.
LARGE = 500_000_000

STAGES = (
    ["prospect"] * 8
    + ["demand"] * 12
    + ["contract"] * 16
    + ["delivery"] * 14
    + ["maintenance"] * 28
    + ["renewal"] * 16
    + ["lost"] * 6
)
REFERRALS = [0] * 60 + [1] * 18 + [2] * 10 + [3] * 5 + [4] * 4 + [5] * 2 + [9]
DEMAND_TYPES = [1] * 46 + [2] * 26 + [3] * 16 + [4] * 8 + [6] * 4
OVERDUE_DAYS = [0] * 70 + [5, 12, 18, 25, 29, 30, 30, 31, 31, 45, 60, 75, 89, 90, 90, 91, 91, 120, 200, 400]
VALUATIONS = ["high"] * 2 + ["medium"] * 5 + ["low"] * 3
SCOPES = ["city"] * 14 + ["regional"] * 4 + ["national"] * 2


class Dice:
    """Whole numbers from a seed, the same in every version of Python."""

    def __init__(self, seed: int) -> None:
        self._bits = Random(seed).getrandbits

    def below(self, limit: int) -> int:
        """A whole number from 0 up to, not including, `limit`."""
        return self._bits(64) * limit >> 64

    def one_of(self, items: Sequence[str]) -> str:
        return items[self.below(len(items))]

    def percent(self, chance: int) -> bool:
        """True in `chance` of a hundred cases."""
        return self.below(100) < chance


def customers() -> list[dict[str, str]]:
    """The sample customers, a cell a column, all as text."""
    dice = Dice(SEED)
    names: set[str] = set()
    return [_customer(dice, number, names) for number in range(1, CUSTOMERS + 1)]


def _customer(dice: Dice, number: int, names: set[str]) -> dict[str, str]:
    stage = dice.one_of(STAGES)
    amount = 0 if stage == "prospect" else _order_amount(dice)
    # Who buys much has known us for long: recommends us more often, and uses more of what we do.
    draws = 4 if amount >= LARGE else 1
    row = {
        "customer": f"C{number:04}",
        "name": _name(dice, names),
        "order_amount": _gap(dice, 4, f"{amount // 100}.{amount % 100:02}"),
        "referrals": _gap(dice, 6, str(_highest(dice, REFERRALS, draws))),
        "demand_types": _gap(dice, 4, str(_highest(dice, DEMAND_TYPES, draws))),
        "listed": _gap(dice, 4, "yes" if dice.percent(12) else "no"),
        "valuation": _gap(dice, 12, dice.one_of(VALUATIONS)),
        "days_overdue": _gap(dice, 5, f"P{_highest(dice, OVERDUE_DAYS, 1)}D"),
        "hard_to_reach": _gap(dice, 15, "yes" if dice.percent(14) else "no"),
        "strategic": _gap(dice, 5, "yes" if dice.percent(4) else "no"),
        "stage": _gap(dice, 1, stage),
        "chain_scope": _gap(dice, 10, dice.one_of(SCOPES)),
    }
    assert tuple(row) == COLUMNS
    return row


def _name(dice: Dice, taken: set[str]) -> str:
    """A company's name that no other has."""
    while True:
        if dice.percent(70):
            name = dice.one_of(PLACES) + dice.one_of(ROOTS) + dice.one_of(TRADES) + dice.one_of(FORMS)
        else:
            name = f"{dice.one_of(WORLD_ROOTS)} {dice.one_of(WORLD_TRADES)} {dice.one_of(WORLD_FORMS)}"
        if name not in taken:
            taken.add(name)
            return name


def _order_amount(dice: Dice) -> int:
    """An amount in fen; now and then exactly on a threshold, or one fen below it."""
    if dice.percent(8):
        return THRESHOLDS[dice.below(len(THRESHOLDS))] * 100 - dice.below(2)
    low, high = _band(dice)
    return 100 * low + dice.below(100 * (high - low))


def _highest(dice: Dice, numbers: Sequence[int], draws: int) -> int:
    """The highest of several numbers drawn from a list."""
    return max(numbers[dice.below(len(numbers))] for _ in range(draws))


def _band(dice: Dice) -> tuple[int, int]:
    share = dice.below(sum(weight for _, _, weight in ORDER_BANDS))
    for low, high, weight in ORDER_BANDS:
        if share < weight:
            return low, high
        share -= weight
    raise AssertionError("the share is below the sum of the weights")


def _gap(dice: Dice, chance: int, value: str) -> str:
    """The value, or an empty cell in `chance` of a hundred cases."""
    return "" if dice.percent(chance) else value


def to_csv(rows: list[dict[str, str]]) -> str:
    """The rows as CSV text, a line end of `\\n` on every system."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


if __name__ == "__main__":
    FILE.write_text(to_csv(customers()), encoding="utf-8", newline="\n")
    print(f"{FILE.name}: {CUSTOMERS} customers")
