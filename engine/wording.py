"""What a result is called in the language of the answer, where that is not as it stands.

Inside the engines a text goes by its first spelling and an outcome by its key, so that nothing that is
compared depends on a language. Only here, on the way into an answer, does a text that has a translation, or an
outcome that has no code, take the spelling of the language asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dsl.diagnostics import Lang
from dsl.model import (
    Benefit,
    Body,
    CheckedPolicy,
    Choice,
    Const,
    Declaration,
    DerivedValue,
    Expr,
    Graduated,
    Line,
    Read,
    Tags,
    Text,
)
from dsl.types import Kind, Type
from dsl.walk import parts, result_exprs
from engine.decision import Held, Possible, Scalar, Shown
from engine.words import declaration


def in_lang(shown: Shown, texts: Iterable[Text], lang: Lang) -> Shown:
    """What is shown, each text among `texts` in the language; anything else as it is."""
    return renamed(shown, {text.text: text.in_lang(lang) for text in texts})


def renamed(shown: Shown, names: dict[str, str]) -> Shown:
    """What is shown, each text under its other name where it has one."""

    def name(each: Scalar) -> Scalar:
        return names.get(each, each) if isinstance(each, str) else each

    def all_names(values: tuple[Scalar, ...]) -> tuple[Scalar, ...]:
        return tuple(map(name, values))

    match shown:
        case _ if not names:
            return shown
        case str():
            return name(shown)
        case tuple():
            return all_names(shown)
        case Possible(values):
            return Possible(
                tuple(all_names(each) if isinstance(each, tuple) else name(each) for each in values)
            )
        case Held(held, possible):
            return Held(
                tuple(names.get(each, each) for each in held),
                tuple(names.get(each, each) for each in possible),
            )
        case _:
            return shown


def texts_of(declared: Declaration, policy: CheckedPolicy) -> Iterator[Text]:
    """The texts that have a translation among what a declaration may give."""
    match declared:
        case Choice() | Tags():
            yield from _outcomes(declared.type)
        case DerivedValue():
            yield from texts_in(declared.type, _results(declared.body), policy)
        case Benefit():
            yield from texts_in(declared.type, (grant.value for grant in declared.grants), policy)


def texts_in(type: Type, exprs: Iterable[Expr], policy: CheckedPolicy) -> Iterator[Text]:
    """The texts that have a translation among what expressions of a type may give."""
    yield from _outcomes(type)
    if (type.item or type).kind is not Kind.TEXT:
        return
    for part in (part for expr in exprs for part in parts(expr)):
        if isinstance(part, Const) and part.text is not None:
            yield part.text
        elif isinstance(part, Read):
            yield from texts_of(declaration(policy, part), policy)


def _outcomes(type: Type) -> Iterator[Text]:
    """The outcomes of a choice or of tags that have no code. A tier goes by its key always."""
    item = type.item or type
    if item.kind is Kind.ENUM:
        yield from (
            Text(member.name, member.translation)
            for member in item.members
            if member.is_text and member.translation is not None
        )


def _results(body: Expr | Body | Graduated) -> Iterator[Expr]:
    """What a derived value gives; a graduated sum is a number."""
    if isinstance(body, Graduated):
        return
    if not isinstance(body, tuple):
        yield body
        return
    for item in body:
        for rule in (item,) if isinstance(item, Line) else item.rows:
            yield from result_exprs(rule.result)
