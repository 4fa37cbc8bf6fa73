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
from collections.abc import Iterator
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
        reason = error.problem or "it cannot be read"
        raise YamlProblem(
            mark.line + 1 if mark else 1, f"is not YAML: {reason}", f"不是有效的 YAML：{reason}"
        ) from error
    except YAMLError as error:
        raise YamlProblem(1, "holds characters that YAML does not allow", "含有 YAML 不允许的字符") from error
    if node is None:
        raise YamlProblem(1, "is empty", "是空的")
    return _item(node)


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
