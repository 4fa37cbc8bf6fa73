"""Writes what the pages of this folder say about the code, so that it cannot be out of date.

`python docs/generate.py` rewrites the parts between `<!-- NAME: written by docs/generate.py -->` and
`<!-- end -->`, the Chinese form below each example of language.md, and the whole of errors.md. A test holds
that this would change nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from datetime import date
from decimal import Decimal
from pathlib import Path

from api.access import RIGHTS
from api.config import PREFIX, Config
from api.messages import KINDS
from api.over_time import history_in
from dsl.ast import Policy
from dsl.diagnostics import Code
from dsl.formatter import format_policy
from dsl.keywords import KEYWORDS, STATEMENTS, Keyword
from dsl.messages import ALL_CODES
from dsl.parser import parse
from dsl.source import Source
from engine.decision import dumps, to_json
from engine.engines import decide
from engine.facts import read_facts
from engine.history import decisions
from policies.registry.files import load_policy
from policies.registry.store.faults import FAULTS
from policies.registry.store.keys import ROLES

DOCS = Path(__file__).parent
ROOT = DOCS.parent

PART = re.compile(
    r"(?P<open><!-- (?P<name>\w+): written by docs/generate\.py -->\n).*?(?P<close><!-- end -->)", re.DOTALL
)
EXAMPLE = re.compile(
    r"(?P<block>```(?P<kind>tier|tier-part|tier-head)\n(?P<text>.*?)```\n)(\n<details>.*?</details>\n)?",
    re.DOTALL,
)


# ---------------------------------------------------------------- examples


def examples(page: str) -> list[tuple[str, str]]:
    """The policies in a page: what kind each is, and its text."""
    return [(found["kind"], found["text"]) for found in EXAMPLE.finditer(page)]


def head_of(page: str) -> str:
    """The lines that a page's partial examples stand under; empty where it has none."""
    return "".join(text for kind, text in examples(page) if kind == "tier-head")


def with_chinese(page: str) -> str:
    """The page with each example's Chinese form folded away below it."""
    head = head_of(page)

    def folded(found: re.Match[str]) -> str:
        above = head if found["kind"] == "tier-part" else ""
        chinese = in_chinese(above, found["text"])
        return f"{found['block']}\n<details><summary>中文</summary>\n\n```\n{chinese}```\n\n</details>\n"

    return EXAMPLE.sub(folded, page)


def in_chinese(above: str, text: str) -> str:
    """An example as the formatter writes it in Chinese. Raises `ValueError` where it does not parse."""
    before, _ = parse(Source(above))
    whole, problems = parse(Source(above + text))
    if problems:
        raise ValueError(f"an example does not parse: {problems[0].message()}\n{text}")
    return format_policy(Policy(whole.statements[len(before.statements) :], whole.tail), "zh").strip() + "\n"


# ---------------------------------------------------------------- tables


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table."""
    lines = [list(head), *map(list, rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def keywords() -> str:
    """Every keyword with its spellings and the lines on which it is one."""
    rows = ((_spelt(word.en), _spelt(word.zh), _lines_of(word)) for word in KEYWORDS)
    return table(("English", "中文", "on the lines of"), rows)


def _spelt(words: tuple[str, ...]) -> str:
    return ", ".join(f"`{word}`" for word in words)


_PLACES = {"*": "every statement", "head": "the first row of a table", "@number": "directly after a number"}


def _lines_of(word: Keyword) -> str:
    """Where a word is a keyword, in an author's words."""
    spelling = {keyword.id.lower(): f"`{keyword.en[0]}`" for keyword in STATEMENTS}
    if "@number" in word.where:
        return _PLACES["@number"]
    places = [_PLACES.get(item) or spelling.get(item) or "" for item in sorted(word.where)]
    return ", ".join(place for place in places if place)


def settings() -> str:
    """Every setting of the service, with its variable, its default and its range."""
    rows = []
    for field in fields(Config):
        about = (
            field.metadata.get("about")
            or {
                "policies": "folder with the policies",
                "database_url": "store with published policies, in place of the folder",
                "signing_key": "file of the key that signs exports; made when the first is asked for",
                "host": "address to listen on",
            }[field.name]
        )
        least, most = field.metadata.get("least"), field.metadata.get("most")
        span = "" if least is None else f"{_shown(least)} to {_shown(most)}"
        named = {"policies": "the `policies` folder", "database_url": "`var/tierwise.db`, where it is there"}
        default = named.get(field.name) or _shown(field.default)
        rows.append((f"`{PREFIX}{field.name.upper()}`", about, default, span))
    return table(("variable", "what", "default", "range"), rows)


def _shown(value: object) -> str:
    """A value as people read it: long numbers with commas, ports and counts without."""
    if isinstance(value, int):
        return f"{value:,}" if value >= 100_000 else str(value)
    return f"`{value}`"


def faults() -> str:
    """What the store says when its database cannot."""
    rows = (
        (f"`{fault.code}`", f"the store {fault.en.partition(';')[0]}", f"{fault.retry_after} s")
        for fault in FAULTS
    )
    return table(("code", "means", "try again after"), rows)


def rights() -> str:
    """Every call and the role that it needs, by role."""
    rows = []
    for role in (None, *ROLES):
        calls = [f"`{_address(call)}`" for call, needed in RIGHTS.items() if needed == role]
        if calls:
            rows.append(("no key" if role is None else f"`{role}`", "<br>".join(calls)))
    return table(("role", "calls"), rows)


def _address(rule: str) -> str:
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule)


def problems() -> str:
    """Every kind of problem that the service answers with."""
    rows = ((f"{kind.status}", f"`{kind.type}`", kind.title[0], kind.title[1]) for kind in KINDS)
    return table(("status", "`type`", "English", "中文"), rows)


# ---------------------------------------------------------------- the answer to the first question


CUSTOMER_A = {
    "order_amount": Decimal(500000),
    "referrals": Decimal(2),
    "demand_types": Decimal(4),
    "listed": False,
    "valuation": "high",
    "stage": "contract",
}
SHOWN = ("policy", "status", "tiers", "scores", "segments", "benefits", "reasons", "assumed", "missing")
# What is shown of an answer over time.
OVER_TIME = ("computed", "held", "transitions", "movement", "state")


def decision() -> str:
    """The answer for customer A of the worked example, as JSON."""
    policy = load_policy(ROOT / "policies" / "b2b_grading.tier")
    facts = read_facts(policy, CUSTOMER_A)
    answer = to_json(decide(policy, facts, as_of=date(2026, 11, 21), customer="C001"))
    shown = {key: answer[key] for key in SHOWN} | {"policy": {"name": policy.name, "hash": "sha256:…"}}
    return f"```json\n{_laid_out(shown)}\n```\n"


def movement() -> str:
    """What the answer of a later day says of movement: a customer of the worked example whose orders fell."""
    policy = load_policy(ROOT / "policies" / "b2b_grading.tier")
    entries = history_in(str(ROOT / "policies" / "samples" / "history.json"), policy)[:2]
    *_, last = decisions(policy, entries, lambda known: read_facts(policy, known))
    answer = to_json(last)
    return f"```json\n{_laid_out({key: answer[key] for key in OVER_TIME})}\n```\n"


def _laid_out(value: Mapping[str, object]) -> str:
    """JSON with a line for each key, and for each item of a list of objects."""
    lines = []
    for key, item in value.items():
        if isinstance(item, list) and item and isinstance(item[0], dict):
            inner = ",\n".join(f"    {dumps(each)}" for each in item)
            lines.append(f'  "{key}": [\n{inner}\n  ]')
        else:
            lines.append(f'  "{key}": {dumps(item)}')
    return "{\n" + ",\n".join(lines) + "\n}"


# ---------------------------------------------------------------- errors.md


ERRORS = """# What the checker says

Every problem has a code that stays. Codes with E are errors: the policy cannot be used. Codes with W are
warnings. Words in ‹› are
the policy's own. This page is written by `docs/generate.py`.

"""


def errors_page() -> str:
    """Every code with its sentences and its help, in both languages."""
    rows = (
        (f"`{code.code}`", _sentence(code.en, code.help_en), _sentence(code.zh, code.help_zh))
        for code in codes()
    )
    return ERRORS + table(("code", "English", "中文"), rows)


def codes() -> list[Code]:
    """Every code, in the order of their names."""
    return sorted(ALL_CODES, key=lambda code: (code.code[0], code.code))


def _sentence(text: str, help: str) -> str:
    whole = text if not help else f"{text}<br>→ {help}"
    return re.sub(r"\{(\w+)\}", r"‹\1›", whole).replace("|", "\\|").replace("\n", " ")


# ---------------------------------------------------------------- pages


PARTS: dict[str, Callable[[], str]] = {
    "keywords": keywords,
    "settings": settings,
    "problems": problems,
    "faults": faults,
    "rights": rights,
    "decision": decision,
    "movement": movement,
}


def filled(page: str) -> str:
    """A page with its generated parts written anew."""
    return PART.sub(lambda found: f"{found['open']}\n{PARTS[found['name']]()}\n{found['close']}", page)


def pages() -> dict[Path, str]:
    """Every page that has something generated in it, as it should be."""
    found = {DOCS / "errors.md": errors_page()}
    for name in ("http.md", "operations.md"):
        found[DOCS / name] = filled((DOCS / name).read_text(encoding="utf-8"))
    found[DOCS / "language.md"] = with_chinese(filled((DOCS / "language.md").read_text(encoding="utf-8")))
    return found


if __name__ == "__main__":
    for path, text in pages().items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8", newline="\n")
            print(f"{path.name}: written")
