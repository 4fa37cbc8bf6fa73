"""The policies that a service answers with: read and checked once, then never changed.

Policies from files are read by the process that starts the service, and every worker gets the same ones, so that all workers
answer alike, also a worker that takes the place of a dead one after somebody has edited a file. To serve a changed
policy, start again.

Policies from a store have versions (`api.catalogue`), and a library of them is replaced by another when one is published.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.clock import today
from api.messages import Words
from dsl.diagnostics import Lang
from dsl.model import CheckedPolicy
from dsl.rendering import render
from policies.registry.files import CheckedFile, FileProblem, check_file, find_policies

if TYPE_CHECKING:
    from api.catalogue import Catalogue


class LibraryError(Exception):
    """Policies that cannot be served; `words` say why, in both languages, ready to be shown."""

    def __init__(self, en: str, zh: str) -> None:
        self.words: Words = (en, zh)
        super().__init__(en)


@dataclass(frozen=True, slots=True)
class Library:
    """Policies by their name, in the order of their names: those that hold today, where they have versions.

    `catalogue` has all their versions; None where the policies are files, which have none.
    """

    policies: Mapping[str, CheckedPolicy]
    catalogue: Catalogue | None = None

    def get(self, name: str) -> CheckedPolicy | None:
        return self.policies.get(name)


def library_of(policies: Iterable[CheckedPolicy]) -> Library:
    """A library of policies at hand.

    Raises `LibraryError` where two have one name, or one names no real timezone.
    """
    found: dict[str, CheckedPolicy] = {}
    for policy in policies:
        first = found.setdefault(policy.name, policy)
        if first is not policy:
            both = f"`{first.source.name}`", f"`{policy.source.name}`"
            raise LibraryError(
                f"{both[0]} and {both[1]} are both called `{policy.name}`; rename one of them",
                f"{both[0]} 与 {both[1]} 的政策同名：`{policy.name}`，请改其中一个",
            )
        try:
            today(policy)
        except (OSError, ValueError, LookupError) as error:  # depends on what the name leads to instead
            raise LibraryError(
                f"`{policy.source.name}`: there is no timezone `{policy.timezone}`; one is `Asia/Shanghai`",
                f"`{policy.source.name}`：没有时区 `{policy.timezone}`，请写成 `Asia/Shanghai` 这样",
            ) from error
    return Library(dict(sorted(found.items())))


def load_folder(path: str | os.PathLike[str]) -> Library:
    """The policies in a folder and below.

    Raises `LibraryError` where there is none, or any of them has an error.
    """
    try:
        checked = [check_file(file) for file in find_policies([path])]
    except FileProblem as error:
        raise LibraryError(error.message("en"), error.message("zh")) from error
    broken = [result for result in checked if result.policy is None]
    if broken:
        raise LibraryError(_shown(broken, "en"), _shown(broken, "zh"))
    return library_of(result.policy for result in checked if result.policy is not None)


def _shown(broken: Sequence[CheckedFile], lang: Lang) -> str:
    """Every error of these files, as `tierwise check` shows them."""
    texts = []
    for result in broken:
        errors = [item for item in result.diagnostics if item.severity == "error"]
        texts.append(render(errors, result.source, lang, uses=result.uses))
    return "".join(texts).rstrip()
