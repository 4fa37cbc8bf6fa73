"""A decision in words, ready for the page: what came out, why, what it brings, why not better, what is missing.

It reads the decision in the shape of the contract, so that the page shows what a program would have been told; the
policy gives the labels. Reasons keep their line, which the page makes a link into the policy's text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from api.pages.render import speaker
from api.wording import pick, value
from dsl.diagnostics import Lang
from dsl.model import CheckedPolicy, Choice, DerivedValue, Fact, Ladder, Param, Score, Tags
from dsl.types import Kind, Type
from engine.shown import type_name
from engine.words import label, member_label

Content = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Named:
    """A word and what stands beside it."""

    name: str
    value: str
    key: str = ""
    open: bool = False


@dataclass(frozen=True, slots=True)
class Why:
    """One reason: what it gave, its label, the facts behind it, and its line."""

    gives: str
    label: str
    facts: str
    line: int
    open: bool


@dataclass(frozen=True, slots=True)
class Group:
    """The reasons of one score, ladder, segment or value, and what they add up to."""

    name: str
    total: str
    reasons: tuple[Why, ...]


@dataclass(frozen=True, slots=True)
class Gain:
    """A benefit: what, how much, at which stage, because of what."""

    name: str
    value: str
    stage: str
    because: str
    open: bool


@dataclass(frozen=True, slots=True)
class Better:
    """A better tier: what failed, and what it would bring."""

    ladder: str
    tier: str
    failed: tuple[tuple[str, str], ...]
    gains: tuple[Gain, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything the page says of a decision. `tier` is the main ladder's key, empty where none is decided."""

    status: str
    tier: str
    label: str
    why: str
    score: str
    possible: str
    outcomes: tuple[Named, ...]
    groups: tuple[Group, ...]
    benefits: tuple[Gain, ...]
    advice: tuple[Named, ...]
    better: tuple[Better, ...]
    missing: tuple[Named, ...]
    assumed: tuple[Named, ...]
    lines: frozenset[int]
    engine: str
    as_of: str


def answer_of(content: Content, policy: CheckedPolicy, lang: Lang) -> Answer:
    """A decision of the policy in words."""
    says = _Speaker(policy, lang)
    main = policy.main
    outcome: Content = content["tiers"].get(main.key, {}) if main else {}
    possible = outcome.get("possible", [])
    reasons = content["reasons"]
    return Answer(
        status=content["status"],
        tier=outcome.get("tier") or "",
        label=outcome.get("label") or "",
        why=content["why"] or "",
        score="" if outcome.get("score") is None else value(outcome["score"], None, lang),
        possible=says.told(main.key, {"possible": possible}) if main and len(possible) > 1 else "",
        outcomes=tuple(says.outcomes(content, main.key if main else "")),
        groups=tuple(says.groups(content)),
        benefits=tuple(says.gain(item) for item in content["benefits"]),
        advice=tuple(says.advice(item) for item in content["advice"]),
        better=tuple(says.better(item) for item in content.get("why_not", ())),
        missing=tuple(Named(says.name(key), "", key) for key in content["missing"]),
        assumed=tuple(
            Named(says.name(key), says.told(key, item)) for key, item in content["assumed"].items()
        ),
        lines=frozenset(reason["line"] for reason in reasons),
        engine=content["engine"],
        as_of=content["as_of"],
    )


_Typed = Fact | Param | DerivedValue | Score | Ladder | Choice | Tags


class _Speaker:
    """One policy's words in one language."""

    def __init__(self, policy: CheckedPolicy, lang: Lang) -> None:
        self.lang: Lang = lang
        groups: tuple[Mapping[str, _Typed], ...] = (
            policy.facts,
            policy.params,
            policy.values,
            policy.scores,
            policy.ladders,
            policy.choices,
            policy.tags,
        )
        self.declared = {key: each for group in groups for key, each in group.items()}
        self.stages = {
            key: member_label(read.type, key, lang)
            for benefit in policy.benefits.values()
            for grant in benefit.grants
            if grant.stage is not None
            for read, key in (grant.stage,)
        }

    def name(self, key: str) -> str:
        """The label of a fact, a score, a ladder or whatever else is declared."""
        return label(self.declared[key], self.lang) if key in self.declared else key

    def told(self, key: str, item: object) -> str:
        """A value of something declared, in words."""
        found = self.declared.get(key)
        if found is None:
            return value(item, None, self.lang)
        return value(_labelled(item, found.type, self.lang), type_name(found.type), self.lang)

    def outcomes(self, content: Content, main: str) -> Iterator[Named]:
        """Ladders other than the main one, segments, values and tags."""
        for key, outcome in content["tiers"].items():
            if key != main:
                tier = outcome["tier"]
                told = self.told(key, tier) if tier else self.told(key, {"possible": outcome["possible"]})
                yield Named(self.name(key), f"{tier} {told}" if tier and told != tier else told)
        for group in ("segments", "values", "tags"):
            for key, item in content[group].items():
                yield Named(self.name(key), self.told(key, item))

    def groups(self, content: Content) -> Iterator[Group]:
        """What each score adds up from, then which rule gave everything else."""
        reasons = content["reasons"]
        for key, total in content["scores"].items():
            own = tuple(self.why(reason, signed=True) for reason in reasons if reason.get("score") == key)
            if own:
                yield Group(self.name(key), value(total, None, self.lang), own)
        for about in ("ladder", "segment", "tags", "value"):
            for key in dict.fromkeys(reason[about] for reason in reasons if about in reason):
                own = tuple(self.why(reason) for reason in reasons if reason.get(about) == key)
                yield Group(self.name(key), "", own)
        rest = tuple(self.why(reason) for reason in reasons if not _OWNERS.intersection(reason))
        if rest:
            yield Group("", "", rest)

    def why(self, reason: Content, signed: bool = False) -> Why:
        """One reason."""
        key = next((reason[word] for word in _OWNERS if word in reason), "")
        gives = next(
            (reason[word] for word in ("points", "tier", "outcome", "gives") if word in reason), None
        )
        told = "" if gives is None else self.told(key, gives) if "tier" not in reason else str(gives)
        if signed and not isinstance(gives, dict) and not told.startswith("-"):
            told = "+" + told
        elif told == reason["label"]:
            told = "→"
        facts = (f"{self.name(name)} = {self.told(name, item)}" for name, item in reason["facts"].items())
        between = pick(self.lang, ", ", "，")
        return Why(told, reason["label"], between.join(facts), reason["line"], bool(reason.get("possible")))

    def gain(self, item: Content) -> Gain:
        """One benefit."""
        granted = "" if item["value"] is True else value(item["value"], item["type"], self.lang)
        stage: str = item["stage"] or ""
        return Gain(
            item["label"],
            granted,
            self.stages.get(stage, stage),
            item["because"],
            bool(item.get("possible")),
        )

    def advice(self, item: Content) -> Named:
        """One piece of advice and who takes it."""
        to = "" if item["to"] is None else value(item["to"], None, self.lang)
        return Named(item["action"], to, open=bool(item.get("possible")))

    def better(self, item: Content) -> Better:
        """A better tier."""
        say = speaker(self.lang)
        failed = []
        for each in item["failed"]:
            actual, distance = each["actual"], each["distance"]
            told = [] if actual is None else [say("has", value=value(actual, None, self.lang))]
            told += [] if distance is None else [say("lacks", value=value(distance, None, self.lang))]
            failed.append((each["condition"], pick(self.lang, ", ", "，").join(told)))
        tier = item["tier"] if item["label"] == item["tier"] else f"{item['tier']} {item['label']}"
        gains = tuple(self.gain(each) for each in item["benefits"])
        return Better(self.name(item["ladder"]), tier, tuple(failed), gains)


# Under one of these words a reason says what it is about.
_OWNERS = frozenset({"score", "ladder", "segment", "tags", "value"})


def _labelled(item: object, type: Type, lang: Lang) -> object:
    """A value with the keys of an enumeration, of tiers or of outcomes made labels, wherever they stand in it."""
    if type.item is not None:
        type = type.item
    if type.kind not in (Kind.ENUM, Kind.TIER):
        return item
    match item:
        case str():
            return member_label(type, item, lang)
        case list():
            return [_labelled(each, type, lang) for each in item]
        case dict():
            return {word: _labelled(each, type, lang) for word, each in item.items()}
        case _:
            return item
