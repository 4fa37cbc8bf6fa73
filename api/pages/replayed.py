"""Where two answers to one question differ, in words: which part of the answer, what it was then, what it is now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.pages.answer import Content, Speaker
from api.pages.render import speaker
from api.pages.words import PARTS
from api.wording import pick, value
from dsl.diagnostics import Lang
from engine.decision import dumps
from policies.registry.store.replay import Difference

# Parts of an answer that are kept by what the policy declares.
DECLARED = frozenset({"tiers", "scores", "values", "segments", "tags", "assumed", "state", "movement"})
# What an item of a list goes by: the first of these that it has.
CALLED = ("label", "action", "rule", "text", "tier")


def in_words(found: Difference, answer: Content, says: Speaker, lang: Lang) -> str:
    """One difference between the recorded `answer` and the one that came now."""
    say, steps = speaker(lang), _steps(found.path)
    place = " › ".join(_place(steps, found, answer, says, lang))
    then, now = (_told(item, steps, answer, says, lang) for item in (found.before, found.after))
    match found.kind:
        case "changed":
            return say("differs", place=place, then=then, now=now)
        case "added":
            return say("differs_new", place=place, now=now)
        case "removed":
            return say("differs_gone", place=place, then=then)


def _steps(path: str) -> list[str]:
    """The names of a JSON pointer."""
    return [step.replace("~1", "/").replace("~0", "~") for step in path.split("/")[1:]]


def _place(steps: list[str], found: Difference, answer: Content, says: Speaker, lang: Lang) -> list[str]:
    """Where in the answer: the part, whose it is, and what of that."""
    if not steps:
        return [_word("answer", lang)]
    part, *rest = steps
    words = [_word(part, lang)]
    if rest:
        own, *rest = rest
        items = answer.get(part)
        if part in DECLARED:
            words.append(says.name(own))
        elif isinstance(items, list):
            new = found.kind == "added" and not rest
            words.append(_called(found.after if new else _item(items, own), own))
        else:
            words.append(_word(own, lang))
    return [*words, *(_word(step, lang) for step in rest if not step.isdecimal())]


def _item(items: list[Any], place: str) -> object:
    """The item at a place that stands in a path; None where there was none then."""
    number = int(place)
    return items[number] if number < len(items) else None


def _called(item: object, place: str) -> str:
    """What an item of a list goes by; its number where it has no name."""
    name = next((item[key] for key in CALLED if item.get(key)), None) if isinstance(item, Mapping) else item
    return name if isinstance(name, str) else str(int(place) + 1)


def _told(item: object, steps: list[str], answer: Content, says: Speaker, lang: Lang) -> str:
    """A value in words; what has parts of its own, as programs get it."""
    if isinstance(item, Mapping) and not {"min", "possible"}.intersection(item):
        return dumps(dict(item))
    match steps:
        case ["benefits", place, "value"]:
            benefit = _item(answer["benefits"], place)
            return says.amount(item, benefit["type"] if isinstance(benefit, dict) else None)
        case ["tiers", ladder, "tier"] if isinstance(item, str):
            return says.tier(ladder, item)
        case [("values" | "segments" | "tags" | "assumed"), key]:
            return says.told(key, item)
        case _ if item is None:
            return "–"
        case _:
            return value(item, None, lang)


def _word(key: str, lang: Lang) -> str:
    """A key of an answer in words; as it is, where it has none."""
    words = PARTS.get(key)
    return key if words is None else pick(lang, *words)
