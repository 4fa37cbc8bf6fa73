"""What a generated policy has declared so far, and the words and figures that it draws from.

Words are drawn once each from pools that hold both scripts and the awkward cases: names that need
backticks, Chinese names that contain a keyword, labels that contain quotes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeVar

from hypothesis import strategies as st

from dsl import ast

T = TypeVar("T")


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_NAMES = _words("""
orders revenue visits margin tenure region channel branch partner rating volume effort growth loyalty reach
credit payback staff Größe x1 total_paid calls score2 grade_now base variable team tier_owner plan sla hotline
training gift
订单额 回款率 拜访数 渠道 区域 行业 规模 信用 毛利 续约次数 员工数 城市 当期回款 年龄段 高潜力 自有门店
每月用量 产值2 客户等级 基础分 变量分 总分_含税 折扣 响应时长 驻场天数 专属经理 培训 门店数 投诉数 客户经理
""")
_TICKED = ("70后", "1k", "key account", "order-amount", "when", "等级", "且", "是否", "2nd visit", "no")
_VALUES = _words("""
national regional city_wide local gold silver bronze prospect contract delivery renewal lost red green blue
潜在 合同 交付 运维 复购 流失 全国 大区 本地 金融 零售 制造 其他行业 以上皆非
""")
_CODES = _words("hq field_team desk remote 总部 大区组 城市组 电销 A1 B2")
_TIERS = _words("A B C D E S 金 银 铜 VIP 普通")
_TEXTS = (
    "Key customer",
    "关键客户",
    'the "best" of them',
    "他说“好”",
    "it's 100% sure, or | not # really",
    "70后（含）",
    "x",
    "Pays late",
    "付款拖延",
    "一、二、三",
    "{braces} %s \\ {0!r} 🏆",
)
# A text has the same translation wherever it stands.
_TRANSLATIONS = {
    "Key customer": "重点客户",
    "付款拖延": "Payment is late",
    'the "best" of them': "其中“最好”的",
    "{braces} %s \\ {0!r} 🏆": "{花括号} \\",
}


@dataclass(frozen=True)
class Known:
    """Something declared: its word, its type's keyword id, and its members.

    `members` are an enumeration's values or a ladder's tiers; what is `optional` may be unknown. Only what is
    `free` may have any value at all: the rows of a table over anything else could be out of its reach.
    """

    word: str
    kind: str
    members: tuple[str, ...] = ()
    optional: bool = True
    free: bool = False


@dataclass
class World:
    """One policy in the making."""

    draw: st.DrawFn
    known: list[Known] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    count: int = 0

    def maybe(self, percent: int = 50) -> bool:
        """Heads or tails; shrinks to tails."""
        return self.draw(st.integers(0, 99)) >= 100 - percent

    def pick(self, items: Sequence[T]) -> T:
        """One of the items; shrinks to the first."""
        return self.draw(st.sampled_from(items))

    def some(self, items: Sequence[T], least: int = 1, most: int = 4) -> tuple[T, ...]:
        """Several different items, in the order they stand in."""
        chosen = self.draw(
            st.sets(st.integers(0, len(items) - 1), min_size=least, max_size=min(most, len(items)))
        )
        return tuple(items[at] for at in sorted(chosen))

    def times(self, least: int, most: int) -> range:
        """How often to do something."""
        return range(self.draw(st.integers(least, most)))

    def fresh(self, pool: Sequence[str]) -> ast.Word:
        """A word that no declaration has used."""
        self.count += 1
        free = [word for word in pool if word not in self.used]
        word = self.pick(free) if free else f"name_{self.count}"
        self.used.add(word)
        return ast.Word(word)

    def name(self) -> ast.Declared:
        """A name being declared, sometimes with an alias, sometimes one that needs backticks."""
        word = self.fresh(_TICKED if self.maybe(10) else _NAMES)
        if not self.maybe(20):
            return ast.Declared(word)
        self.count += 1
        return ast.Declared(word, ast.Word(f"alias_{self.count}"))

    def rule(self) -> ast.Declared | None:
        """The name of a line."""
        self.count += 1
        return ast.Declared(ast.Word(f"规则{self.count}" if self.maybe() else f"rule_{self.count}"))

    def values(self, least: int = 2, most: int = 4) -> tuple[str, ...]:
        """Values of an enumeration."""
        return tuple(self.fresh(_VALUES).text for _ in self.times(least, most))

    def codes(self, least: int = 2, most: int = 3) -> tuple[str, ...]:
        """Codes of outcomes."""
        return tuple(self.fresh(_CODES).text for _ in self.times(least, most))

    def tiers(self) -> tuple[str, ...]:
        """Tiers of a ladder, best first; every ladder may use the same ones."""
        return self.some(_TIERS, 2, 4)

    def text(self) -> ast.Label:
        """A text with nothing behind it."""
        return ast.Label(self.pick(_TEXTS))

    def label(self, percent: int = 40) -> ast.Label | None:
        """A label, sometimes with its translation."""
        if not self.maybe(percent):
            return None
        return ast.Label(self.pick(_TEXTS), self.pick(_TEXTS) if self.maybe(30) else None)

    def said(self) -> ast.Label:
        """A text that is told, sometimes with its translation."""
        text = self.pick(_TEXTS)
        return ast.Label(text, _TRANSLATIONS.get(text) if self.maybe() else None)

    def outcome(self) -> ast.Label:
        """A text that no other outcome has, sometimes with its translation."""
        self.count += 1
        text = self.said()
        translation = f"{text.translation} {self.count}" if text.translation else None
        return ast.Label(f"{text.text} {self.count}", translation)

    def notes(self) -> ast.Notes:
        """Comments, mostly none."""
        if not self.maybe(12):
            return ast.NO_NOTES
        before = ("a comment", "第二行") if self.maybe(30) else ("注释 “x” | y",)
        return ast.Notes(before if self.maybe() else (), "why" if self.maybe() else None, self.maybe())

    def of(self, *kinds: str) -> list[Known]:
        """What has been declared of these kinds."""
        return [known for known in self.known if known.kind in kinds]

    def free(self, *kinds: str) -> list[Known]:
        """What has been declared of these kinds and may have any value."""
        return [known for known in self.of(*kinds) if known.free]


# Figures in every spelling, rising. Those with a comma cannot stand in a list.
FIGURES = (
    ("0.5", "0.5"),
    ("10", "10"),
    ("1k", "1000"),
    ("5,000", "5000"),
    ("1万", "10000"),
    ("20W", "200000"),
    ("500k", "500000"),
    ("1.5m", "1500000"),
    ("1.2亿", "120000000"),
)
COUNTS = (
    ("1", "1"),
    ("2", "2"),
    ("5", "5"),
    ("12", "12"),
    ("1k", "1000"),
    ("2,500", "2500"),
    ("1万", "10000"),
)
PERCENTS = (("0.5%", "0.005"), ("5%", "0.05"), ("20%", "0.2"), ("35%", "0.35"), ("100%", "1"))
SPANS = (
    ("15", "MINUTES"),
    ("1", "HOURS"),
    ("36", "HOURS"),
    ("2", "DAYS"),
    ("3", "WEEKS"),
    ("90", "DAYS"),
)
DAYS = ("2020-02-29", "2024-12-31", "2026-01-31", "2026-06-30", "2027-03-01")


def number(text: str, value: str) -> ast.Number:
    """A number in its spelling."""
    return ast.Number(text, Decimal(value), percent=text.endswith("%"))


def whole(value: int) -> ast.Number:
    """A whole number spelt plainly."""
    return ast.Number(str(value), Decimal(value))
