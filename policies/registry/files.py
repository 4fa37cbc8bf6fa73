"""Policies as files: reading them, finding them, and what `use` may reach.

A policy's bytes become text in `dsl.decoding`, and the text a policy in `dsl.checker`; this module only does
the reading, so that those stay free of files. What a policy brings in with `use` is named from the policy's
own folder and must lie in it or below: a policy that somebody else wrote cannot read the rest of the machine.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from posixpath import isabs

from dsl.diagnostics import Diagnostic, Lang, PolicyError
from dsl.model import CheckedPolicy
from dsl.records import record
from dsl.source import Source

SUFFIX = ".tier"

# In bytes. A policy of two thousand rules is about a twentieth of this.
LARGEST_POLICY = 4 * 1024 * 1024

Load = Callable[[str], Source | None]


class FileProblem(Exception):
    """A file or folder that cannot be used, said in both languages; `path` is as the caller wrote it."""

    def __init__(self, path: str, en: str, zh: str) -> None:
        self.path = path
        self.en = en
        self.zh = zh
        super().__init__(self.message())

    def message(self, lang: Lang = "en") -> str:
        """The sentence in one language."""
        return f"`{self.path}` {self.en}" if lang == "en" else f"`{self.path}` {self.zh}"


@record
class CheckedFile:
    """A policy file after checking: the texts it brought in, its problems, and the policy unless one is an error."""

    source: Source
    uses: tuple[Source, ...]
    diagnostics: tuple[Diagnostic, ...]
    policy: CheckedPolicy | None

    @property
    def errors(self) -> int:
        return sum(item.severity == "error" for item in self.diagnostics)

    @property
    def warnings(self) -> int:
        return len(self.diagnostics) - self.errors


def read_bytes(path: str | os.PathLike[str], limit: int = LARGEST_POLICY) -> bytes:
    """The bytes of one file. Raises `FileProblem` where it cannot be read or has more than `limit` bytes."""
    name = os.fspath(path)
    try:
        with open(path, "rb") as file:
            data = file.read(limit + 1)
    except (OSError, ValueError) as error:
        raise unreadable(name, error) from error
    if len(data) > limit:
        raise FileProblem(
            name,
            f"is larger than a file of its kind may be ({limit // 1024:,} KB)",
            f"超过了大小上限（{limit // 1024:,} KB）",
        )
    return data


def unreadable(name: str, error: OSError | ValueError) -> FileProblem:
    """What to tell somebody about a file that the system would not open."""
    match error:
        case FileNotFoundError():
            return FileProblem(name, "does not exist", "不存在")
        case IsADirectoryError():
            return FileProblem(name, "is a folder where a file was expected", "是文件夹，此处需要文件")
        case PermissionError():
            return FileProblem(name, "may not be read: permission denied", "无权读取")
        case OSError():
            reason = (error.strerror or "the system gives no reason").lower()
            return FileProblem(name, f"cannot be read: {reason}", f"无法读取：{reason}")
        case _:  # a name with a NUL in it, which no file has
            return FileProblem(name, "is not a possible file name", "不是合法的文件名")


def read_source(path: str | os.PathLike[str]) -> Source:
    """A policy's text. Raises `FileProblem` for an unreadable file, `PolicyError` for bytes that are no text."""
    from dsl.decoding import decode

    return decode(read_bytes(path), os.fspath(path))


def load_policy(path: str | os.PathLike[str]) -> CheckedPolicy:
    """The policy in a file. Raises `FileProblem` for an unreadable file, `PolicyError` for one with errors."""
    from dsl.checker import compile_policy

    return compile_policy(read_source(path), loader(path))


def check_file(path: str | os.PathLike[str]) -> CheckedFile:
    """Checks the policy in a file; all its problems are in the answer.

    Raises `FileProblem` where a file cannot be read.
    """
    return check_bytes(read_bytes(path), os.fspath(path), loader(path))


def check_bytes(data: bytes, name: str, load: Load | None = None) -> CheckedFile:
    """Checks a policy from its bytes; that they are not text is one of its problems."""
    from dsl.decoding import decode

    try:
        source = decode(data, name)
    except PolicyError as error:
        return CheckedFile(error.source, (), error.diagnostics, None)
    return check_source(source, load)


def check_source(source: Source, load: Load | None = None) -> CheckedFile:
    """Checks a text, and keeps the texts that it brought in, in the order of their numbers."""
    from dsl.checker import check

    loaded: list[Source] = []

    def remember(name: str) -> Source | None:
        text = None if load is None else load(name)
        if text is not None and text not in loaded:
            loaded.append(text)
        return text

    try:
        policy, diagnostics = check(source, None if load is None else remember)
    except PolicyError as error:  # a text that it uses is not text at all
        return CheckedFile(error.source, (), error.diagnostics, None)
    return CheckedFile(source, tuple(loaded) if policy is None else policy.uses, diagnostics, policy)


def loader(path: str | os.PathLike[str]) -> Load:
    """Reads what the policy at `path` names in `use`: files in its own folder or below, nothing else.

    The answer is None for a name that is absolute, climbs out with `..` or a link, or names no file.
    """
    folder = os.path.dirname(os.path.abspath(path))
    root = os.path.join(os.path.realpath(folder), "")

    def load(name: str) -> Source | None:
        if any(sign in name for sign in "\\:\0") or isabs(name) or ".." in name.split("/"):
            return None
        real = os.path.realpath(os.path.join(folder, name))
        if not real.startswith(root) or not os.path.isfile(real):
            return None
        return read_source(os.path.join(os.path.dirname(path), name))

    return load


def find_policies(paths: Iterable[str | os.PathLike[str]]) -> tuple[str, ...]:
    """The policy files that paths mean: a file itself, a folder its `.tier` files and those below, by name.

    Hidden folders are left out and links to folders not followed. Raises `FileProblem` for a path that does
    not exist, and for a folder that holds no policy.
    """
    found: dict[str, None] = {}
    for path in [os.fspath(each) for each in paths]:
        if os.path.isdir(path):
            inside = sorted(_below(path))
            if not inside:
                raise FileProblem(path, f"holds no {SUFFIX} file", f"中没有 {SUFFIX} 文件")
            found.update(dict.fromkeys(inside))
        elif os.path.exists(path):
            found[path] = None
        else:
            raise FileProblem(path, "does not exist", "不存在")
    return tuple(found)


def _below(folder: str) -> Iterable[str]:
    for base, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (
            os.path.join(base, name) for name in names if name.endswith(SUFFIX) and not name.startswith(".")
        )
