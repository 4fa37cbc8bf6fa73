"""Movement, lifecycles, events and watches.

Their lines are compared one by one and quoted as they are written, in the reader's language: they read as
sentences already. A movement is compared by what it means; what is not evaluated yet is kept by the model as
written, and compared word for word.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, replace
from functools import partial

from dsl import ast
from dsl.formatting.lines import clause
from dsl.formatting.words import Style
from dsl.keywords import by_id
from dsl.model import Grace, Hold, KeepAtLeast, KeepUntil, Move, Movement, Notice, Review, Text
from dsl.parser import parse
from dsl.records import record
from dsl.source import Source, Span
from policies.registry.diff import words
from policies.registry.diff.changes import About, Rules, changed, text
from policies.registry.diff.difference import Difference, Said, plain
from policies.registry.diff.matching import Aspect, Item
from policies.registry.diff.names import Side, declarations, type_of
from policies.registry.diff.rules import rest_of
from policies.registry.diff.shapes import Shape, shape

_MOVEMENT = "MOVEMENT_OF"
MovementRule = Review | Move | KeepAtLeast | KeepUntil | Grace | Notice | Hold

# ---------------------------------------------------------------- movement


def movement_differences(before: Side, after: Side) -> Iterator[Difference]:
    """How tiers move, ladder by ladder. A line that says what holds without it is no difference."""
    ours = {before.names.key(key): each for key, each in before.policy.movements.items()}
    theirs = after.policy.movements
    for key in dict.fromkeys([*ours, *theirs]):
        old, new = ours.get(key), theirs.get(key)
        ladder = after.policy.ladders.get(key) or before.policy.ladders[key]
        said = words.keyword(_MOVEMENT)
        within = Said(f"{said.en} {ladder.name}", f"{said.zh} {ladder.name}")
        if old is None or new is None:
            about = About("movement", f"movement.{key}", within)
            span = next(each.span for each in (old, new) if each is not None)
            yield _whole(about, span, came=old is None)
        else:
            lines = [_items(_lines(old), old, before), _items(_lines(new), new, after)]
            yield from Rules("movement", lines, within=within, ordered=None).differences()
            # Of the lines that move somebody equally far down at once, the first is given as the reason.
            drops = [_items(old.drops, old, before), _items(new.drops, new, after)]
            yield from Rules("movement", drops, within=within).differences()


def _lines(movement: Movement) -> tuple[MovementRule | None, ...]:
    """Its lines whose order says nothing."""
    return (
        movement.review,
        movement.up,
        movement.down,
        movement.at_least,
        movement.until,
        movement.grace,
        movement.notice,
        *movement.holds,
    )


def _items(parts: Iterable[MovementRule | None], movement: Movement, side: Side) -> list[Item]:
    return [_item(part, movement, side) for part in parts if part is not None]


def _item(part: MovementRule, movement: Movement, side: Side) -> Item:
    # What an author left out has the place of the whole statement, and no words.
    silent = part.span == movement.span

    def said() -> Said | None:
        return None if silent else _line_words(part.span, side)

    def called() -> Said:
        line = said()
        return plain(part.rule.rpartition(".")[2]) if line is None else _quoted(line)

    return Item(
        name=rest_of(part.rule, f"movement.{movement.ladder}"),
        rule=part.rule,
        aspects=(Aspect("line", _movement_shape(part, movement, side), said),),
        called=called,
        content=lambda: None,
        label=part.label if isinstance(part, Move | Hold) else None,
        span=part.span,
    )


def _movement_shape(part: MovementRule, movement: Movement, side: Side) -> Shape:
    """What a line means; a floor is a tier, and has its new name."""
    if isinstance(part, Move) and part.floor is not None:
        ladder = side.policy.ladders[movement.ladder]
        part = replace(part, floor=side.names.member(ladder.type.owner, part.floor))
    return shape(part, side.names)


def _line_words(span: Span, side: Side) -> Said:
    """A line of a movement as the formatter writes it in either language: the model keeps its place only."""
    text = " ".join(side.slice(span).split())
    tree, problems = parse(Source(f"{words.keyword(_MOVEMENT).en} x\n{text}\n"), known=_keys(side))
    match tree.statements:
        case (ast.OverTime(lines=(line,)),) if not problems:
            return _formatted(line, _MOVEMENT)
        case _:
            return plain(text)


def _bare(line: ast.Clause) -> ast.Clause:
    """A line without its label, which is compared by itself."""
    return replace(line, items=tuple(item for item in line.items if not isinstance(item, ast.Label)))


def _formatted(line: ast.Clause, kind: str) -> Said:
    return words.both(lambda lang: clause(_bare(line), Style(lang, kind.lower())))


def _quoted(said: Said) -> Said:
    return Said(f"`{said.en}`", f"`{said.zh}`")


# ---------------------------------------------------------------- what is kept as written


def kept_differences(before: Side, after: Side) -> Iterator[Difference]:
    """Statements that are kept as written: line by line."""
    ours, theirs = _statements(before), _statements(after)
    for name in dict.fromkeys([*ours, *theirs]):
        old, new = ours.get(name), theirs.get(name)
        shown = new or old
        assert shown is not None
        said = words.keyword(shown.node.kind)
        within = Said(f"{said.en} {shown.node.name.text}", f"{said.zh} {shown.node.name.text}")
        about = About("over time", ".".join(name), within)
        if old is None or new is None:
            yield _whole(about, shown.node.span, came=old is None)
        else:
            about = replace(about, span_before=old.node.span, span_after=new.node.span)
            yield from text(about, "label", _label(old.node), _label(new.node))
            yield from Rules(
                "over time", [old.items(), new.items()], within=within, ordered=None
            ).differences()


def _whole(about: About, span: Span, *, came: bool) -> Difference:
    at = replace(about, span_after=span) if came else replace(about, span_before=span)
    return replace(changed(at, "statement", None, None), kind="added" if came else "removed")


def _label(node: ast.OverTime) -> Text | None:
    return None if node.label is None else Text(node.label.text, node.label.translation)


def _statements(side: Side) -> dict[tuple[str, str], Kept]:
    """Statements by their keyword and by what they are about."""
    keys = _keys(side)
    found = [Kept(node, keys) for node in side.policy.over_time]
    return {(each.keyword, keys.get(each.node.name.text, each.node.name.text)): each for each in found}


def _keys(side: Side) -> dict[str, str]:
    """The new key of every name, and of every value of an enumeration, that a line may be written with."""
    found: dict[str, str] = {}
    for declared in declarations(side.policy):
        for each in declared.values():
            type = type_of(each)
            for member in () if type is None else type.members:
                key = side.names.member(type.owner, member.key) if type is not None else member.key
                found.update({member.name: key, member.key: key})
    for declared in declarations(side.policy):
        for each in declared.values():
            key = side.names.key(each.key)
            found.update({each.name: key, each.key: key})
    return found


@record
class Kept:
    """A statement that is kept as written, and the keys that its words stand for."""

    node: ast.OverTime
    keys: Mapping[str, str]

    @property
    def keyword(self) -> str:
        """The word that the statement begins with."""
        return by_id()[self.node.kind].en[0].split()[0]

    def items(self) -> list[Item]:
        """Its lines, its head among them. One that is the only one of its kind goes by that kind."""
        node = self.node
        lines = [*([node.head] if node.head is not None else []), *node.lines]
        times = Counter(line.kind for line in lines)
        return [self._item(line, alone=times[line.kind] == 1) for line in lines]

    def _item(self, line: ast.Clause, *, alone: bool) -> Item:
        said = partial(_formatted, line, self.node.kind)
        labels = [item for item in line.items if isinstance(item, ast.Label)]
        written = self._shape(_bare(line).items)
        return Item(
            name=line.kind if alone else f"{line.kind} {written}",
            rule=f"{self.keyword}.{self.node.name.text}.{line.kind}",
            aspects=(Aspect("line", written, said),),
            called=lambda: _quoted(said()),
            content=lambda: None,
            label=Text(labels[0].text, labels[0].translation) if labels else None,
            row=(line.kind,),
            span=line.span,
        )

    def _shape(self, node: object) -> Shape:
        """What a line says, word for word, with the keys of the new version."""
        match node:
            case tuple():
                return tuple([self._shape(item) for item in node])
            case ast.Word():
                return ("word", self.keys.get(node.text, node.text))
            case ast.Node():
                compared = [item.name for item in fields(node) if item.compare]
                return (type(node).__name__, *[self._shape(getattr(node, name)) for name in compared])
            case _:
                return (node,)
