"""The options of a benefit: where it stands, for whom, when, how often, and what several rules for it come
to.

Two sorts of options. Those that restrict (`at`, `for`, `when`, `from … until`) may stand on the benefit's
first line, and then hold for every rule that grants it, or on one of its lines, where they take the place of
the first line's; conditions add up. Those that are about the benefit as a whole (its quota, `best of`, `not
with`) stand on the first line only.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Literal

from dsl import ast
from dsl.checker.context import Context
from dsl.checker.describe import Slots, list_slots
from dsl.checker.expressions import condition, constant
from dsl.checker.names import benefit_of, member_named, nearest
from dsl.keywords import spelling
from dsl.messages import benefits as messages
from dsl.messages.types import OPTION_TWICE
from dsl.model import Expr, Logic, Read
from dsl.types import DATE, YES_NO, Kind

Unit = Literal["month", "quarter", "year"]

_RESTRICTING = frozenset({"AT", "FOR", "WHEN", "FROM"})
_QUOTAS: dict[str, Unit] = {"PER_MONTH": "month", "PER_QUARTER": "quarter", "PER_YEAR": "year"}


@dataclass(frozen=True, slots=True)
class Restriction:
    """Where, for whom and when a rule grants; empty parts do not restrict.

    `stages` are (fact, value) of which any will do; `tiers` are keys of `ladder`'s tiers.
    """

    stages: tuple[tuple[Read, str], ...] = ()
    ladder: str | None = None
    tiers: tuple[str, ...] | None = None
    condition: Expr | None = None
    start: date | None = None
    end: date | None = None

    def within(self, outer: Restriction) -> Restriction:
        """A line's restriction together with its benefit's."""
        dated = self if self.start or self.end else outer
        tiers = self if self.tiers is not None else outer
        return Restriction(
            self.stages or outer.stages,
            tiers.ladder,
            tiers.tiers,
            both(outer.condition, self.condition),
            dated.start,
            dated.end,
        )


@dataclass(frozen=True, slots=True)
class Terms:
    """All options of a benefit's first line."""

    restriction: Restriction = Restriction()
    combine: Literal["first", "best", "sum"] = "first"
    less_is_better: bool = False
    quota: tuple[Decimal, Unit] | None = None
    not_with: tuple[str, ...] = ()


def both(first: Expr | None, second: Expr | None) -> Expr | None:
    """Two conditions joined by `and`, either of which may be missing."""
    if first is None or second is None:
        return second if first is None else first
    return Logic("and", (first, second), YES_NO, second.span)


def terms_of(ctx: Context, node: ast.BenefitDecl, stage_facts: tuple[str, ...]) -> Terms | None:
    """The options of a benefit; None after their problems have been reported."""
    once = _each_once(ctx, node.options)
    restriction = restriction_of(ctx, node.options, stage_facts)
    found = {option.kind: option for option in node.options}
    name = node.name.word.text
    if "BEST_OF" in found and "SUM_OF" in found:
        ctx.report.add(
            messages.COMBINE_BOTH, found["SUM_OF"].span, also=(found["BEST_OF"].span,), benefit=name
        )
        restriction = None
    quota = _quota(ctx, node.options)
    others = _not_with(ctx, found.get("NOT_WITH"), name)
    if (
        not once
        or restriction is None
        or others is None
        or (quota is None and any(kind in found for kind in _QUOTAS))
    ):
        return None
    return Terms(
        restriction,
        "best" if "BEST_OF" in found else "sum" if "SUM_OF" in found else "first",
        "LESS_IS_BETTER" in found,
        quota,
        others,
    )


def restriction_of_line(
    ctx: Context, line: ast.OutcomeLine, stage_facts: tuple[str, ...]
) -> Restriction | None:
    """The options of one of a benefit's lines, which can only restrict."""
    misplaced = [option for option in line.options if option.kind not in _RESTRICTING]
    for option in misplaced:
        ctx.report.add(messages.OPTION_ON_LINE, option.span, option=ctx.words(option.span))
    once = _each_once(ctx, line.options)
    found = restriction_of(ctx, line.options, stage_facts)
    return None if misplaced or not once else found


def restriction_of(
    ctx: Context, options: tuple[ast.Option, ...], stage_facts: tuple[str, ...]
) -> Restriction | None:
    """The restricting ones among some options; None when one of them is wrong."""
    found = Restriction()
    sound = True
    for option in options:
        words = tuple(arg for arg in option.args if isinstance(arg, ast.Word))
        match option.kind:
            case "AT":
                stages = [_stage(ctx, word, stage_facts) for word in words]
                sound &= None not in stages
                found = replace(found, stages=tuple(stage for stage in stages if stage is not None))
            case "FOR":
                ladder = _tiers(ctx, option, words)
                sound &= ladder is not None
                found = replace(found, ladder=ladder[0], tiers=ladder[1]) if ladder else found
            case "WHEN":
                when = condition(ctx, _expr_of(option))
                sound &= when is not None
                found = replace(found, condition=when)
            case "FROM":
                days = _dates(ctx, option)
                sound &= days is not None
                found = replace(found, start=days[0], end=days[1]) if days else found
    return found if sound else None


def _expr_of(option: ast.Option) -> ast.Expr:
    arg = option.args[0]
    assert not isinstance(arg, ast.Label | ast.Word)
    return arg


def _each_once(ctx: Context, options: tuple[ast.Option, ...]) -> bool:
    """No option twice; a quota counts as one option, whatever its unit."""
    first: dict[str, ast.Option] = {}
    once = True
    for option in options:
        kind = "PER_YEAR" if option.kind in _QUOTAS else option.kind
        if (other := first.setdefault(kind, option)) is not option:
            english, chinese = (spelling(option.kind, lang, "benefit") for lang in ("en", "zh"))
            words: Slots = {"option_en": english, "option_zh": chinese}
            ctx.report.add(OPTION_TWICE, option.span, also=(other.span,), **words)
            once = False
    return once


# ---------------------------------------------------------------- one option


def _stage(ctx: Context, word: ast.Word, stage_facts: tuple[str, ...]) -> tuple[Read, str] | None:
    """A bare stage: the value of the one fact that has it, first among the facts that matrices stand `at`."""
    facts = [
        symbol
        for name, symbol in ctx.symbols.items()
        if symbol.of == "fact" and name == symbol.name and symbol.type and symbol.type.kind is Kind.ENUM
    ]
    having = [fact for fact in facts if fact.type and member_named(ctx, word.text, fact.type)]
    preferred = [fact for fact in having if fact.key in stage_facts] or having
    if not having:
        known = [member.name for fact in facts if fact.type for member in fact.type.members]
        ctx.report.add(messages.AT_UNKNOWN, word.span, hint=nearest(ctx, word.text, known), stage=word.text)
        return None
    if len(preferred) > 1:
        names = [fact.name for fact in preferred]
        ctx.report.add(
            messages.AT_AMBIGUOUS, word.span, stage=word.text, fact=names[0], **list_slots(facts=names)
        )
        return None
    fact = preferred[0]
    assert fact.type is not None
    member = member_named(ctx, word.text, fact.type)
    assert member is not None
    return Read("fact", fact.key, fact.type, word.span), member.key


def _tiers(
    ctx: Context, option: ast.Option, words: tuple[ast.Word, ...]
) -> tuple[str, tuple[str, ...]] | None:
    """The first ladder that has all of the tiers named: the main ladder before the others."""
    ladders = [
        symbol
        for name, symbol in ctx.symbols.items()
        if symbol.of == "ladder" and name == symbol.name and symbol.type is not None
    ]
    for ladder in ladders:
        assert ladder.type is not None
        members = [member_named(ctx, word.text, ladder.type) for word in words]
        if None not in members:
            return ladder.key, tuple(member.key for member in members if member is not None)
    known = [member.name for ladder in ladders if ladder.type for member in ladder.type.members]
    strange = [word for word in words if word.text not in known]
    for word in strange:
        ctx.report.add(messages.FOR_TIERS, word.span, hint=nearest(ctx, word.text, known), tier=word.text)
    if not strange:
        ctx.report.add(messages.FOR_LADDERS, option.span, **list_slots(tiers=[word.text for word in words]))
    return None


def _dates(ctx: Context, option: ast.Option) -> tuple[date, date | None] | None:
    days: list[date] = []
    for arg in option.args:
        day = None if isinstance(arg, ast.Label | ast.Word) else constant(ctx, arg, DATE)
        if not isinstance(day, date):
            return None
        days.append(day)
    start, end = days[0], days[1] if len(days) > 1 else None
    if end is not None and end < start:
        ctx.report.add(messages.DATES_ORDER, option.span, start=start, end=end)
        return None
    return start, end


def _quota(ctx: Context, options: tuple[ast.Option, ...]) -> tuple[Decimal, Unit] | None:
    for option in options:
        if option.kind not in _QUOTAS or not isinstance(number := option.args[0], ast.Number):
            continue
        if number.percent or number.value < 1 or number.value != number.value.to_integral_value():
            ctx.report.add(messages.QUOTA_NUMBER, option.span, value=f"`{number.text}`")
            return None
        return number.value, _QUOTAS[option.kind]
    return None


def _not_with(ctx: Context, option: ast.Option | None, name: str) -> tuple[str, ...] | None:
    """The keys of the benefits that give way to this one."""
    keys: list[str] = []
    words = () if option is None else tuple(arg for arg in option.args if isinstance(arg, ast.Word))
    for word in words:
        symbol = benefit_of(ctx, word)
        if symbol is not None and symbol.name == name:
            ctx.report.add(messages.NOT_WITH_ITSELF, word.span, benefit=name)
        elif symbol is not None:
            keys.append(symbol.key)
    return tuple(keys) if len(keys) == len(words) else None
