"""Regions and boxes in the words of the policy, in both languages: "`order_amount` from 1,000,000 to below
3,000,000 when `region` is `east`".

Names and values stand as the author declared them; numbers as decimals with thousands commas.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction

from dsl.checker.coverage_numbers import Words, number_words
from dsl.checker.domains import EVERYTHING_KNOWN, UNKNOWN, Cut, Domain, Key, Region, Stretch, without
from dsl.checker.domains_conditions import Asked
from dsl.checker.domains_fold import Constant
from dsl.model import CheckedPolicy, Read
from dsl.source import Span
from dsl.types import Kind, Type

# As many values, stretches or lines are named; the rest is "…".
MOST_NAMED = 4
LONGEST_NAME = 40


def name_of(key: Key, asked: Asked, names: Mapping[Key, str], policy: CheckedPolicy) -> str:
    """What to call something that is asked about: its column's heading, its declared name, else the author's
    expression.
    """
    if key in names:
        return _short(names[key])
    if isinstance(asked.expr, Read):
        return _short(declared_name(asked.expr, policy))
    span = asked.expr.span
    source = policy.source if span.file == 0 else policy.uses[span.file - 1]
    return _short(source.slice(span)) or "…"


def declared_name(read: Read, policy: CheckedPolicy) -> str:
    """The author's word for what is read."""
    tables: dict[str, Mapping[str, object]] = {
        "fact": policy.facts,
        "param": policy.params,
        "value": policy.values,
        "score": policy.scores,
        "ladder": policy.ladders,
        "held": policy.ladders,
        "choice": policy.choices,
        "tags": policy.tags,
    }
    declared = tables[read.of].get(read.key)
    return str(getattr(declared, "name", read.key))


def box_words(
    box: Mapping[Key, Region], asked: Mapping[Key, Asked], names: Mapping[Key, str], policy: CheckedPolicy
) -> Words:
    """A box as a sentence's object; a thing that may be anything is left out."""
    pieces: list[Words] = []
    for key, region in box.items():
        if not asked[key].opaque and without(asked[key].domain.known, region):
            name = name_of(key, asked[key], names, policy)
            pieces.append(axis_words(name, asked[key].domain, region, verb=bool(pieces)))
    if not pieces:
        return "any customer", "任何客户"
    first, *rest = [en for en, _ in pieces]
    en = f"{first} when {' and '.join(rest)}" if rest else first
    return en, " 且 ".join(zh for _, zh in pieces)


def axis_words(name: str, domain: Domain, region: Region, *, verb: bool) -> Words:
    """What one thing is: "`orders` below 5", and with a `verb` "`region` is `east` or `west`"."""
    en, zh = region_words(domain, region)
    named = domain.members or domain.type.kind is Kind.TEXT or region == UNKNOWN
    plain = named or all(_single(stretch, domain) is not None for stretch in region)
    joint, joint_zh = ("is " if verb and plain else ""), ("为 " if plain else "")
    return f"`{name}` {joint}{en}", f"`{name}` {joint_zh}{zh}"


def region_words(domain: Domain, region: Region) -> Words:
    """A region without the name of what lies in it."""
    unknown = bool(region) and region[-1] == UNKNOWN[0]
    known = region[:-1] if unknown else region
    if domain.members:
        words = [member_words(member, domain.type) for member in _members(domain, known)]
    else:
        # Between named texts lies "any other text", more than once.
        words = list(dict.fromkeys(stretch_words(stretch, domain) for stretch in known))
    if unknown:
        words.append(("unknown", "未知"))
    if len(words) > MOST_NAMED:
        words = [*words[:MOST_NAMED], ("…", "…")]
    return " or ".join(en for en, _ in words), " 或 ".join(zh for _, zh in words)


def domain_words(domain: Domain) -> Words:
    """All that a domain holds, its own ends included, and how fine it is where that is all there is to say."""
    en, zh = region_words(replace(domain, known=EVERYTHING_KNOWN), domain.known)
    if not domain.type.kind.numeric or domain.places is None or domain.known != EVERYTHING_KNOWN:
        return en, zh
    if domain.places == 0:
        return "a whole number", "整数"
    return f"a number with at most {domain.places} decimals", f"最多 {domain.places} 位小数的数"


def _members(domain: Domain, region: Region) -> list[Constant]:
    found: list[Constant] = []
    for low, high in region:
        start = low[1] if low[0] == 0 and isinstance(low[1], int) else 0
        end = high[1] if high[0] == 0 and isinstance(high[1], int) else len(domain.members)
        found += domain.members[start:end]
    return found


def member_words(value: Constant, type_: Type) -> Words:
    """A value of a finite domain."""
    if isinstance(value, bool):
        return ("`yes`", "`是`") if value else ("`no`", "`否`")
    member = type_.member(str(value))
    name = _short(member.name if member else str(value))
    return f"`{name}`", f"`{name}`"


def constant_words(value: Constant, type_: Type) -> Words:
    """A constant as the author would write it."""
    if isinstance(value, Fraction):
        return number_words(value, type_.kind)
    if isinstance(value, date):
        return value.isoformat(), value.isoformat()
    return member_words(value, type_) if type_.kind is not Kind.TEXT else _quoted(str(value))


def _quoted(text: str) -> Words:
    return f'"{_short(text)}"', f"“{_short(text)}”"


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= LONGEST_NAME else flat[: LONGEST_NAME - 1] + "…"


# ---------------------------------------------------------------- stretches


def stretch_words(stretch: Stretch, domain: Domain) -> Words:
    """A stretch of numbers, dates or texts; an end that is the domain's own is left open."""
    start, end = stretch
    kind = domain.type.kind
    if kind is Kind.TEXT:
        one = start[0] == 0 and end[0] == 0 and start[1] == end[1]
        return _quoted(str(start[1])) if one else ("any other text", "其他任何文本")
    low = None if domain.known and start == domain.known[0][0] else _low(start, domain)
    high = None if domain.known and end == domain.known[0][1] else _high(end, domain)
    single = _single(stretch, domain)
    if single is not None:
        return single
    if kind is Kind.DATE:
        return _dates(low, high)
    return _numbers(low, high)


def _single(stretch: Stretch, domain: Domain) -> Words | None:
    """A stretch that is one value."""
    start, end = stretch
    if start[0] != 0 or end[0] != 0 or isinstance(start[1], str) or isinstance(end[1], str):
        return None
    one = start[1] == end[1] if domain.places is None else end[1] - start[1] == 1
    return _at(Fraction(start[1]), domain) if one else None


def _at(point: Fraction, domain: Domain) -> Words:
    """A point of the line as it is written."""
    if domain.type.kind is Kind.DATE:
        text = date.fromordinal(int(point)).isoformat()
        return text, text
    return number_words(point if domain.places is None else point / 10**domain.places, domain.type.kind)


# An end of a stretch: its words, and whether it belongs to the stretch.
End = tuple[Words, bool]


def _low(cut: Cut, domain: Domain) -> End | None:
    """A lower end. On a fine grid `over 5` and `from 5.0001` are one cut: the shorter is what the author
    meant.
    """
    if cut[0] != 0 or isinstance(cut[1], str):
        return None
    point = Fraction(cut[1])
    if domain.places is None:
        return _at(point, domain), cut[2] == 0
    own, before = _at(point, domain), _at(point - 1, domain)
    return (before, False) if domain.places > 0 and len(before[0]) < len(own[0]) else (own, True)


def _high(cut: Cut, domain: Domain) -> End | None:
    """An upper end, likewise; whole numbers and dates name the last value that belongs."""
    if cut[0] != 0 or isinstance(cut[1], str):
        return None
    point = Fraction(cut[1])
    if domain.places is None:
        return _at(point, domain), cut[2] == 1
    if domain.places == 0:
        return _at(point - 1, domain), True
    own, last = _at(point, domain), _at(point - 1, domain)
    return (last, True) if len(last[0]) < len(own[0]) else (own, False)


def _numbers(low: End | None, high: End | None) -> Words:
    match low, high:
        case None, None:
            return "anything", "任何值"
        case ((en, zh), included), None:
            return (f"{en} or more", f"{zh} 及以上") if included else (f"over {en}", f"超过 {zh}")
        case None, ((en, zh), included):
            return (f"up to {en}", f"不超过 {zh}") if included else (f"below {en}", f"低于 {zh}")
        case ((en, zh), True), ((en2, zh2), True):
            return f"between {en} and {en2}", f"介于 {zh} 与 {zh2}"
        case ((en, zh), True), ((en2, zh2), False):
            return f"from {en} to below {en2}", f"自 {zh} 至 {zh2}（不含）"
        case ((en, zh), False), ((en2, zh2), included):
            if included:
                return f"over {en} and up to {en2}", f"超过 {zh} 且不超过 {zh2}"
            return f"over {en} and below {en2}", f"超过 {zh} 且低于 {zh2}"
        case _:
            raise AssertionError("an end is there or it is not")


def _dates(low: End | None, high: End | None) -> Words:
    """Dates: both ends always belong."""
    match low, high:
        case None, None:
            return "on any day", "任何日期"
        case ((en, _), _), None:
            return f"from {en} on", f"自 {en} 起"
        case None, ((en, _), _):
            return f"until {en}", f"至 {en} 止"
        case ((en, _), _), ((en2, _), _):
            return f"from {en} until {en2}", f"自 {en} 至 {en2}"
        case _:
            raise AssertionError("an end is there or it is not")


# ---------------------------------------------------------------- lines


def lines_words(spans: list[Span], policy: CheckedPolicy) -> Words:
    """The lines of several places: "lines 12, 14"."""
    numbers = sorted({policy.line(span) for span in spans})
    shown = ", ".join(map(str, numbers[:MOST_NAMED])) + (", …" if len(numbers) > MOST_NAMED else "")
    zh = shown.replace(", ", "、")
    return (f"line {shown}" if len(numbers) == 1 else f"lines {shown}"), f"第 {zh} 行"
