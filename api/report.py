"""Decisions for people at a terminal: one as a short report, many as a table with a summary.

Both read the decision in the shape of the contract, so what is shown here is what a program would have been
told. Every text is made printable first: labels and customers' names come from files, and a file must not
steer a terminal.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from io import StringIO

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from api.names import Names, names_of
from api.readers_rows import Row
from api.wording import benefit, pick, tier, value
from dsl.diagnostics import Lang
from dsl.model import CheckedPolicy, Ladder
from dsl.rendering import Paint, printable
from dsl.types import Type
from engine.words import member_label

# A longer file is counted to its end, and shown to here.
MOST_ROWS = 500
# Where nobody watches, and so nobody's screen says how wide it is.
PLAIN_WIDTH = 120

Content = Mapping[str, object]


def report(content: Content, policy: CheckedPolicy, lang: Lang, colour: bool = False) -> str:
    """One decision as a few paragraphs: what it is, why, what it brings, what to do, what is missing."""
    paint, names = Paint(colour), names_of(policy)
    parts = [
        _head(content, names, lang, paint),
        _over_time(content, names, lang),
        _reasons(content, names, lang),
        _benefits(content, names, lang),
        _advice(content, lang),
        _why_not(content, names, lang),
        _gaps(content, names, lang),
    ]
    return "\n".join("\n".join(lines) + "\n" for lines in parts if lines)


def _head(content: Content, names: Names, lang: Lang, paint: Paint) -> list[str]:
    policy = _mapping(content, "policy")
    who = content.get("customer") or pick(lang, "this customer", "该客户")
    lines = [f"{_clean(who)}  ·  {_clean(policy.get('name', ''))}  ·  {_clean(content.get('as_of', ''))}"]
    if content.get("status") == "not_applicable":
        return [
            *lines,
            paint(pick(lang, "not graded", "不分级"), "bold") + f": {_clean(content.get('why') or '')}",
        ]
    for name, outcome in _mapping(content, "tiers").items():
        if isinstance(outcome, dict):
            score = outcome.get("score")
            told = tier(names.outcome(name, outcome), lang)
            by = "" if score is None else f"  ({value(score, None, lang)})"
            lines.append(f"  {_clean(names.of(name))}  {paint(_clean(told), 'bold')}{by}")
    for group in ("segments", "values", "tags"):
        for name, item in _mapping(content, group).items():
            lines.append(f"  {_clean(names.of(name))}  {_clean(names.value(name, item, lang))}")
    return lines


def _over_time(content: Content, names: Names, lang: Lang) -> list[str]:
    """Where movement was asked for: what happened, why another tier is held than the facts give, what comes."""
    happened = _list(content, "transitions")
    lines = [f"  {_clean(item.get('on'))}  {_clean(item.get('text'))}" for item in happened]
    for name, item in _mapping(content, "movement").items():
        if not isinstance(item, dict):
            continue
        computed = names.value(name, item.get("computed"), lang) if item.get("computed") else "-"
        told = [pick(lang, f"computed {computed}", f"核算 {computed}")] if item.get("why") else []
        told += [str(item["why"])] if item.get("why") else []
        told += [str(_mapping(item, "next")["text"])] if item.get("next") else []
        review = _mapping(item, "review").get("on")
        told += [pick(lang, f"next review {review}", f"下次复核 {review}")] if review else []
        lines += [f"  {_clean(names.of(name))}  {_clean(text)}" for text in told]
    return _titled(pick(lang, "Over time", "升降"), lines)


def _reasons(content: Content, names: Names, lang: Lang) -> list[str]:
    """What every score adds up from, then which rule gave each tier, outcome and value."""
    scores = _mapping(content, "scores")
    reasons = _list(content, "reasons")
    lines = []
    for name, total in scores.items():
        own = [reason for reason in reasons if reason.get("score") == name]
        lines.append(f"  {_clean(names.of(name))} = {value(total, None, lang)}")
        lines += [_reason(reason, names, lang) for reason in own]
    for reason in reasons:
        group = next((each for each in ("ladder", "segment", "tags", "value") if each in reason), None)
        if group is not None:
            gives = next((reason[each] for each in ("tier", "outcome", "gives") if each in reason), None)
            told = names.value(reason[group], gives, lang)
            told += _of_movement(reason, content, lang)
            lines.append(f"  {_clean(names.of(reason[group]))} = {_clean(told)}{_seen(reason, names, lang)}")
        elif "score" not in reason:
            lines.append(f"  {_clean(reason.get('label'))}{_seen(reason, names, lang)}")
    return _titled(pick(lang, "Why", "依据"), lines)


def _of_movement(reason: Content, content: Content, lang: Lang) -> str:
    """Whether a tier is the one that the facts give, or the one held: told where the two differ."""
    moved = _mapping(_mapping(content, "movement"), str(reason.get("ladder")))
    if moved.get("computed") == moved.get("held"):
        return ""
    if str(reason.get("rule")).startswith(("movement.", "override.")):
        return pick(lang, ", held", "，现持有")
    return pick(lang, ", computed", "，核算")


def _reason(reason: Content, names: Names, lang: Lang) -> str:
    """One line of a score: its points, its label and the facts behind it."""
    told = value(reason.get("points"), None, lang)
    signed = told if told.startswith("-") else f"+{told}"
    label = reason.get("label") or reason.get("rule")
    return f"  {signed:>8}  {_clean(label)}{_seen(reason, names, lang)}"


def _seen(reason: Content, names: Names, lang: Lang) -> str:
    """The facts that a rule read; `?` where it is not decided whether it acted."""
    facts = [
        f"{names.of(name)} = {names.value(name, item, lang)}"
        for name, item in _mapping(reason, "facts").items()
    ]
    maybe = " ?" if reason.get("possible") else ""
    return maybe + (f"  ({_clean(', '.join(facts))})" if facts else "")


def _benefits(content: Content, names: Names, lang: Lang) -> list[str]:
    lines = [
        f"  {_clean(benefit(names.benefit(item), lang, place=True))}" for item in _list(content, "benefits")
    ]
    return _titled(pick(lang, "Benefits", "权益"), lines)


def _advice(content: Content, lang: Lang) -> list[str]:
    lines = []
    for item in _list(content, "advice"):
        to = item.get("to")
        role = f" → {value(to, None, lang)}" if to else ""
        maybe = " ?" if item.get("possible") else ""
        lines.append(f"  {_clean(item.get('action'))}{_clean(role)}{maybe}")
    return _titled(pick(lang, "What to do", "建议"), lines)


def _lacking(failed: Content, lang: Lang) -> str:
    """How far it is to a threshold; at one that is not enough, that it is not. Of yes and no, which it is."""
    distance, type = failed.get("distance"), failed.get("type")
    if isinstance(failed.get("actual"), bool):
        return pick(lang, ", it is ", "，目前为 ") + value(failed["actual"], None, lang)
    if distance is None:
        return ""
    if failed.get("strict") and distance in (0, "P0D"):
        return pick(lang, ", and is just that limit", "，恰好等于该界限")
    return pick(lang, ", short by ", "，还差 ") + value(distance, str(type), lang)


def _lacks(failed: Content, lang: Lang, depth: int = 0) -> Iterator[str]:
    """A condition that failed; below it, further in, its alternatives, or what an alternative lacks."""
    sign = "" if depth == 0 else "     " + "  " * depth
    yield f"{sign}{_clean(failed.get('condition'))}{_clean(_lacking(failed, lang))}"
    for name, en, zh in (
        ("any_of", "any one of these is enough:", "满足其中任意一项即可："),
        ("all_of", "for this is lacking:", "其中尚缺："),
    ):
        parts = _list(failed, name)
        if parts:
            yield "       " + "  " * depth + pick(lang, en, zh)
        for part in parts:
            yield from _lacks(part, lang, depth + 2)


def _why_not(content: Content, names: Names, lang: Lang) -> list[str]:
    """Where `--explain full` was asked for: what stands between the customer and each better tier."""
    lines = []
    for item in _list(content, "why_not"):
        for failed in _list(item, "failed"):
            ladder = item.get("ladder")
            tier_name = f"{names.of(ladder)} {names.value(ladder, item.get('tier'), lang)}"
            first, *further = _lacks(failed, lang)
            lines += [f"  {_clean(tier_name)}: {first}", *further]
        for gain in _list(item, "benefits"):
            lines.append(
                f"     {pick(lang, 'would bring', '可得')} {_clean(benefit(names.benefit(gain), lang, place=True))}"
            )
    return _titled(pick(lang, "Why not better", "为何未达更高等级"), lines)


def _gaps(content: Content, names: Names, lang: Lang) -> list[str]:
    lines = []
    missing = content.get("missing")
    if isinstance(missing, list) and missing:
        lines.append(
            pick(lang, "Missing: ", "缺少：") + _clean(pick(lang, ", ", "、").join(map(names.of, missing)))
        )
    assumed = _mapping(content, "assumed")
    if assumed:
        parts = [f"{names.of(name)} = {names.value(name, item, lang)}" for name, item in assumed.items()]
        lines.append(pick(lang, "Assumed: ", "按默认：") + _clean(pick(lang, ", ", "、").join(parts)))
    return lines


def _titled(title: str, lines: list[str]) -> list[str]:
    return [title, *lines] if lines else []


class Table:
    """Many decisions: a row a customer as far as a person reads, then how many there are in each tier."""

    def __init__(self, policy: CheckedPolicy, lang: Lang, keep: Sequence[str] = ()) -> None:
        self._keep = tuple(keep)
        self._policy = policy
        self._names = names_of(policy)
        self._lang: Lang = lang
        self._rows: list[tuple[str, ...]] = []
        self._outcomes: Counter[str] = Counter()
        self._count = 0
        self._hidden = 0

    def add(self, row: Row, content: Content) -> None:
        """One customer more."""
        self._count += 1
        main = self._main(content)
        self._outcomes[self._class(content, main)] += 1
        if len(self._rows) >= MOST_ROWS:
            self._hidden += 1
            return
        who = _clean(
            row.customer or f"{pick(self._lang, 'row', '第')} {row.number}{pick(self._lang, '', ' 行')}"
        )
        self._rows.append((who, *(_clean(cell) for cell in self._cells(content, main)), *self._kept(row)))

    def _main(self, content: Content) -> Content:
        """What heads an answer, in the shape of a ladder's outcome: the main ladder's, else the first choice's."""
        head = self._policy.headline
        if head is None:
            return {}
        found = _mapping(content, "tiers" if isinstance(head, Ladder) else "segments").get(head.key)
        if isinstance(found, dict):
            return found
        return {} if found is None else {"tier": found}

    def _class(self, content: Content, main: Content) -> str:
        if "error" in content:
            return "error"
        key = main.get("tier")
        return f"tier:{key}" if key is not None else str(content.get("status"))

    def _cells(self, content: Content, main: Content) -> Iterator[str]:
        lang = self._lang
        if "error" in content:
            yield from (pick(lang, "not readable", "无法读取"), "", "", "")
            return
        status = content.get("status")
        yield pick(lang, "not graded", "不分级") if status == "not_applicable" else self._tier(main)
        score = main.get("score")
        yield "" if score is None else value(score, None, lang)
        missing = content.get("missing")
        yield pick(lang, ", ", "、").join(map(self._names.of, missing)) if isinstance(missing, list) else ""
        yield self._benefits(_list(content, "benefits"))

    def _tier(self, main: Content) -> str:
        head = self._policy.headline
        return tier(self._names.outcome(head.key, main) if head else main, self._lang)

    def _benefits(self, items: list[Content]) -> str:
        """What is certain, in words; of what is only possible, how much there is."""
        lang = self._lang
        words = [benefit(self._names.benefit(item), lang) for item in items if not item.get("possible")]
        open_ones = len(items) - len(words)
        if open_ones:
            words.append(pick(lang, f"{open_ones} more possible", f"另有 {open_ones} 项可能"))
        return pick(lang, ", ", "、").join(words)

    def _kept(self, row: Row) -> Iterator[str]:
        for name in self._keep:
            item = row.kept.get(name)
            yield "" if item is None else _clean(item)

    def text(self, colour: bool = False) -> str:
        """The table and its summary."""
        lang = self._lang
        out = StringIO()
        width = shutil.get_terminal_size((PLAIN_WIDTH, 24)).columns
        console = Console(file=out, width=width, force_terminal=colour, no_color=not colour, highlight=False)
        table = RichTable(box=SIMPLE_HEAD, pad_edge=False)
        for at, title in enumerate(self._titles()):
            table.add_column(Text(title), justify="right" if at == 2 else "left", overflow="fold")
        for cells in self._rows:
            table.add_row(*(Text(cell) for cell in cells))
        console.print(table)
        if self._hidden:
            console.print(Text(_more(self._hidden, lang)))
        console.print(Text(self._summary()))
        return "\n".join(line.rstrip() for line in out.getvalue().split("\n"))

    def _titles(self) -> Sequence[str]:
        lang = self._lang
        head = self._policy.headline
        return (
            pick(lang, "customer", "客户"),
            _clean(head.name) if head else pick(lang, "outcome", "结果"),
            pick(lang, "score", "得分"),
            pick(lang, "missing", "缺少"),
            pick(lang, "benefits", "权益"),
            *(_clean(name) for name in self._keep),
        )

    def _summary(self) -> str:
        lang = self._lang
        head = self._policy.headline
        names = [(f"tier:{key}", name) for key, name in _outcomes(head.type, lang)] if head else []
        names += [
            ("decided", pick(lang, "decided", "已判定")),
            ("undetermined", pick(lang, "undetermined", "未定")),
            ("not_applicable", pick(lang, "not graded", "不分级")),
            ("error", pick(lang, "not readable", "无法读取")),
        ]
        counts = [
            f"{name} {self._outcomes[key]:,}"
            for key, name in names
            if self._outcomes[key] or key.startswith("tier:")
        ]
        english = "1 customer: " if self._count == 1 else f"{self._count:,} customers: "
        customers = pick(lang, english, f"{self._count:,} 位客户：")
        return customers + "  ".join(counts)


def _outcomes(type: Type, lang: Lang) -> Iterator[tuple[str, str]]:
    """What may head an answer: as it stands there, and in the author's words."""
    for member in type.members:
        told = member_label(type, member.key, lang) if member.is_text else member.name
        yield told if member.is_text else member.key, _clean(told)


def _more(hidden: int, lang: Lang) -> str:
    """What is said in place of the rows that are not shown, and how to have them all."""
    return pick(
        lang,
        f"… and {hidden:,} more, counted below; `--json` gives every customer, a line each",
        f"……另有 {hidden:,} 位，已计入下方统计；用 `--json` 可得到每位客户的结果，一行一位",
    )


def _clean(item: object) -> str:
    return printable(str(item)).replace("\n", " ")


def _mapping(content: Content, name: str) -> Content:
    found = content.get(name)
    return found if isinstance(found, dict) else {}


def _list(content: Content, name: str) -> list[Content]:
    found = content.get(name)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []
