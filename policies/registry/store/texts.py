"""Texts under their hashes: what was published, and what it brought in with `use`, exactly as it was.

A text that is published again, by a rollback or by a second policy that uses it, is kept once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, insert, select

from dsl.records import record
from dsl.source import Source
from policies.registry.files import Load, check_source
from policies.registry.store.tables import texts


@record
class Use:
    """A text that a policy brings in: the name behind `use`, and the text as it was then."""

    name: str
    text: str

    @property
    def hash(self) -> str:
        """SHA-256 of the text, as `sha256:…`."""
        return hash_of(self.text)


def hash_of(text: str) -> str:
    """SHA-256 of a text, as `sha256:…`; the same as a policy's own hash."""
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def load_from(uses: Iterable[Use]) -> Load:
    """What a checker loads from: these texts and no others."""
    known = {use.name: use.text for use in uses}

    def load(name: str) -> Source | None:
        text = known.get(name)
        return None if text is None else Source(text, name)

    return load


def pin(source: Source, load: Load) -> tuple[Use, ...]:
    """What a policy brings in, directly and through others, as `load` finds it now; to be handed to `create`."""
    found: dict[str, Use] = {}

    def remember(name: str) -> Source | None:
        text = load(name)
        if text is not None:
            found.setdefault(name, Use(name, text.text))
        return text

    check_source(source, remember)
    return tuple(found.values())


def keep(connection: Connection, text: str) -> str:
    """Keeps a text, and says under which hash."""
    hash = hash_of(text)
    if connection.execute(select(texts.c.hash).where(texts.c.hash == hash)).first() is None:
        connection.execute(insert(texts).values(hash=hash, text=text))
    return hash


def read(connection: Connection, hashes: Iterable[str]) -> Mapping[str, str]:
    """The texts under these hashes; those that are not kept are left out."""
    query = select(texts.c.hash, texts.c.text).where(texts.c.hash.in_(set(hashes)))
    return {row.hash: row.text for row in connection.execute(query)}
