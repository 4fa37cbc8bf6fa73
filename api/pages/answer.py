"""A decision in words, ready for the page: what came out, why, what it brings, why not better, what is missing.

It reads the decision in the shape of the contract, so that the page shows what a program would have been told; the
policy gives the labels. Reasons keep their line, which the page makes a link into the policy's text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from api.pages.render import element_id, speaker
from api.wording import pick, value
from dsl.diagnostics import Lang
from dsl.model import CheckedPolicy, Choice, DerivedValue, Fact, Ladder, Param, Score, Tags
from dsl.types import Kind, Type
from engine.shown import type_name
from engine.words import label, member_label

Content = Mapping[str, Any]
# In characters; what is longer does not stand large.
LONGEST_BADGE = 3


@dataclass(frozen=True, slots=True)
class Named:
    """A word and what stands beside it; `id` leads to the control of a fact."""

    name: str
    value: str
    id: str = ""
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
class Lack:
    """A condition that failed, and how far it is off. Of `ways` any one would do; `parts` are all needed."""

    condition: str
    told: str
    ways: tuple[Lack, ...] = ()
    parts: tuple[Lack, ...] = ()


@dataclass(frozen=True, slots=True)
class Better:
    """A better tier: what failed, and what it would bring."""

    ladder: str
    tier: str
    failed: tuple[Lack, ...]
    gains: tuple[Gain, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything the page says of a decision. `badge` is a tier short enough to stand large, `headline` what the
    answer is headed by; both are empty where that is not decided, and `possible` says what it may be.

    `no_benefits` is the sentence for a customer who is granted nothing; empty where the policy grants nothing. `moves`
    is there where movement was asked for: what happened on each ladder, why its tier is held, what comes next.
    """

    status: str
    badge: str
    headline: str
    why: str
    score: str
    possible: str
    no_benefits: str
    outcomes: tuple[Named, ...]
    groups: tuple[Group, ...]
    benefits: tuple[Gain, ...]
    advice: tuple[Named, ...]
    moves: tuple[Named, ...]
    better: tuple[Better, ...]
    missing: tuple[Named, ...]
    assumed: tuple[Named, ...]
    lines: frozenset[int]
    engine: str
    as_of: str


def answer_of(content: Content, policy: CheckedPolicy, lang: Lang) -> Answer:
    """A decision of the policy in words."""
    says = Speaker(policy, lang)
    head = policy.headline
    outcome: Content = content["tiers"].get(head.key, {}) if head else {}
    badge = "" if head is None else tier_word(head.type, outcome.get("tier"), lang)
    reasons = content["reasons"]
    return Answer(
        status=content["status"],
        badge=badge if len(badge) <= LONGEST_BADGE else "",
        headline=says.headline(content),
        why=content["why"] or "",
        score="" if outcome.get("score") is None else value(outcome["score"], None, lang),
        possible=says.possible(content),
        no_benefits=says.no_benefits(),
        outcomes=tuple(says.outcomes(content, head.key if head else "")),
        groups=tuple(says.groups(content)),
        benefits=tuple(says.gain(item) for item in content["benefits"]),
        advice=tuple(says.advice(item) for item in content["advice"]),
        moves=tuple(says.moves(content)),
        better=tuple(says.better(item) for item in content.get("why_not", ())),
        missing=tuple(Named(says.name(key), "", element_id(key)) for key in content["missing"]),
        assumed=tuple(
            Named(says.name(key), says.told(key, item)) for key, item in content["assumed"].items()
        ),
        lines=frozenset(reason["line"] for reason in reasons),
        engine=content["engine"],
        as_of=content["as_of"],
    )


_Typed = Fact | Param | DerivedValue | Score | Ladder | Choice | Tags


class Speaker:
    """One policy's words in one language."""

    def __init__(self, policy: CheckedPolicy, lang: Lang) -> None:
        self.lang: Lang = lang
        self.policy = policy
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
            return self.amount(item, None)
        return self.amount(_labelled(item, found.type, self.lang), type_name(found.type))

    def amount(self, item: object, type: str | None) -> str:
        """A value of a type in words, money with the policy's currency."""
        return value(item, type, self.lang, self.policy.currency)

    def tier(self, ladder: str, key: str) -> str:
        """A tier by its name, and by its label where that is another."""
        type = self.declared[ladder].type
        word, told = tier_word(type, key, self.lang), member_label(type, key, self.lang)
        return word if word == told else f"{word} {told}"

    def headline(self, content: Content) -> str:
        """The outcome that heads the answer; empty where it is not decided."""
        head = self.policy.headline
        if isinstance(head, Ladder):
            tier = content["tiers"].get(head.key, {}).get("tier")
            return self.tier(head.key, tier) if tier else ""
        outcome = content["segments"].get(head.key) if head else None
        return self.told(head.key, outcome) if head and isinstance(outcome, str) else ""

    def possible(self, content: Content) -> str:
        """What may head the answer, where that is not decided."""
        head = self.policy.headline
        if head is None:
            return ""
        group = "tiers" if isinstance(head, Ladder) else "segments"
        outcome = content[group].get(head.key)
        items = outcome.get("possible", []) if isinstance(outcome, dict) else []
        return self.told(head.key, {"possible": items}) if len(items) > 1 else ""

    def no_benefits(self) -> str:
        """What is said where nothing is granted."""
        if not self.policy.benefits:
            return ""
        return speaker(self.lang)("no_benefits_here" if self.stages else "no_benefits")

    def outcomes(self, content: Content, head: str) -> Iterator[Named]:
        """Ladders, segments, values and tags, but for the one that heads the answer."""
        for key, outcome in content["tiers"].items():
            if key != head:
                tier = outcome["tier"]
                told = self.tier(key, tier) if tier else self.told(key, {"possible": outcome["possible"]})
                yield Named(self.name(key), told)
        for group in ("segments", "values", "tags"):
            for key, item in content[group].items():
                if key != head:
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
        told = (
            "" if gives is None else self.told(key, gives) if "tier" not in reason else self.given(key, gives)
        )
        if signed and not isinstance(gives, dict) and not told.startswith("-"):
            told = "+" + told
        elif told == reason["label"]:
            told = "→"
        facts = (f"{self.name(name)} = {self.told(name, item)}" for name, item in reason["facts"].items())
        between = pick(self.lang, ", ", "，")
        return Why(told, reason["label"], between.join(facts), reason["line"], bool(reason.get("possible")))

    def given(self, ladder: str, tier: object) -> str:
        """The tier that a rule gives, by its name alone; the label stands beside it."""
        if isinstance(tier, str):
            return tier_word(self.declared[ladder].type, tier, self.lang)
        return self.told(ladder, tier)

    def gain(self, item: Content) -> Gain:
        """One benefit."""
        granted = "" if item["value"] is True else self.amount(item["value"], item["type"])
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

    def moves(self, content: Content) -> Iterator[Named]:
        """What movement did on each ladder, and what it will do."""
        for key, moved in content.get("movement", {}).items():
            happened = [each for each in content["transitions"] if each["ladder"] == key]
            for each in happened:
                yield Named(self.name(key), f"{each['on']} {each['text']}")
            told = {each["text"] for each in happened}
            coming = moved["next"]
            for text in (moved["why"], None if coming is None else coming["text"]):
                if text is not None and text not in told:
                    yield Named(self.name(key), text)

    def better(self, item: Content) -> Better:
        """A better tier."""
        failed = tuple(map(self.lack, item["failed"]))
        gains = tuple(self.gain(each) for each in item["benefits"])
        return Better(self.name(item["ladder"]), self.tier(item["ladder"], item["tier"]), failed, gains)

    def lack(self, item: Content) -> Lack:
        """A condition that failed, with its alternatives and its parts."""
        ways, parts = (tuple(map(self.lack, item.get(name, ()))) for name in ("any_of", "all_of"))
        return Lack(item["condition"], self.distance(item), ways, parts)

    def distance(self, item: Content) -> str:
        """What was found, and how far off that is."""
        say = speaker(self.lang)
        actual, distance, type = item["actual"], item["distance"], item.get("type")
        told = [] if actual is None else [say("has", value=self.amount(actual, type))]
        if distance is not None and item.get("strict") and distance in (0, "P0D"):
            told.append(say("at_limit"))
        elif distance is not None:
            told.append(say("lacks", value=self.amount(distance, type)))
        return pick(self.lang, ", ", "，").join(told)


def tier_word(type: Type, key: str | None, lang: Lang) -> str:
    """A tier's own name; for English readers its alias where the name is in another script."""
    member = None if key is None else type.member(key)
    if member is None:
        return key or ""
    return member.name if lang == "zh" or member.name.isascii() else member.key


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
