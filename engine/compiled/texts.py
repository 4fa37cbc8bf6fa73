"""Code that writes the JSON of a decision at once, to the letter as `to_json` and `json_text` would have it.

The oracle's functions are asked for every object beforehand, with a gap where a value depends on the customer.
The text before the gap and the text behind it are constants, and pieces that meet become one; what is left to
do for a customer is to write the values and to join. Each value is written once, however often it is shown.

Every piece is UTF-8 already, each of its bytes standing as the character of that number (`sent_text`). So
joining the pieces, and making bytes of them in the end, is copying, in whatever script they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date
from functools import lru_cache, partial
from itertools import groupby
from typing import Any

from dsl.model import CheckedPolicy, Expr
from dsl.types import DATE, YES_NO, Kind, Type, Value
from engine.compiled.draft import NAME, Draft, Fragment, Variant
from engine.compiled.expressions import lifted
from engine.compiled.runtime import sent, sent_text
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
from engine.compiled.telling import MOST_REVIEWS, ReviewOf, review_by, review_of, tell
from engine.decision import (
    GIVES,
    AdviceGiven,
    BenefitGrant,
    Decision,
    Json,
    Noted,
    PolicyRef,
    Reason,
    Shown,
    TierOutcome,
    advice_json,
    benefit_json,
    json_text,
    reason_json,
    shown_json,
    tier_json,
    to_json,
)
from engine.json_bytes import encoded
from engine.movement.answers import LadderMovement, OverTime, ladder_json, review_json
from engine.movement.state_json import outcome_json, state_json
from engine.movement.states import NOT_GRADED, Outcome, State

# What facts say of ladders: there are few of them, but for reviews on customers' own dates.
MOST_OUTCOMES = 4096


class Texts(Shape):
    """A part is JSON text: constant pieces, and the names of texts that are written for each customer."""

    absent = "''"

    # ---------------------------------------------------------------- values

    def constant(self, value: Shown) -> Part:
        return (_sent(shown_json(value)),)

    def unless_unknown(self, fragment: Fragment, value: Shown) -> Part:
        if not fragment.optional:
            return self.constant(value)
        text = self.draft.constant(_sent(shown_json(value)))
        return (Code(self.draft.once(f"('null' if {fragment.text} is None else {text})")),)

    def looked_up(self, table: Mapping[str, Shown], own: Fragment) -> Part:
        texts = {key: _sent(shown_json(value)) for key, value in table.items()}
        return (Code(self.draft.once(f"{self.draft.constant(texts)}.get({own.text}, 'null')")),)

    def mapping(self, pairs: Iterable[tuple[str, Part]]) -> Part:
        return _object((key, part) for key, part in pairs)

    def worked_out(self, fragment: Fragment, type: Type, names: Names) -> Part:
        own = self.draft.kept(fragment)
        match type.kind:
            case Kind.TEXT:
                if names:
                    own = self.draft.kept(_renamed(self.draft, own, names))
                # Mostly there is nothing to encode, and one call less.
                plain = f"(quoted({own.text}) if {own.text}.isascii() else sent_text({own.text}))"
                return self._written(own, plain)
            case Kind.YES_NO:
                return self._written(own, f"('true' if {own.text} else 'false')")
            case Kind.ENUM | Kind.TIER:
                return self._member(own, type, names)
            case Kind.LIST:
                of, called = self.draft.constant(type), self.draft.constant(dict(names))
                return self._written(own, f"list_text({own.text}, {of}, {called})")
            case Kind.DATE:
                return self._written(own, f"day_text({own.text})")
            case Kind.DURATION | Kind.PERIOD:
                number = own.text if own.sort != "fraction" else f"shown_number({own.text})"
                text = "duration_text" if type.kind is Kind.DURATION else "period_text"
                return self._between_quotes(own, f"{text}({number})")
            case _:
                return self._written(own, _number(own))

    def _written(self, own: Fragment, text: str) -> Part:
        """What is written by some Python, where something is known."""
        return (
            Code(self.draft.once(f"('null' if {own.text} is None else {text})" if own.optional else text)),
        )

    def _between_quotes(self, own: Fragment, text: str) -> Part:
        """A text in which nothing has to be escaped: its quotes go to the constant pieces beside it."""
        if own.optional:
            return self._written(own, f"sent_text({text})")
        return ('"', Code(text if text == own.text else self.draft.once(text)), '"')

    def _member(self, own: Fragment, type: Type, names: Names) -> Part:
        """A key, which mostly is its own text."""
        texts = {member.key: sent_text(names.get(member.key, member.key)) for member in type.members}
        if all(text == f'"{key}"' for key, text in texts.items()):
            return self._between_quotes(own, own.text)
        return self._written(own, f"({self.draft.constant(texts)}.get({own.text}) or sent_text({own.text}))")

    # ---------------------------------------------------------------- reasons

    def begin(self) -> None:
        super().begin()
        self.draft.once("day_text(day)")  # the answer's own day, whatever else is said of it

    def _reason(self, told: Reason, gives: Part, facts: Part) -> str:
        return self._joined(_reason(told, gives, facts))

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
        rows, before, behind = draft.fresh("c"), draft.fresh(), draft.fresh()
        draft.line(f"{target}, {before}, {behind} = {rows}[{number}]")
        with counts:
            # What stands around the facts goes to the text before them and to the text behind.
            first, inside, last = _trimmed(facts_read(self, reads))
            draft.line(f"reasons.append({self._joined((Code(before), *inside, Code(behind)))})")
        texts = [_around(_reason(each, self.constant(each.gives), (first, *GAP, last))) for each in told]
        draft.names[rows] = [(value, *text) for value, text in zip(values, texts, strict=True)]

    # ---------------------------------------------------------------- tiers, benefits, advice

    def tier(self, own: str, tiers: Sequence[TierOutcome], score: Part | None) -> Part:
        draft = self.draft
        shown = self.constant(None) if score is None else GAP
        parts = {each.tier: _filled(tier_json(each), {"score": shown}) for each in tiers}
        if score is None:
            texts = draft.constant({key: "".join(map(str, part)) for key, part in parts.items()})
            return (Code(draft.once(f"{texts}[{own}]")),)
        before, behind = draft.fresh(), draft.fresh()
        around = draft.constant({key: _around(part) for key, part in parts.items()})
        draft.line(f"{before}, {behind} = {around}[{own}]")
        return (Code(before), *score, Code(behind))

    def no_tier(self) -> Part:
        return (_sent(tier_json(NO_TIER)),)

    def benefit(self, told: BenefitGrant, value: Part, rule: Part, stage: Part, because: Part) -> str:
        gaps = {"value": value, "rule": rule, "stage": stage, "because": because}
        return self._joined((",", *_filled(benefit_json(told), gaps)))

    def advice(self, told: AdviceGiven, to: Part | None) -> str:
        return self._joined((",", *_filled(advice_json(told), {} if to is None else {"to": to})))

    def benefits(self, given: Sequence[Looked | Named]) -> Part:
        """Each brings the comma that stands before it; the first comma of all is left out."""
        draft = self.draft
        if not given:
            return ("[]",)
        if len(given) == 1 and isinstance(given[0], Looked):
            return ("[", Code(draft.once(self._table(given[0], ""))), "]")
        items = [
            Code(draft.once(self._table(each, ",")) if isinstance(each, Looked) else each.name)
            for each in given
        ]
        return ("[", Code(draft.once(f"{self._joined(tuple(items))}[1:]")), "]")

    def _table(self, looked: Looked, comma: str) -> str:
        texts = {
            place: comma * bool(grants) + ",".join(_sent(benefit_json(each)) for each in grants)
            for place, grants in looked.found.items()
        }
        return f"{self.draft.constant(texts)}[{looked.place}]"

    # ---------------------------------------------------------------- movement

    def steady(self, ladders: Sequence[Standing]) -> str:
        """The keys that movement adds to an answer, each with the comma before it."""
        main = self._tier(ladders[0])
        parts: dict[str, Part] = {
            "computed": main,
            "held": main,
            "state": _object((each.ladder.key, self._state(each)) for each in ladders),
            "transitions": ("[]",),
            "movement": _object((each.ladder.key, self._moves(each)) for each in ladders),
        }
        nothing = OverTime(ladders[0].ladder.key, {}, {}).to_json()
        first, *rest = _filled(nothing, parts)
        assert isinstance(first, str), "an object begins with a constant"
        whole = _without_end((first.replace("{", ",", 1), *rest))
        for each in ladders:
            whole = self._by_tier(whole, each)
        return self._joined(whole)

    def _by_tier(self, part: Part, each: Standing) -> Part:
        """The same, a tier between constants looked up together with them: fewer pieces are joined."""
        found: list[str | Code] = []
        for own, together in groupby(
            _merged(part), lambda piece: isinstance(piece, str) or piece.text == each.tier
        ):
            pieces = tuple(together)
            if not own or len(pieces) == 1:
                found += pieces
                continue
            texts = {
                tier.key: "".join(piece if isinstance(piece, str) else tier.key for piece in pieces)
                for tier in each.ladder.tiers
            }
            found.append(Code(f"{self.draft.constant(texts)}[{each.tier}]"))
        return tuple(found)

    def _tier(self, each: Standing) -> Part:
        if each.tier is None:
            return self.constant(None)
        return self.value(Fragment(each.tier, simple=True), each.ladder.type)

    def _day(self, each: Standing, name: str) -> Part:
        """A day of a state, which may be none."""
        optional = name in ("through", "postponed")
        return self.value(Fragment(each.fields[name], optional=optional, simple=True), DATE)

    def _state(self, each: Standing) -> Part:
        days = ("as_of", "since", "through", "postponed")
        gaps: dict[str, Part] = {
            **{name: self._day(each, name) for name in days},
            "tier": self._tier(each),
            "missed": (Code(each.fields["missed"]),),
            "waits": self.value(Fragment(each.fields["waits"], simple=True), YES_NO),
            "outcome": self._outcome(each),
        }
        return _filled(state_json(State(date.min, None, date.min)), gaps)

    def _outcome(self, each: Standing) -> Part:
        """What the facts say, which is mostly the tier and nothing else."""
        if each.tier is None:
            return (_outcome_text(NOT_GRADED),)
        usual = {tier.key: _outcome_text(Outcome(tier.key)) for tier in each.ladder.tiers}
        other = f"{self.draft.constant(_outcome_text)}({each.fields['outcome']})"
        text = f"{self.draft.constant(usual)}[{each.tier}] if {each.usual} else {other}"
        return (Code(self.draft.once(text)),)

    def _moves(self, each: Standing) -> Part:
        gaps = {"computed": self._tier(each), "held": self._tier(each), "through": self._day(each, "through")}
        if each.tier is not None:
            review = f"{self.draft.constant(_review_text(review_of(each.movement)))}(day, {review_by(each)})"
            gaps |= {"since": self._day(each, "since"), "review": (Code(self.draft.once(review)),)}
        return _filled(ladder_json(LadderMovement(*(None,) * 7)), gaps)

    def teller(self) -> Teller:
        return partial(_told, self.draft.policy, self.draft.variant)

    # ---------------------------------------------------------------- the whole

    def assumed(self, values: Mapping[str, Shown]) -> Callable[[tuple[str, ...]], str]:
        texts = {key: f"{_sent(key)}:{_sent(shown_json(value))}" for key, value in values.items()}

        @lru_cache(maxsize=MOST_ASSUMED)
        def together(keys: tuple[str, ...]) -> str:
            return f"{{{','.join([texts[key] for key in keys])}}}"

        return together

    def answer(self, found: Answered) -> None:
        draft = self.draft
        policy = PolicyRef(draft.policy.name, draft.policy.hash, draft.policy.version)
        same = Decision(policy, NAME, date.min, found.status, None, why=found.why)
        gaps: dict[str, Part] = {
            "decision_id": self.text("decision_id", optional=True),
            "as_of": (Code(draft.once("day_text(day)")),),
            "customer": self.text("customer", optional=True),
            **found.parts,
            "assumed": (Code(draft.once("assumed_of(assumed)")),),
        }
        if draft.variant.explained:
            gaps["reasons"] = ("[", Code(draft.once("','.join(reasons)")), "]")
        whole = _filled(to_json(same), gaps)
        if found.over_time is not None:
            whole = (*_without_end(whole), Code(found.over_time), "}")
        body = f"{self._joined(whole)}.encode('latin1')"
        draft.line(f"return {body}, {self._noted(found)}")

    def _noted(self, found: Answered) -> str:
        draft, main = self.draft, self.draft.policy.main
        none = Noted(draft.policy.name, NAME, found.status, None)
        if found.tier is None or main is None:
            return draft.constant(none)
        by_tier = {tier.key: none._replace(tier=tier.key) for tier in main.tiers}
        return f"{draft.constant(by_tier)}[{found.tier}]"

    def _joined(self, part: Part) -> str:
        """Python for a text. Constants stand in it by name, so that none of them can become code."""
        pieces = [
            piece.text if isinstance(piece, Code) else self.draft.constant(piece) for piece in _merged(part)
        ]
        if len(pieces) == 1:
            return pieces[0]
        return 'f"' + "".join(f"{{{piece}}}" for piece in pieces) + '"'


# ---------------------------------------------------------------- JSON in pieces

# Where a value will stand.
GAP: Part = (Code(""),)


def _object(pairs: Iterable[tuple[str, Part]]) -> Part:
    """An object of parts by key."""
    pieces: list[str | Code] = []
    for key, part in pairs:
        pieces += [("," if pieces else "{") + sent_text(key) + ":", *part]
    return (*pieces, "}") if pieces else ("{}",)


def _filled(entry: Mapping[str, Any], gaps: Mapping[str, Part]) -> Part:
    """An object, parts in the place of some of its values."""
    return _object((key, gaps[key] if key in gaps else (_sent(value),)) for key, value in entry.items())


def _without_end(part: Part) -> Part:
    """An object without the bracket that closes it."""
    *pieces, last = part
    assert isinstance(last, str), "an object ends with a constant"
    return (*pieces, last.removesuffix("}"))


def _sent(value: Json) -> str:
    """The JSON of a value, as it is sent."""
    return sent(json_text(value))


def _reason(told: Reason, gives: Part, facts: Part) -> Part:
    gaps = {"facts": facts}
    if told.about in GIVES:
        gaps[GIVES[told.about]] = gives
    return _filled(reason_json(told), gaps)


def _around(part: Part) -> tuple[str, str]:
    """The text before a gap, and the text behind it."""
    before, gap, behind = _merged(part)
    assert isinstance(before, str), "text before the gap"
    assert isinstance(behind, str), "text behind it"
    assert gap == GAP[0], "one gap"
    return before, behind


def _trimmed(part: Part) -> tuple[str, Part, str]:
    """The constant text that an object begins with, what comes between, and the text that it ends with."""
    pieces = _merged(part)
    first, last = pieces[0], pieces[-1] if len(pieces) > 1 else ""
    assert isinstance(first, str), "an object begins with a constant"
    assert isinstance(last, str), "and ends with one"
    return first, pieces[1:-1], last


def _merged(part: Part) -> Part:
    """The same with constant pieces that meet put together."""
    pieces: list[str | Code] = []
    for piece in part:
        if isinstance(piece, str) and pieces and isinstance(pieces[-1], str):
            pieces[-1] += piece
        else:
            pieces.append(piece)
    return tuple(pieces)


# ---------------------------------------------------------------- movement


def _told(policy: CheckedPolicy, variant: Variant, *asked: Any) -> tuple[str, list[str]]:
    """What `tell` says, as it is sent."""
    moves, why = tell(policy, variant, *asked)
    return "," + _encoded(moves.to_json())[1:-1], [_encoded(reason_json(each)) for each in why]


def _encoded(value: object) -> str:
    """The JSON of a value as it is sent, the quick way."""
    return encoded(value).decode("latin1")


@lru_cache(maxsize=MOST_OUTCOMES)
def _outcome_text(outcome: Outcome) -> str:
    return _encoded(outcome_json(outcome))


def _review_text(review: ReviewOf) -> Callable[[date, date | None], str]:
    @lru_cache(maxsize=MOST_REVIEWS)
    def written(day: date, own: date | None) -> str:
        found = review(day, own)
        return "null" if found is None else _encoded(review_json(found))

    return written


def _renamed(draft: Draft, own: Fragment, names: Names) -> Fragment:
    """A text under its name in the language of the answer."""
    table = draft.constant(dict(names))
    return lifted(draft, [own], lambda texts: f"{table}.get({texts[0]}, {texts[0]})")


def _number(own: Fragment) -> str:
    """Python that writes a number: all its digits, no more of them than needed, no exponent."""
    if own.sort == "fraction":
        return f"number_text(shown_number({own.text}))"
    if own.whole or own.short:
        return f"str({own.text})"
    return f"number_text({own.text})" if own.plain else f"number_text(plain({own.text}))"
