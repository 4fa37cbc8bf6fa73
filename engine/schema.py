"""The facts of a policy as a JSON Schema: what a form is made from, and what a caller may send.

A fact stands under its key, the name for programs; where the author's word is another, it stands beside it
and means the same, and only one of the two may be given. `x-unknown` says what the policy makes of a fact
that is absent.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from dsl.diagnostics import Lang
from dsl.model import CheckedPolicy, Fact
from dsl.types import Kind, Member, Type, Value
from engine.decision import Json, shown_json
from engine.facts_problems import pointer
from engine.facts_values import LONGEST_TEXT
from engine.shown import shown_value, type_name
from engine.values import exact
from engine.words import label, member_label

DIALECT = "https://json-schema.org/draft/2020-12/schema"
DECIMAL_PATTERN = r"^[+-]?[0-9]+(\.[0-9]*)?$"


def fact_schema(policy: CheckedPolicy, lang: Lang = "en") -> dict[str, Json]:
    """The JSON Schema of a policy's facts, labels in one language."""
    properties: dict[str, Json] = {}
    either: list[Json] = []
    for key, fact in policy.facts.items():
        properties[key] = _fact(fact, policy.currency, lang)
        if fact.name != key:
            properties[fact.name] = {"$ref": f"#/properties{pointer(key)}", "x-same-as": key}
            either.append({"not": {"required": [key, fact.name]}})
    schema: dict[str, Json] = {
        "$schema": DIALECT,
        "title": policy.title.in_lang(lang) if policy.title else policy.name,
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }
    needed = [fact for fact in policy.facts.values() if fact.required]
    either += [_one_given(fact) for fact in needed if fact.name != fact.key]
    required: list[Json] = [fact.key for fact in needed if fact.name == fact.key]
    return schema | ({"required": required} if required else {}) | ({"allOf": either} if either else {})


def _one_given(fact: Fact) -> Json:
    return {"anyOf": [{"required": [fact.key]}, {"required": [fact.name]}]}


def _fact(fact: Fact, currency: str | None, lang: Lang) -> Json:
    schema = _type(fact.type, lang)
    if not fact.required:
        schema = _or_null(schema)
    schema |= {"title": fact.name, "description": label(fact, lang), "x-type": type_name(fact.type)}
    for word, bound in (("minimum", fact.at_least), ("maximum", fact.at_most)):
        if bound is not None:
            schema |= _bound(word, bound, fact.type)
    pattern = schema.get("pattern")
    if isinstance(pattern, str) and isinstance(fact.at_least, Decimal) and fact.at_least >= 0:
        # The bound holds for a number that comes as text, too.
        schema["pattern"] = pattern.replace("[+-]", "[+]")
    if fact.default is not None:
        schema["default"] = shown_json(shown_value(exact(fact.default), fact.type))
    if fact.type.kind is Kind.MONEY and currency:
        schema["x-currency"] = currency
    if fact.source is not None:
        schema["x-source"] = fact.source
    if fact.changeable != "no":
        schema["x-customer-can-change"] = fact.changeable
    flags = {"x-protected": fact.protected, "x-masked": fact.masked}
    schema |= {word: True for word, holds in flags.items() if holds}
    schema["x-unknown"] = "refused" if fact.required else "unknown" if fact.default is None else "default"
    return schema


def _bound(word: str, bound: Value, type: Type) -> dict[str, Json]:
    """A number's bound in the schema's own word; that of a date or a duration as a remark, for the schema
    language has none.
    """
    if isinstance(bound, Decimal) and type.kind is not Kind.DURATION:
        return {word: bound}
    return {f"x-{word}": shown_json(shown_value(exact(bound), type))} if _sized(bound) else {}


def _sized(bound: Value) -> bool:
    return isinstance(bound, Decimal | date)


def _or_null(schema: dict[str, Json]) -> dict[str, Json]:
    """The same, with null for unknown."""
    kinds = schema.get("type")
    if isinstance(kinds, list):
        return schema | {"type": [*kinds, "null"]}
    values = schema.get("enum")
    nullable: dict[str, Json] = schema | {"type": [kinds, "null"]}
    return nullable | ({"enum": [*values, None]} if isinstance(values, list) else {})


def _type(type: Type, lang: Lang) -> dict[str, Json]:
    match type.kind:
        case Kind.YES_NO:
            return {"type": "boolean"}
        case Kind.WHOLE | Kind.NUMBER | Kind.MONEY | Kind.PERCENT:
            return _number(type)
        case Kind.DURATION:
            return {"type": "string", "examples": ["P30D", "PT4H"]}
        case Kind.DATE:
            return {"type": "string", "format": "date"}
        case Kind.LIST if type.item is not None:
            return {"type": "array", "items": _type(type.item, lang)}
        case Kind.ENUM | Kind.TIER:
            return _members(type, lang)
        case _:
            return {"type": "string", "maxLength": LONGEST_TEXT}


def _number(type: Type) -> dict[str, Json]:
    """A number, or a text with all its digits. How many decimals a number may have, the schema language cannot
    say soundly (`multipleOf` is checked with floats), but for none: that is an integer.
    """
    number = "integer" if type.kind is Kind.WHOLE else "number"
    if type.width is None:
        return {"type": [number, "string"], "pattern": DECIMAL_PATTERN}
    whole, places = type.width.whole, type.width.places
    decimals = rf"(\.[0-9]{{0,{places}}}0*)?" if places else r"(\.0*)?"
    return {
        "type": [number, "string"],
        "pattern": rf"^[+-]?0*[0-9]{{1,{whole}}}{decimals}$",
        "exclusiveMinimum": Decimal(-(10**whole)),
        "exclusiveMaximum": Decimal(10**whole),
        "x-digits": whole,
        "x-decimals": places,
    }


def _members(type: Type, lang: Lang) -> dict[str, Json]:
    words = dict.fromkeys(word for member in type.members for word in (member.key, member.name))
    labels: dict[str, Json] = {member.key: _label(type, member, lang) for member in type.members}
    return {"type": "string", "enum": list(words), "x-labels": labels}


def _label(type: Type, member: Member, lang: Lang) -> str:
    return member_label(type, member.key, lang)
