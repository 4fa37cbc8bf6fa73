"""States and overrides as somebody sends them, read with every bad field named.

A state comes back from whoever was given it: it may be old, cut, mended by hand or made up. What is read here is safe to `move` on: its tiers
are the ladder's, its days are days and in order, its counts are whole. Fields that say nothing may be left out; those that nothing is called
are refused, since a slip in a name would otherwise be a rule unheard.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TypeVar, get_args
from unicodedata import category

from dsl.diagnostics import did_you_mean
from engine.facts_problems import Both, FactProblem, FactsError, pointer, problem, shorten
from engine.facts_values import DAY
from engine.movement.overrides import one_after_another
from engine.movement.problems import given_again, not_lower, out_of_order, tier_not_wanted, unknown_field
from engine.movement.states import Notice, Outcome, Override, OverrideKind, State

Item = TypeVar("Item")

MOST_MISSED = 100_000
MOST_ITEMS = 200
LONGEST_TEXT = 1000
# Marks that nobody sees and that turn a sentence round.
DIRECTIONS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
KINDS: tuple[OverrideKind, ...] = get_args(OverrideKind)
OVERRIDE_FIELDS = ("kind", "tier", "reason", "author", "from", "until")
A_DAY: Both = "a date, such as `2026-01-31`", "日期，如 `2026-01-31`"
AN_OBJECT: Both = "an object", "对象"
YES_NO: Both = "`true` or `false`", "`true` 或 `false`"
A_TEXT: Both = (
    f"a text of 1 to {LONGEST_TEXT} characters on one line",
    f"1 到 {LONGEST_TEXT} 个字、不换行的文本",
)
A_COUNT: Both = f"a whole number from 0 to {MOST_MISSED}", f"0 到 {MOST_MISSED} 的整数"
A_LIST: Both = f"a list of at most {MOST_ITEMS} entries", f"最多 {MOST_ITEMS} 项的列表"


def read_state(raw: object, tiers: Sequence[str]) -> State:
    """The state in an object as `state_json` gives it, for a ladder of these tiers. Raises `FactsError` with every bad field."""
    fields = Fields(raw, "", tiers, State._fields)
    state = State(
        as_of=fields.needed_day("as_of"),
        tier=fields.tier("tier"),
        since=fields.needed_day("since"),
        through=fields.day("through"),
        missed=fields.count("missed"),
        notice=_notice(fields),
        postponed=fields.day("postponed"),
        waits=fields.truth("waits", False),
        outcome=_outcome(fields),
        overrides=_overrides(fields),
    )
    fields.ascending("since", "as_of")
    fields.ascending("postponed", "as_of")
    if state.notice is not None and fields.days.get("as_of", date.max) < state.notice.given:
        given = "given", state.notice.given
        fields.problems.append(out_of_order(pointer("as_of"), given, ("as_of", state.as_of)))
    if not fields.problems and state.notice is not None and not _lower(state.notice.to, state.tier, tiers):
        fields.problems.append(not_lower(pointer("notice", "to"), state.notice.to, state.tier))
    fields.finish()
    return state


def read_override(raw: object, tiers: Sequence[str], day: date | None = None) -> Override:
    """The override in an object `{"kind", "tier", "reason", "author", "from", "until"}`. Where `from` is left out it begins on `day`, if one is
    given. Raises `FactsError` with every bad field.
    """
    fields = Fields(raw, "", tiers, OVERRIDE_FIELDS)
    override = _override(fields, day)
    if fields.raw.get("kind") in ("freeze", "retain") and fields.raw.get("tier") is not None:
        fields.problems.append(tier_not_wanted(fields.place("tier"), override.kind, fields.raw["tier"]))
    fields.finish()
    return override


class Fields:
    """The fields of one object; problems with any of them are gathered. A bad field reads as something harmless until `finish` raises."""

    def __init__(
        self,
        raw: object,
        at: str,
        tiers: Sequence[str],
        names: Sequence[str],
        problems: list[FactProblem] | None = None,
    ) -> None:
        self.at, self.tiers = at, tiers
        self.problems: list[FactProblem] = [] if problems is None else problems
        self.days: dict[str, date] = {}
        self.raw: Mapping[str, object] = raw if isinstance(raw, Mapping) else {}
        self.whole = isinstance(raw, Mapping)
        if not self.whole:
            name = at.rsplit("/", 1)[-1] or "state"
            self.problems.append(problem("wrong_type", at, expected=AN_OBJECT, got=raw, name=name))
        strangers = [name for name in self.raw if name not in names]
        for name in strangers[:MOST_ITEMS]:
            hint = did_you_mean(name, names)
            self.problems.append(unknown_field(self.place(name), shorten(str(name)), self.raw[name], hint))

    def place(self, *names: str | int) -> str:
        return self.at + pointer(*names)

    def inside(self, name: str, names: Sequence[str]) -> Fields | None:
        """The fields of the object under a name; None where there is none."""
        raw = self.raw.get(name)
        return None if raw is None else Fields(raw, self.place(name), self.tiers, names, self.problems)

    def items(self, name: str) -> list[tuple[str, object]]:
        """The entries of the list under a name, each with its place."""
        raw = self.raw.get(name)
        if raw is None:
            return []
        if not isinstance(raw, list) or len(raw) > MOST_ITEMS:
            self._wrong(name, raw, A_LIST)
            return []
        return [(self.place(name, number), each) for number, each in enumerate(raw)]

    def day(self, name: str) -> date | None:
        raw = self.raw.get(name)
        if raw is None:
            return None
        found = DAY.fullmatch(raw) if isinstance(raw, str) else None
        if found is None:
            self._wrong(name, raw, A_DAY)
            return None
        try:
            self.days[name] = date(*map(int, found.groups()))
        except ValueError:
            self.problems.append(problem("no_such_day", self.place(name), expected=A_DAY, got=raw, name=name))
        return self.days.get(name)

    def needed_day(self, name: str) -> date:
        """A day that has to be there."""
        if self.raw.get(name) is None:
            self._missing(name, A_DAY)
        return self.day(name) or date.min

    def tier(self, name: str, *, needed: bool = False) -> str | None:
        raw = self.raw.get(name)
        if raw is None and needed:
            self._missing(name, self._tier_words())
        return None if raw is None else self._tier(name, self.place(name), raw)

    def tier_list(self, name: str) -> tuple[str, ...]:
        found = [self._tier(name, place, each) for place, each in self.items(name)]
        return tuple(each for each in found if each is not None)

    def text(self, name: str) -> str | None:
        raw = self.raw.get(name)
        return None if raw is None else self._text(name, self.place(name), raw)

    def needed_text(self, name: str) -> str:
        """A text that has to be there."""
        if self.raw.get(name) is None:
            self._missing(name, A_TEXT)
        return self.text(name) or ""

    def text_list(self, name: str) -> tuple[str, ...]:
        found = [self._text(name, place, each) for place, each in self.items(name)]
        return tuple(each for each in found if each is not None)

    def count(self, name: str) -> int:
        raw = self.raw.get(name)
        if raw is None:
            return 0
        if isinstance(raw, int) and not isinstance(raw, bool) and 0 <= raw <= MOST_MISSED:
            return raw
        self._wrong(name, raw, A_COUNT)
        return 0

    def truth(self, name: str, usual: bool) -> bool:
        raw = self.raw.get(name)
        if raw is None or isinstance(raw, bool):
            return usual if raw is None else raw
        self._wrong(name, raw, YES_NO)
        return usual

    def kind(self) -> OverrideKind:
        raw = self.raw.get("kind")
        words = ", ".join(f"`{each}`" for each in KINDS), "、".join(f"`{each}`" for each in KINDS)
        if raw is None:
            self._missing("kind", words)
        for kind in KINDS:
            if raw == kind:
                return kind
        if raw is not None:
            self._no_such("kind", self.place("kind"), raw, words, KINDS)
        return "freeze"

    def ascending(self, first: str, second: str) -> None:
        """Notes that one day is after another that it must not be after."""
        start, end = self.days.get(first), self.days.get(second)
        if start is not None and end is not None and end < start:
            self.problems.append(out_of_order(self.place(second), (first, start), (second, end)))

    def finish(self) -> None:
        if self.problems:
            raise FactsError(self.problems)

    def _tier(self, name: str, place: str, raw: object) -> str | None:
        if isinstance(raw, str) and raw in self.tiers:
            return raw
        self._no_such(name, place, raw, self._tier_words(), self.tiers)
        return None

    def _tier_words(self) -> Both:
        return ", ".join(f"`{each}`" for each in self.tiers), "、".join(f"`{each}`" for each in self.tiers)

    def _text(self, name: str, place: str, raw: object) -> str | None:
        if isinstance(raw, str) and raw.strip() and len(raw) <= LONGEST_TEXT and _whole(raw):
            return raw
        self.problems.append(problem("wrong_type", place, expected=A_TEXT, got=raw, name=name))
        return None

    def _wrong(self, name: str, raw: object, expected: Both) -> None:
        self.problems.append(problem("wrong_type", self.place(name), expected=expected, got=raw, name=name))

    def _missing(self, name: str, expected: Both) -> None:
        if self.whole:
            self.problems.append(problem("required", self.place(name), expected=expected, name=name))

    def _no_such(self, name: str, place: str, raw: object, words: Both, known: Sequence[str]) -> None:
        hint = did_you_mean(raw, known) if isinstance(raw, str) else None
        self.problems.append(problem("no_such_value", place, expected=words, got=raw, hint=hint, name=name))


def _notice(fields: Fields) -> Notice | None:
    inner = fields.inside("notice", Notice._fields)
    if inner is None:
        return None
    to = inner.tier("to", needed=True)
    given, due = inner.needed_day("given"), inner.needed_day("due")
    inner.ascending("given", "due")
    return Notice(to or "", given, due)


def _lower(to: str, held: str | None, tiers: Sequence[str]) -> bool:
    return held is not None and tiers.index(to) > tiers.index(held)


def _outcome(fields: Fields) -> Outcome:
    """What the facts said last; where nobody says, it is unknown."""
    inner = fields.inside("outcome", Outcome._fields)
    if inner is None:
        return Outcome(None)
    return Outcome(
        reached=inner.tier("reached"),
        keeps=inner.tier_list("keeps"),
        graded=inner.truth("graded", True),
        possible=inner.tier_list("possible"),
        held_by=inner.text("held_by"),
        drops=inner.text_list("drops"),
        cap=inner.tier("cap"),
        anniversary=inner.day("anniversary"),
        held_until=inner.day("held_until"),
        cap_by=inner.text("cap_by"),
    )


def _overrides(fields: Fields) -> tuple[Override, ...]:
    """Those in force and to come. Of a kind each begins on a day of its own; where one reaches into the next, the next ends it."""
    found: list[Override] = []
    for place, raw in fields.items("overrides"):
        begun = [(each.kind, each.start) for each in found]
        inner = Fields(raw, place, fields.tiers, OVERRIDE_FIELDS, fields.problems)
        override = _override(inner, None)
        if "from" in inner.days and (override.kind, override.start) in begun:
            fields.problems.append(given_again(inner.place("from"), override.kind, override.start))
        found.append(override)
    return one_after_another(found)


def _override(fields: Fields, day: date | None) -> Override:
    kind = fields.kind()
    tier = fields.tier("tier", needed=fields.raw.get("kind") in ("set", "floor"))
    reason, author = fields.needed_text("reason"), fields.needed_text("author")
    if day is not None and fields.raw.get("from") is None:
        start = fields.days["from"] = day
    else:
        start = fields.needed_day("from")
    end = fields.needed_day("until")
    fields.ascending("from", "until")
    return Override(kind, reason, author, start, end, tier)


def _whole(text: str) -> bool:
    """Whether a text has no half characters, which nothing could write down, and none that steer a terminal, break a line or turn
    the direction of what is read.
    """
    return not any(category(each) in ("Cc", "Cs", "Zl", "Zp") or each in DIRECTIONS for each in text)
