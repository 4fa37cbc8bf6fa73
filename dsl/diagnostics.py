"""What is wrong with a policy, said so that its author can mend it.

A `Diagnostic` names a code, and the words to fill into that code's sentences; the sentences themselves, in
both languages, stand once in `dsl.messages`. How they are shown on a terminal or as JSON is `dsl.rendering`'s job.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Literal

from dsl.records import record
from dsl.source import Source, Span

Lang = Literal["en", "zh"]
LANGS: tuple[Lang, Lang] = ("en", "zh")
Severity = Literal["error", "warning"]


@record
class Code:
    """One kind of problem: its stable code and its sentences, with `{words}` to fill in.

    A sentence says what is wrong; help says what to write instead. Codes that begin with E are errors, with W warnings.
    """

    code: str
    en: str
    zh: str
    help_en: str = ""
    help_zh: str = ""

    @property
    def severity(self) -> Severity:
        return "error" if self.code.startswith("E") else "warning"


@record
class Diagnostic:
    """One problem at one place. `words` are the author's own words, by the name they have in the code's sentences.

    `also` points at other places that belong to the problem (the first declaration of a name declared twice).
    `hint` is extra help, already in both languages, such as "did you mean".
    """

    code: Code
    span: Span
    words: tuple[tuple[str, str], ...] = ()
    also: tuple[Span, ...] = ()
    hint: tuple[str, str] | None = None

    @property
    def severity(self) -> Severity:
        return self.code.severity

    def message(self, lang: Lang = "en") -> str:
        """The sentence in one language."""
        return _fill(self.code.en if lang == "en" else self.code.zh, self.words)

    def help(self, lang: Lang = "en") -> str:
        """What to write instead, in one language; empty where the sentence says it all."""
        fixed = _fill(self.code.help_en if lang == "en" else self.code.help_zh, self.words)
        hint = "" if self.hint is None else self.hint[0 if lang == "en" else 1]
        return ("; " if lang == "en" else "；").join(part for part in (hint, fixed) if part)


def diagnose(
    code: Code,
    span: Span,
    *,
    also: Iterable[Span] = (),
    hint: tuple[str, str] | None = None,
    **words: object,
) -> Diagnostic:
    """A diagnostic of `code` at `span`; `words` fill its sentences."""
    filled = tuple((name, _short(str(value))) for name, value in words.items())
    return Diagnostic(code, span, filled, tuple(also), hint)


# Words of programming languages and spreadsheets that mean one of ours.
_ELSEWHERE = {
    "true": ("yes", "是"),
    "false": ("no", "否"),
    "TRUE": ("yes", "是"),
    "FALSE": ("no", "否"),
    "null": ("unknown", "未知"),
    "none": ("unknown", "未知"),
    "None": ("unknown", "未知"),
}


def did_you_mean(name: str, known: Iterable[str]) -> tuple[str, str] | None:
    """A hint that names the declared word nearest to a misspelt one, or nothing where none is near."""
    if name in _ELSEWHERE:
        return f"write `{_ELSEWHERE[name][0]}`", f"请写 `{_ELSEWHERE[name][1]}`"
    return nearest(name, known)


def nearest(name: str, known: Iterable[str]) -> tuple[str, str] | None:
    """The same outside a policy's text, where words of programming languages mean nothing of ours."""
    if len(name) > 100:
        return None
    cutoff = 0.7 if len(name) != 3 else 0.6
    near = get_close_matches(name, list(dict.fromkeys(known)), n=1, cutoff=cutoff)
    if not near:
        return None
    return f"did you mean `{near[0]}`?", f"是不是想写 `{near[0]}`？"


class PolicyError(Exception):
    """A text that is not a policy; carries every diagnostic, warnings included."""

    def __init__(self, source: Source, diagnostics: Iterable[Diagnostic]) -> None:
        self.source = source
        self.diagnostics = tuple(diagnostics)
        errors = [item for item in self.diagnostics if item.severity == "error"]
        first = errors[0].message() if errors else "no diagnostics"
        super().__init__(
            f"{source.name}: {first}" + (f" (and {len(errors) - 1} more)" if len(errors) > 1 else "")
        )


@dataclass(slots=True)
class Report:
    """Collects diagnostics while a pass runs; the only thing that a pass may write to."""

    items: list[Diagnostic] = field(default_factory=list)

    def add(
        self,
        code: Code,
        span: Span,
        *,
        also: Iterable[Span] = (),
        hint: tuple[str, str] | None = None,
        **words: object,
    ) -> None:
        """Notes one problem (see `diagnose`)."""
        self.items.append(diagnose(code, span, also=also, hint=hint, **words))

    @property
    def failed(self) -> bool:
        """Whether any of them is an error."""
        return any(item.severity == "error" for item in self.items)


LONGEST_WORD = 160


def _short(text: str) -> str:
    """A word as it may stand in a sentence: one line, not longer than a reader's patience."""
    flat = " ".join(text.split())
    return flat if len(flat) <= LONGEST_WORD else flat[: LONGEST_WORD - 1] + "…"


_SLOT = re.compile(r"\{(\w+)\}")


def _fill(sentence: str, words: tuple[tuple[str, str], ...]) -> str:
    """Fills the slots in one go, so that braces in an author's word stay as they are."""
    known = dict(words)
    return _SLOT.sub(lambda slot: known.get(slot[1], slot[0]), sentence)
