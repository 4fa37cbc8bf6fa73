"""Code that makes a `Decision`: named tuples, whose values are decimals, texts and truths."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import lru_cache, partial

from dsl.model import Expr
from dsl.types import Kind, Type, Value
from engine.compiled.draft import NAME, Draft, Fragment
from engine.compiled.expressions import as_decimal, lifted
from engine.compiled.shapes import (
    MOST_ASSUMED,
    NO_TIER,
    Answered,
    Code,
    Looked,
    Named,
    Names,
    Part,
    Shape,
    Standing,
    Teller,
    facts_read,
)
from engine.compiled.telling import review_by, review_of, tell
from engine.decision import AdviceGiven, BenefitGrant, PolicyRef, Reason, Shown, TierOutcome


class Records(Shape):
    """A part is Python for the value that stands in the `Decision`."""

    absent = "None"

    # ---------------------------------------------------------------- values

    def constant(self, value: Shown) -> Part:
        return (Code(self.draft.constant(value)),)

    def unless_unknown(self, fragment: Fragment, value: Shown) -> Part:
        text = self.draft.constant(value)
        return (Code(f"(None if {fragment.text} is None else {text})" if fragment.optional else text),)

    def looked_up(self, table: Mapping[str, Shown], own: Fragment) -> Part:
        return (Code(f"{self.draft.constant(dict(table))}.get({own.text})"),)

    def mapping(self, pairs: Iterable[tuple[str, Part]]) -> Part:
        inside = ", ".join(f"{self.draft.constant(key)}: {_python(part)}" for key, part in pairs)
        return (Code(f"{{{inside}}}"),)

    def worked_out(self, fragment: Fragment, type: Type, names: Names) -> Part:
        own = self.draft.kept(fragment)
        text = _shown(self.draft, own, type, names).text
        return (Code(text if text.isidentifier() else self.draft.once(text)),)

    # ---------------------------------------------------------------- reasons

    def _reason(self, told: Reason, gives: Part, facts: Part) -> str:
        words = (self.draft.constant(each) for each in (told.rule, told.label, told.line, told.owner))
        return self._words(told, _python(gives), _python(facts), tuple(words))

    def _words(self, told: Reason, gives: str, facts: str, words: Sequence[str]) -> str:
        rule, label, line, owner = words
        key = self.draft.constant(told.key)
        return _record("Reason", (rule, repr(told.about), key, gives, label, facts, line, "False", owner))

    def tell_row(
        self,
        target: str,
        values: Sequence[Value | int | None],
        told: Sequence[Reason],
        number: str,
        reads: Sequence[Expr],
        counts: AbstractContextManager[None],
    ) -> None:
        draft = self.draft
        rows = [
            (value, each.gives, each.rule, each.label, each.line, each.owner)
            for value, each in zip(values, told, strict=True)
        ]
        gives, *words = (draft.fresh() for _ in range(5))
        draft.line(f"{target}, {gives}, {', '.join(words)} = {draft.constant(rows)}[{number}]")
        with counts:
            facts = _python(facts_read(self, reads))
            draft.line(f"reasons.append({self._words(told[0], gives, facts, words)})")

    # ---------------------------------------------------------------- tiers, benefits, advice

    def tier(self, own: str, tiers: Sequence[TierOutcome], score: Part | None) -> Part:
        label = f"{self.draft.constant({each.tier: each.label for each in tiers})}[{own}]"
        shown = "None" if score is None else _python(score)
        return (Code(_record("TierOutcome", (own, label, shown, f"({own},)"))),)

    def no_tier(self) -> Part:
        return (Code(self.draft.constant(NO_TIER)),)

    def benefit(self, told: BenefitGrant, value: Part, rule: Part, stage: Part, because: Part) -> str:
        name, label, type, quota = map(self.draft.constant, (told.benefit, told.label, told.type, told.quota))
        fields = (name, label, _python(stage), type, _python(value), _python(rule), _python(because))
        return _record("BenefitGrant", (*fields, "False", quota))

    def advice(self, told: AdviceGiven, to: Part | None) -> str:
        if to is None:
            return self.draft.constant(told)
        action, rule = self.draft.constant(told.action), self.draft.constant(told.rule)
        return _record("AdviceGiven", (action, _python(to), repr(told.priority), rule, "False"))

    def benefits(self, given: Sequence[Looked | Named]) -> Part:
        if len(given) == 1 and isinstance(given[0], Looked):
            return (Code(self._table(given[0])),)
        items = [
            f"*{self._table(each)}"
            if isinstance(each, Looked)
            else f"*(({each.name},) if {each.name} else ())"
            for each in given
        ]
        return (Code(f"({', '.join(items)},)" if items else "()"),)

    def _table(self, looked: Looked) -> str:
        return f"{self.draft.constant(looked.found)}[{looked.place}]"

    # ---------------------------------------------------------------- movement

    def steady(self, ladders: Sequence[Standing]) -> str:
        keys = [self.draft.constant(each.ladder.key) for each in ladders]
        states = ", ".join(f"{key}: {each.state}" for key, each in zip(keys, ladders, strict=True))
        told = ", ".join(f"{key}: {self._moves(each)}" for key, each in zip(keys, ladders, strict=True))
        return _record("OverTime", (keys[0], f"{{{states}}}", f"{{{told}}}", "()"))

    def _moves(self, each: Standing) -> str:
        tier, since, review = "None", "None", "None"
        if each.tier is not None:
            tier, since = each.tier, each.fields["since"]
            review = f"{self.draft.constant(review_of(each.movement))}(day, {review_by(each)})"
        return _record("LadderMovement", (tier, tier, since, each.fields["through"], "None", "None", review))

    def teller(self) -> Teller:
        return partial(tell, self.draft.policy, self.draft.variant)

    # ---------------------------------------------------------------- the whole

    def assumed(self, values: Mapping[str, Shown]) -> Callable[[tuple[str, ...]], dict[str, Shown]]:
        @lru_cache(maxsize=MOST_ASSUMED)
        def together(keys: tuple[str, ...]) -> dict[str, Shown]:
            return {key: values[key] for key in keys}

        return together

    def answer(self, found: Answered) -> None:
        draft = self.draft
        policy = draft.constant(PolicyRef(draft.policy.name, draft.policy.hash, draft.policy.version))
        fields = (
            policy, draft.constant(NAME), "day", repr(found.status), "customer", "decision_id", *map(_python, found.parts.values()),
            "tuple(reasons)" if draft.variant.explained else "()", "assumed_of(assumed).copy()", "()",
            draft.constant(found.why), "None", found.over_time or "None",
        )  # fmt: skip
        draft.line(f"return {_record('Decision', fields)}")


def _python(part: Part) -> str:
    (piece,) = part
    assert isinstance(piece, Code), "a part of a `Decision` is Python"
    return piece.text


def _record(kind: str, values: Sequence[str]) -> str:
    """A named tuple, made the shortest way."""
    return f"new({kind}, ({', '.join(values)}))"


def _shown(draft: Draft, fragment: Fragment, type: Type, names: Names) -> Fragment:
    """A value as answers show it."""
    match type.kind:
        case Kind.DURATION | Kind.PERIOD:
            text = "duration_text" if type.kind is Kind.DURATION else "period_text"
            return lifted(draft, [_plain(draft, fragment)], lambda texts: f"{text}({texts[0]})")
        case Kind.DATE:
            return lifted(draft, [fragment], lambda texts: f"{texts[0]}.isoformat()")
        case Kind.LIST:
            return _shown_list(draft, fragment, type, names)
        case _ if fragment.sort == "int":
            return as_decimal(draft, fragment)
        case _ if fragment.sort != "other":
            return _plain(draft, fragment)
        case _ if names:
            table = draft.constant(dict(names))
            return lifted(draft, [fragment], lambda texts: f"{table}.get({texts[0]}, {texts[0]})")
        case _:
            return fragment


def _plain(draft: Draft, fragment: Fragment) -> Fragment:
    if fragment.plain:
        return fragment
    function = "shown_number" if fragment.sort == "fraction" else "plain"
    return lifted(draft, [fragment], lambda texts: f"{function}({texts[0]})", "number", plain=True)


def _shown_list(draft: Draft, fragment: Fragment, type: Type, names: Names) -> Fragment:
    as_they_are = type.item is None or type.item.kind in (Kind.TEXT, Kind.ENUM, Kind.YES_NO)
    if as_they_are and not names:
        return fragment
    of, called = draft.constant(type), draft.constant(dict(names))
    return lifted(draft, [fragment], lambda texts: f"shown_list({texts[0]}, {of}, {called})")
