"""Differences as people read them, in both languages, and as programs do.

A sentence begins with the statement that it is about, where it is about a line of one, and goes on in the
policy's own words: `variable: late_payer from -10 to -15`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import assert_never

from dsl.diagnostics import Lang
from dsl.model import CheckedPolicy
from dsl.records import record
from dsl.source import NOWHERE, Source, Span
from policies.registry.diff.difference import Difference, Said
from policies.registry.diff.words import NONE

# What of a rule is another, by the stable key of it. An empty noun: the rule has only this one thing of that
# kind, and needs no word for it.
NOUNS: dict[str, Said] = {
    "points": Said("", ""),
    "value": Said("", ""),
    "outcome": Said("", ""),
    "rate": Said("", ""),
    "line": Said("", ""),
    "limit": Said("", ""),
    "expression": Said("", ""),
    "threshold": Said("threshold", "门槛"),
    "condition": Said("condition", "条件"),
    "keep": Said("keep threshold", "保级条件"),
    "step": Said("step", "计分单位"),
    "cap": Said("limit", "上限"),
    "least": Said("least value", "下限"),
    "most": Said("greatest value", "上限"),
    "default": Said("default", "默认值"),
    "type": Said("type", "类型"),
    "source": Said("source", "来源"),
    "changeable": Said("changeability", "客户可改变的方向"),
    "label": Said("label", "标签"),
    "translation": Said("translation", "译文"),
    "title": Said("title", "标题"),
    "owner": Said("owner", "负责人"),
    "scope": Said("scope", "范围"),
    "about": Said("description", "说明"),
    "from": Said("first day", "开始日期"),
    "until": Said("last day", "结束日期"),
    "currency": Said("currency", "币种"),
    "timezone": Said("time zone", "时区"),
    "reason": Said("reason", "原因"),
    "main": Said("main ladder", "主等级"),
    "by": Said("basis", "依据"),
    "form": Said("form", "写法"),
    "kind": Said("kind", "种类"),
    "combine": Said("combination", "多条同时成立时的取法"),
    "quota": Said("quota", "次数"),
    "not_with": Said("exclusions", "不可同享的权益"),
    "places": Said("recipients", "享有者"),
    "action": Said("action", "内容"),
    "role": Said("role", "执行者"),
    "priority": Said("priority", "优先级"),
}

# Options that are there or not: a sentence for either.
FLAGS: dict[str, tuple[Said, Said]] = {
    "required": (
        Said("{} is now required", "{} 现为必填"),
        Said("{} is not required any more", "{} 不再必填"),
    ),
    "protected": (
        Said("{} is now protected", "{} 现受保护"),
        Said("{} is not protected any more", "{} 不再受保护"),
    ),
    "masked": (Said("{} is now masked", "{} 现须脱敏"), Said("{} is not masked any more", "{} 不再脱敏")),
    "less_is_better": (
        Said("of {}, less is better now", "{} 现为越少越好"),
        Said("of {}, less is not better any more", "{} 不再是越少越好"),
    ),
    "exactly_one": (
        Said("{} is now exactly one", "{} 现要求唯一成立"),
        Said("{} is not exactly one any more", "{} 不再要求唯一成立"),
    ),
    "at_once": (
        Said("{} now acts at once", "{} 现立即生效"),
        Said("{} does not act at once any more", "{} 不再立即生效"),
    ),
}

# What is quoted, so that one sees where it ends.
_QUOTED = frozenset({"condition", "keep", "expression", "step", "line", "by"})


def sentence(item: Difference, lang: Lang) -> str:
    """A difference in one sentence."""
    said = _sentence(item, lang)
    if item.within is None:
        return said
    return f"{item.within.in_lang(lang)}{': ' if lang == 'en' else '：'}{said}"


def _sentence(item: Difference, lang: Lang) -> str:
    subject = item.subject.in_lang(lang)
    match item.kind:
        case "changed":
            return _changed(item, subject, lang)
        case "added" | "removed":
            return _came_or_went(item, subject, lang)
        case "moved":
            return _moved(item, subject, lang)
        case "renamed":
            return _renamed(item, lang)
        case _:
            assert_never(item.kind)


def _changed(item: Difference, subject: str, lang: Lang) -> str:
    if item.what in FLAGS and item.after is not None:
        on, off = FLAGS[item.what]
        return (on if item.after.en == "yes" else off).in_lang(lang).format(subject)
    if item.what == "example":
        return f"{subject} is another" if lang == "en" else f"{subject} 有改动"
    noun = NOUNS[item.what].in_lang(lang)
    before, after = (_side(each, item.what, lang) for each in (item.before, item.after))
    # A rule that goes by what it says is not called by it twice.
    if item.what == "line" or (item.after is not None and item.subject == item.after):
        return _now(item, before, after, lang)
    if lang == "en":
        return (
            f"{noun} of {subject} from {before} to {after}" if noun else f"{subject} from {before} to {after}"
        )
    whole = f"{subject}{_gap(subject)}的{noun}" if noun else subject
    return f"{whole}{_gap(whole)}由 {before} 改为 {after}"


def _now(item: Difference, before: str, after: str, lang: Lang) -> str:
    """One line for another; a line that says aloud what held without it came, though its rule was there."""
    if item.before is None:
        return f"added {after}" if lang == "en" else f"新增 {after}"
    if item.after is None:
        return f"removed {before}" if lang == "en" else f"删除 {before}"
    return f"{before} is now {after}" if lang == "en" else f"{before} 改为 {after}"


def _gap(text: str) -> str:
    """Between letters of the two scripts stands a space."""
    return " " if text[-1:].isascii() else ""


def _side(said: Said | None, what: str, lang: Lang) -> str:
    if said is None:
        return NONE.in_lang(lang)
    return f"`{said.in_lang(lang)}`" if what in _QUOTED else said.in_lang(lang)


def _came_or_went(item: Difference, subject: str, lang: Lang) -> str:
    said = item.after if item.kind == "added" else item.before
    verb = {"en": {"added": "added ", "removed": "removed "}, "zh": {"added": "新增 ", "removed": "删除 "}}
    whole = verb[lang][item.kind] + subject
    content = "" if said is None or item.what == "example" else said.in_lang(lang)
    if not content or content == subject:
        return whole
    return (
        f"{whole} {content}"
        if item.what in ("statement", "member")
        else f"{whole}{': ' if lang == 'en' else '：'}{content}"
    )


def _moved(item: Difference, subject: str, lang: Lang) -> str:
    if item.after is None:
        return f"{subject} now stands last" if lang == "en" else f"{subject} 现排在最后"
    after = item.after.in_lang(lang)
    return f"{subject} now stands before {after}" if lang == "en" else f"{subject} 现排在 {after} 之前"


def _renamed(item: Difference, lang: Lang) -> str:
    before, after = (
        NONE.in_lang(lang) if each is None else each.in_lang(lang) for each in (item.before, item.after)
    )
    return f"{before} is now called {after}" if lang == "en" else f"{before} 更名为 {after}"


# ---------------------------------------------------------------- all of them


def summary(found: Iterable[Difference], lang: Lang) -> str:
    """How much is different, in one line: rules by what happened to them, and what decides nothing."""
    items = list(found)
    if not items:
        return "no difference" if lang == "en" else "没有差异"
    deciding = [item for item in items if item.decides]
    parts: list[str] = []
    for kind, (en, zh) in _HAPPENED.items():
        count = len({item.rule for item in deciding if item.kind == kind})
        if count:
            rules = "" if parts else " rule" if count == 1 else " rules"
            parts.append(
                f"{count}{rules} {en}"
                if lang == "en"
                else f"{count} 条规则{zh}"
                if not parts
                else f"{count} 条{zh}"
            )
    counted = (", " if lang == "en" else "，").join(parts) or (
        "no rule changed" if lang == "en" else "规则没有变化"
    )
    others = [item for item in items if not item.decides]
    words = sum(item.group != "example" for item in others)
    rest = [("without effect on decisions", "不影响判定", words), ("examples", "示例", len(others) - words)]
    for en, zh, count in rest:
        if count:
            counted += f"; {en}: {count}" if lang == "en" else f"；{zh}：{count} 处"
    return counted


_HAPPENED = {
    "changed": ("changed", "有改动"),
    "added": ("added", "新增"),
    "removed": ("removed", "删除"),
    "moved": ("moved", "调整顺序"),
    "renamed": ("renamed", "更名"),
}


def difference_json(
    item: Difference, old: CheckedPolicy, new: CheckedPolicy, lang: Lang
) -> dict[str, object]:
    """A difference for programs; lines count from 1, and are null where the rule is not there.

    A file is the name of the text that a rule came in with by `use`; null for the policy's own.
    """
    was, now = place(item.span_before, old), place(item.span_after, new)
    return {
        "kind": item.kind,
        "rule": item.rule,
        "what": item.what,
        "from": None if item.before is None else item.before.in_lang(lang),
        "to": None if item.after is None else item.after.in_lang(lang),
        "decides": item.decides,
        "text": sentence(item, lang),
        "line_from": None if was is None else was.line,
        "line_to": None if now is None else now.line,
        "file_from": None if was is None else was.file,
        "file_to": None if now is None else now.file,
    }


@record
class Place:
    """Where a rule stands: a line, counted from 1, of the policy's own text, or of the one that `use` calls `file`."""

    line: int
    file: str | None = None

    def words(self, lang: Lang) -> str:
        """The place as a person would say it."""
        if self.file is None:
            return f"line {self.line}" if lang == "en" else f"第 {self.line} 行"
        return f"line {self.line} of {self.file}" if lang == "en" else f"{self.file} 第 {self.line} 行"


def place(span: Span, policy: CheckedPolicy) -> Place | None:
    """Where a rule stands; None where the version has no such rule."""
    if span == NOWHERE:
        return None
    file = used_name(policy.uses[span.file - 1], policy) if span.file else None
    return Place(policy.line(span), file)


def used_name(source: Source, policy: CheckedPolicy) -> str:
    """What a policy calls a text that it uses; a file's own name begins with the folder of the policy."""
    return source.name.removeprefix(os.path.join(os.path.dirname(policy.source.name), ""))
