"""A form made of what a policy wants to know: a control for each fact, in the words of its author.

Every control may stay empty, and empty is unknown; what the policy assumes then stands in its place in grey. The
form is read as a table's row is: `50,000`, `15%`, `30 days` and 是 are understood, and each bad value is
reported at its own control.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from api.errors import BadField, bad_field
from api.messages import in_lang
from api.pages.render import element_id, speaker
from api.wording import duration, value
from dsl import numerals
from dsl.characters import PLAIN
from dsl.diagnostics import Lang
from dsl.model import CheckedPolicy, Example, Fact
from dsl.types import Kind, Type, Value
from engine.benefits import stage_reads, stages_of
from engine.decision import shown_json
from engine.facts_problems import pointer
from engine.facts_values import list_items
from engine.shown import shown_value, type_name
from engine.values import exact
from engine.words import label, member_label

# Before a fact's key, so that no fact can be taken for another field of the form.
PREFIX = "fact."
# Where the facts stand in the pointer of a problem.
FACTS = "/facts"

_EXAMPLES = {
    Kind.MONEY: ("50,000", "50,000"),
    Kind.PERCENT: ("15%", "15%"),
    Kind.DURATION: ("30 days", "30 天"),
    Kind.DATE: ("2026-01-31", "2026-01-31"),
}


_AMOUNTS = frozenset({Kind.MONEY, Kind.NUMBER, Kind.WHOLE})
_MEASURES = frozenset({*_AMOUNTS, Kind.PERCENT, Kind.DURATION, Kind.DATE})
_INPUTMODES = {Kind.MONEY: "decimal", Kind.NUMBER: "decimal", Kind.WHOLE: "numeric"}
# The list with nothing in it, as the form sends it: an empty field is unknown.
NO_ITEMS = ";"


@dataclass(frozen=True, slots=True)
class Option:
    """One value that may be chosen."""

    value: str
    label: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Control:
    """One fact in the form. `options` are there where it is chosen; `wrong` is what is to be mended.

    `kind` is `text`, `date`, `select` for one of the options or `ticks` for any number of them.
    """

    key: str
    label: str
    kind: str
    hint: str
    placeholder: str
    value: str
    required: bool
    options: tuple[Option, ...] = ()
    inputmode: str = "text"
    wrong: str = ""

    @property
    def field(self) -> str:
        return PREFIX + self.key

    @property
    def id(self) -> str:
        """What the control goes by in the page."""
        return element_id(self.key)


def controls(
    policy: CheckedPolicy, lang: Lang, given: Mapping[str, str], wrong: Sequence[BadField] = ()
) -> list[Control]:
    """The controls of a policy's facts, with what was given and what is wrong with it."""
    problems: dict[str, list[str]] = {}
    for item in wrong:
        sentence = "; ".join(filter(None, (in_lang(item.detail, lang), in_lang(item.help, lang))))
        problems.setdefault(fact_of(item), []).append(sentence)
    return [
        _control(fact, policy.currency, lang, given.get(key, ""), ". ".join(problems.get(key, ())))
        for key, fact in policy.facts.items()
    ]


def fact_of(wrong: BadField) -> str:
    """The key of the fact that a problem is about; empty where it is about something else."""
    place = wrong.pointer.removeprefix(FACTS + "/")
    return "" if place == wrong.pointer else place.split("/")[0].replace("~1", "/").replace("~0", "~")


def _control(fact: Fact, currency: str | None, lang: Lang, given: str, wrong: str) -> Control:
    say = speaker(lang)
    standing_in = (
        say("unknown")
        if fact.default is None
        else say("default", value=_words(fact.default, fact.type, lang))
    )
    return Control(
        key=fact.key,
        label=label(fact, lang),
        kind=_kind(fact.type),
        hint=" · ".join(_hints(fact, currency, lang)),
        placeholder=say("required") if fact.required else standing_in,
        value=given,
        required=fact.required,
        options=tuple(_options(fact.type, lang, given)),
        inputmode=_INPUTMODES.get(fact.type.kind, "text"),
        wrong=wrong,
    )


def _kind(type: Type) -> str:
    if _ticked(type):
        return "ticks"
    if type.kind in (Kind.ENUM, Kind.YES_NO):
        return "select"
    return "date" if type.kind is Kind.DATE else "text"


def _ticked(type: Type) -> bool:
    """Whether it is a list of values that can be ticked one by one."""
    return type.item is not None and type.item.kind is Kind.ENUM


def _options(type: Type, lang: Lang, given: str) -> Iterator[Option]:
    say = speaker(lang)
    if type.kind is Kind.YES_NO:
        yield from (Option(word, say(key), word == given) for word, key in (("true", "yes"), ("false", "no")))
    elif type.kind is Kind.ENUM:
        for member in type.members:
            yield Option(member.key, member_label(type, member.key, lang), member.key == given)
    elif type.item is not None and _ticked(type):
        found = [type.item.member(word) for word in list_items(given, type.item)]
        ticked = {member.key for member in found if member is not None}
        for member in type.item.members:
            yield Option(member.key, member_label(type.item, member.key, lang), member.key in ticked)
        yield Option(NO_ITEMS, say("none_of_these"), bool(given.strip()) and not found)


def _hints(fact: Fact, currency: str | None, lang: Lang) -> Iterator[str]:
    """The fact's own name, its unit, how it is written, its bounds and where it comes from."""
    say = speaker(lang)
    yield fact.name if fact.name == fact.key else f"{fact.name} ({fact.key})"
    kind = fact.type.kind
    if kind is Kind.MONEY and currency:
        yield currency
    if kind in _EXAMPLES and kind is not Kind.DATE:
        yield say("eg", value=in_lang(_EXAMPLES[kind], lang))
    if kind is Kind.LIST:
        yield say("several_ticked" if _ticked(fact.type) else "several")
        if _ticked(fact.type) and fact.default is not None:
            yield say("default", value=_words(fact.default, fact.type, lang))
    if fact.at_least is not None:
        yield say("at_least", value=_words(fact.at_least, fact.type, lang))
    if fact.at_most is not None:
        yield say("at_most", value=_words(fact.at_most, fact.type, lang))
    if fact.source:
        yield say("source", value=fact.source)


def _words(item: Value, type: Type, lang: Lang) -> str:
    """A value as people read it."""
    if type.kind is Kind.ENUM and isinstance(item, str):
        return member_label(type, item, lang)
    return value(shown_json(shown_value(exact(item), type)), type_name(type), lang)


# ---------------------------------------------------------------- what is given


def given_in(
    policy: CheckedPolicy, form: Mapping[str, Sequence[str]]
) -> tuple[dict[str, str], list[BadField]]:
    """The facts of a posted form, as text by key, and what is wrong with the form itself: a field that comes
    twice, other than what is ticked in a list, and a list that has values and none.
    """
    given: dict[str, str] = {}
    wrong: list[BadField] = []
    for field, texts in form.items():
        key = field.removeprefix(PREFIX)
        if key == field:
            continue
        fact = policy.facts.get(key)
        name = key if fact is None else fact.name
        if fact is not None and _ticked(fact.type):
            ticked = [text for text in texts if text.strip()]
            if NO_ITEMS in ticked and len(ticked) > 1:
                wrong.append(bad_field("none_and_some", FACTS + pointer(key), name=name))
            given[key] = "; ".join(ticked) if ticked != [NO_ITEMS] else NO_ITEMS
            continue
        if len(texts) > 1:
            wrong.append(bad_field("given_twice", FACTS + pointer(key), name=name))
        given[key] = texts[0]
    return given, wrong


def as_digits(policy: CheckedPolicy, given: Mapping[str, str]) -> dict[str, str]:
    """The same with full-width characters made plain, and amounts in the language's own spellings (`50万`,
    `¥1.5m`) made digits.
    """
    kinds = {key: fact.type.kind for key, fact in policy.facts.items()}
    plain = {
        key: text.strip().translate(PLAIN) if kinds.get(key) in _MEASURES else text
        for key, text in given.items()
    }
    return {key: _digits(text) if kinds.get(key) in _AMOUNTS else text for key, text in plain.items()}


def _digits(text: str) -> str:
    """An amount with its number in plain digits, where the language reads all of it; else the text, for the
    reader to refuse. What stands before the digits, a sign or a currency, stays.
    """
    start = next((place for place, letter in enumerate(text) if letter.isdecimal()), len(text))
    found = numerals.read(text, start, len(text))
    whole = found.type == "NUMBER" and found.problem is None and found.end == len(text)
    read = found.value if whole else None
    if not isinstance(read, numerals.NumberValue) or read.percent:
        return text
    return f"{text[:start]}{read.value:f}"


def given_by(example: Example, policy: CheckedPolicy, lang: Lang) -> dict[str, str]:
    """The facts of a policy's example, as somebody would type them."""
    return {
        key: _typed(item, policy.facts[key].type, lang) for key, item in example.given if item is not None
    }


def _typed(item: Value, type: Type, lang: Lang) -> str:
    shown = shown_json(shown_value(exact(item), type))
    match shown:
        case bool():
            return "true" if shown else "false"
        case Decimal():
            return _words(item, type, lang)
        case list():
            return "; ".join(str(each) for each in shown) or NO_ITEMS
        case str() if type.kind is Kind.DURATION:
            plain = duration(shown, lang)
            return plain if len(plain.split()) == 2 else shown  # `1 day 2 hours` is not read again
        case _:
            return str(shown)


def stages(policy: CheckedPolicy, lang: Lang) -> list[Option]:
    """The stages that benefits belong to, for choosing one of them."""
    reads = stage_reads(policy)
    return [Option(key, member_label(reads[of].type, key, lang)) for of, key in stages_of(policy)]
