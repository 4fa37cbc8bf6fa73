"""YAML as tests are written in it: mappings, lists and plain values, each with its line; nothing else of
YAML.

PyYAML reads the text into nodes; turning nodes into values is done here, because YAML's own rules surprise
people: `on` would be true, `2026-01-31` a date object, `010` eight, and `0.1` a float. Here a number is the
exact decimal that is written, `yes` and `no` are truth values, and every other word is text. Aliases, tags
and second documents are refused: tests need none of them, and with aliases a small file can stand for a huge
one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from yaml import SafeLoader, compose
from yaml.error import MarkedYAMLError, YAMLError
from yaml.events import AliasEvent
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

DEEPEST = 20

Plain = Decimal | bool | str | None


class YamlProblem(Exception):
    """What is wrong with a file of tests, on which line (from 1), said in both languages."""

    def __init__(self, line: int, en: str, zh: str) -> None:
        self.line = line
        self.en = en
        self.zh = zh
        super().__init__(f"line {line}: {en}")


class BrokenTests(Exception):
    """A file of tests that cannot be run, with everything that is wrong with it, in the order of its lines."""

    def __init__(self, problems: Iterable[YamlProblem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.line))
        super().__init__("; ".join(map(str, self.problems)))


@dataclass(frozen=True, slots=True)
class Item:
    """A value and the line that it begins on: a plain value, a list of items, or items by name."""

    value: Plain | tuple[Item, ...] | dict[str, Item]
    line: int

    def plain(self) -> object:
        """The value without its lines: dictionaries, lists and plain values."""
        match self.value:
            case dict():
                return {name: item.plain() for name, item in self.value.items()}
            case tuple():
                return [item.plain() for item in self.value]
            case _:
                return self.value


class _Loader(SafeLoader):
    """PyYAML's reader, with aliases refused and nesting bounded."""

    depth = 0

    def compose_node(self, parent: Node | None, index: Any) -> Node | None:
        if self.check_event(AliasEvent):
            raise YamlProblem(
                self._line(), "aliases (`*name`) are not allowed here", "此处不允许使用别名（`*name`）"
            )
        self.depth += 1
        if self.depth > DEEPEST:
            raise YamlProblem(self._line(), "is nested too deeply", "嵌套过深")
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def _line(self) -> int:
        return int(self.line) + 1


def read_yaml(text: str) -> Item:
    """The one document in a text. Raises `YamlProblem`."""
    try:
        node = compose(text, Loader=_Loader)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        en, zh = _complaint(f"{error.context or ''}: {error.problem or ''}")
        raise YamlProblem(
            mark.line + 1 if mark else 1, f"is not YAML: {en}", f"不是有效的 YAML：{zh}"
        ) from error
    except YAMLError as error:
        raise YamlProblem(1, "holds characters that YAML does not allow", "含有 YAML 不允许的字符") from error
    if node is None:
        raise YamlProblem(1, "is empty", "是空的")
    return _item(node)


# What PyYAML complains of, by words of its own, in the words of people.
COMPLAINTS: tuple[tuple[str, str, str], ...] = (
    (
        r"character '\t'",
        "a tab stands where only spaces may; indent with spaces",
        "此处有制表符，只能使用空格；请用空格缩进",
    ),
    (
        "quoted scalar: found unexpected end",
        "a text in quotes does not end; close the quotation mark",
        "带引号的文本没有结束；请补上引号",
    ),
    (
        "flow sequence",
        "a list in brackets does not end here; write `,` between its items and `]` behind the last",
        "方括号列表在此没有结束；各项之间写 `,`，末尾写 `]`",
    ),
    (
        "flow mapping",
        "names and values in braces do not end here; write `,` between them and `}` behind the last",
        "花括号内容在此没有结束；各项之间写 `,`，末尾写 `}`",
    ),
    (
        "mapping values are not allowed",
        "a `:` stands where none may; put a text with `: ` in it in quotes, and check the indentation",
        "此处不能有 `:`；含 `: ` 的文本须加引号，并检查缩进",
    ),
    (
        "could not find expected ':'",
        "a name stands without its `:`; write `name: value`",
        "名称之后缺少 `:`；请写成 `名称: 值`",
    ),
    (
        "sequence entries are not allowed",
        "a `-` stands where no list may begin; put it on a line of its own",
        "此处不能以 `-` 开始列表；请另起一行",
    ),
    (
        "block collection",
        "a line is not indented as those around it are; lines of one list begin in one column",
        "此行缩进与前后不一致；同一列表的各行须对齐",
    ),
    (
        "block mapping",
        "a line is not indented as those around it are; names of one group begin in one column",
        "此行缩进与前后不一致；同一组的名称须对齐",
    ),
    (
        "a single document",
        "a second document begins here; a file of tests is one",
        "此处开始了第二份文档；测试文件只能有一份",
    ),
    (
        "unknown escape character",
        "a backslash is followed by what YAML does not know; use single quotes",
        "反斜杠后面的内容不合 YAML 规则；请改用单引号",
    ),
    (
        "cannot start any token",
        "a sign stands here that begins no text; put the text in quotes",
        "此处的符号不能作为文本开头；请给文本加引号",
    ),
)
UNCLEAR = (
    "it cannot be read from here on; check the indentation and the quotation marks",
    "从此处起无法读取；请检查缩进和引号",
)


def _complaint(said: str) -> tuple[str, str]:
    """What is wrong, in both languages; `said` is PyYAML's context and its complaint."""
    return next(((en, zh) for words, en, zh in COMPLAINTS if words in said), UNCLEAR)


def _item(node: Node) -> Item:
    line = node.start_mark.line + 1
    if not node.tag.startswith("tag:yaml.org,2002:") or "/" in node.tag:
        raise YamlProblem(
            line, f"the tag `{node.tag}` is not allowed here", f"此处不允许使用标签 `{node.tag}`"
        )
    match node:
        case MappingNode():
            return Item(dict(_pairs(node)), line)
        case SequenceNode():
            return Item(tuple(_item(child) for child in node.value), line)
        case ScalarNode():
            return Item(_plain(node.value) if node.style is None else str(node.value), line)
        case _:
            raise YamlProblem(line, "is not a value, a list or a mapping", "不是值、列表或映射")


def _pairs(node: MappingNode) -> Iterator[tuple[str, Item]]:
    seen: set[str] = set()
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, ScalarNode):
            raise YamlProblem(line, "a name is expected before the colon", "冒号前应为名称")
        name = str(key.value)
        if name in seen:
            raise YamlProblem(line, f"`{name}` stands here twice", f"`{name}` 在此重复出现")
        seen.add(name)
        yield name, _item(value)


_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d{1,3})?", re.ASCII)
_WORDS: dict[str, Plain] = {
    **dict.fromkeys(("", "~", "null"), None),
    **dict.fromkeys(("yes", "true", "是"), True),
    **dict.fromkeys(("no", "false", "否"), False),
}


def _plain(text: str) -> Plain:
    """What a value without quotes stands for."""
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    return Decimal(text) if _NUMBER.fullmatch(text) else text
