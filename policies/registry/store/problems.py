"""What the store refuses or cannot do, said in both languages.

Four families, which callers tell apart: what is asked for is not there (`NotStored`), it may not be (`Refused`),
somebody else was faster (`StoreConflict`), the database does not answer (`StoreUnavailable`). Each carries a
`code` that stays, for programs.
"""

from __future__ import annotations

from dsl.diagnostics import Lang


class StoreError(Exception):
    """Something that the store did not do. Nothing was changed."""

    def __init__(self, code: str, en: str, zh: str) -> None:
        self.code = code
        self.en = en
        self.zh = zh
        super().__init__(en)

    def message(self, lang: Lang = "en") -> str:
        """The sentence in one language."""
        return self.en if lang == "en" else self.zh


class NotStored(StoreError):
    """There is no such policy, version or draft."""


class Refused(StoreError):
    """A step that the rules of publication do not allow: an approval of one's own draft, a day gone by."""


class StoreConflict(StoreError):
    """A step on something that has moved on since the caller looked; the sentence says who did what, when."""


class StoreUnavailable(StoreError):
    """The database cannot be reached, is locked, full or read-only. Try again after `retry_after` seconds."""

    def __init__(self, code: str, en: str, zh: str, retry_after: int = 1) -> None:
        super().__init__(code, en, zh)
        self.retry_after = retry_after

    def again(self) -> StoreUnavailable:
        """The same for another thread: those that raise one and the same would write over each other's traceback."""
        return StoreUnavailable(self.code, self.en, self.zh, self.retry_after)


class Misspelled(ValueError):
    """A day or a time stands in a database as nobody here writes one; `faults` says what comes of that."""
