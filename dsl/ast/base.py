"""What all nodes of the surface tree have: a place; and the words, labels and comments that they are made of."""

from __future__ import annotations

from dataclasses import field

from dsl.records import record
from dsl.source import NOWHERE, Span


@record(kw_only=True)
class Node:
    """Anything that stands at a place in the text."""

    span: Span = field(default=NOWHERE, compare=False)


@record
class Notes:
    """The comments that belong to a line: whole lines before it, and one at its end; without their `#`.

    `blank` says that an empty line stood before the first of them.
    """

    before: tuple[str, ...] = ()
    after: str | None = None
    blank: bool = field(default=False, compare=False)


NO_NOTES = Notes()


@record
class Word(Node):
    """A name as used or declared. `text` is without backticks; `ticked` says that it stood in them."""

    text: str
    ticked: bool = field(default=False, compare=False)


@record
class Label(Node):
    """Text in quotes, and its translation: `"Key customer" ("关键客户")`."""

    text: str
    translation: str | None = None


@record
class Declared(Node):
    """A name where it is declared, with the alias by which programs know it: `订单额 (order_amount)`."""

    word: Word
    alias: Word | None = None
