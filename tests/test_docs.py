"""What the pages say is true: policies run, commands and addresses exist, what is generated is current."""

import json
import re
import shlex
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import click
import pytest

import api.cli
from api.app import create_app
from api.config import Config
from docs import generate
from dsl.checker import check
from dsl.formatter import format_policy
from dsl.keywords import STATEMENTS
from dsl.parser import parse
from dsl.source import Source
from engine.decision import dumps, to_json
from engine.engines import decide
from engine.facts import read_facts
from policies.registry.store.connect import open_store
from tests.own_examples import run_examples

ROOT = Path(__file__).parent.parent
DAY = date(2026, 6, 1)
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(?P<kind>[\w-]*)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)


def blocks(kind: str) -> list[tuple[str, str]]:
    """The fenced blocks of a kind in all pages, each with its page."""
    return [
        (page.name, found["text"])
        for page in PAGES
        for found in BLOCK.finditer(page.read_text(encoding="utf-8"))
        if found["kind"] == kind
    ]


def commands() -> list[list[str]]:
    """Every command of the `sh` blocks, as its words; lines that end in a backslash go on."""
    texts = [re.sub(r" #.*", "", text).replace("\\\n", " ") for _, text in blocks("sh")]
    return [words for text in texts for words in _commands(text)]


def _commands(text: str) -> Iterator[list[str]]:
    words: list[str] = []
    lexer = shlex.shlex(text, posix=True, punctuation_chars="\n")
    lexer.whitespace = " \t"
    lexer.whitespace_split = True
    lexer.commenters = ""
    for word in lexer:
        if word.strip("\n"):
            words.append(word)
            continue
        if words:
            yield words
        words = []
    if words:
        yield words


# ---------------------------------------------------------------- policies in the pages


def policies() -> list[tuple[str, str]]:
    """Every policy in the pages; partial ones under their page's head."""
    found = blocks("tier")
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        head = generate.head_of(text)
        found += [(page.name, head + part) for kind, part in generate.examples(text) if kind == "tier-part"]
    return found


def test_there_are_policies_in_the_pages() -> None:
    assert len(policies()) > 20


@pytest.mark.parametrize(("page", "text"), policies())
def test_policies_in_the_pages_check_and_their_examples_hold(page: str, text: str) -> None:
    policy, problems = check(Source(text, page))
    assert [item.message() for item in problems if item.severity == "error"] == []
    assert policy is not None
    for result in run_examples(policy, today=DAY):
        assert result.passed, (result.case.name, result.problems)


def test_every_statement_is_shown() -> None:
    shown = "\n".join(text for _, text in policies())
    page = (ROOT / "docs" / "language.md").read_text(encoding="utf-8")
    for keyword in STATEMENTS:
        if keyword.id != "USE":  # needs a second file
            assert re.search(rf"^{keyword.en[0]}\b", shown, re.MULTILINE), keyword
        assert f"`{keyword.zh[0]}`" in page or f" {keyword.zh[0]}" in page, keyword


def test_the_answer_in_the_readme_is_what_comes_out() -> None:
    page, text = blocks("tier")[0]
    answer_page, shown = blocks("json")[0]
    assert page == answer_page == "README.md"
    policy, _ = check(Source(text))
    assert policy is not None
    facts = read_facts(policy, {"revenue": Decimal(450000)})
    answer = json.loads(dumps(to_json(decide(policy, facts, as_of=DAY))))
    assert_part(json.loads(shown), answer)


def assert_part(part: object, whole: object) -> None:
    """What is shown stands so in the whole; objects may have more keys, and lists more items."""
    match part, whole:
        case dict(), dict():
            for key, value in part.items():
                assert_part(value, whole[key])
        case list(), list():
            for shown, real in zip(part, whole, strict=False):
                assert_part(shown, real)
            assert len(part) <= len(whole)
        case _:
            assert part == whole


# ---------------------------------------------------------------- what is generated


@pytest.mark.parametrize("page", ["language.md", "errors.md", "http.md", "operations.md"])
def test_generated_parts_are_current(page: str) -> None:
    path = ROOT / "docs" / page
    assert generate.pages()[path] == path.read_text(encoding="utf-8"), "run: python docs/generate.py"


# ---------------------------------------------------------------- commands, addresses, links


def test_commands_exist_and_end_well(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("TIERWISE_DATABASE_URL", f"sqlite:///{tmp_path}/store.db")
    ours = [words[1:] for words in commands() if words[0] == "tierwise"]
    assert len(ours) >= 6
    for words in ours:
        if words[0] == "serve":
            continue
        code = api.cli.run(words)
        assert code == 0, (words, capfd.readouterr().err)


def test_options_of_serve_exist() -> None:
    context = click.Context(api.cli.tierwise)
    for words in commands():
        if words[:2] == ["tierwise", "serve"]:
            serve = api.cli.tierwise.get_command(context, "serve")
            assert serve is not None
            serve.make_context("serve", list(words[2:]), resilient_parsing=True)
            known = {name for item in serve.params for name in item.opts}
            assert {word for word in words[2:] if word.startswith("--")} <= known


def test_targets_of_make_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = {words[1] for words in commands() if words[0] == "make"}
    assert {"run", "test"} <= targets
    for target in targets:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_calls_are_answered() -> None:
    client = create_app(Config(policies=ROOT / "policies")).test_client()
    calls = [words for words in commands() if words[0] == "curl"]
    assert len(calls) >= 3
    for words in calls:
        url = next(word for word in words if word.startswith("http"))
        header = words[words.index("-H") + 1].removeprefix("Content-Type: ")
        body = next(words[at + 1] for at, word in enumerate(words) if word in ("-d", "--data-binary"))
        path = url.removeprefix("http://127.0.0.1:8080")
        reply = client.post(path, data=body.encode("utf-8"), content_type=header, buffered=True)
        assert reply.status_code == 200, (path, reply.get_data(as_text=True))


def test_addresses_are_those_of_the_service(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/store.db")
    app = create_app(Config(), store=store)
    real = app.test_client().get("/openapi.json").get_json()["paths"]
    app.extensions["recorder"].close()
    store.close()
    text = (ROOT / "docs" / "http.md").read_text(encoding="utf-8")
    told = set(re.findall(r"`(?:GET|POST) (/[^ `?]*)", text))
    assert told | {"/v1/decisions"} == set(real)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?://)([^)\s]+)\)", text):
        name, _, anchor = target.partition("#")
        path = page.parent / name if name else page
        assert path.exists(), target
        if anchor:
            assert anchor in anchors(path.read_text(encoding="utf-8")), target


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as the usual readers of Markdown make them."""
    headings = re.findall(r"^#+ (.+)$", BLOCK.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_paths_that_are_named_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for name in re.findall(r"`((?:dsl|engine|api|policies|docs|tests|locks)/[\w./-]*)`", text):
        assert (ROOT / name).exists(), name


def test_variables_that_are_named_exist() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "api").rglob("*.py"))
    settings = {f"TIERWISE_{name.upper()}" for name in Config.__dataclass_fields__}
    for page in PAGES:
        for name in re.findall(r"TIERWISE_[A-Z_]+", page.read_text(encoding="utf-8")):
            assert name in settings or f'"{name}"' in code, (page.name, name)


def test_the_policy_in_the_readme_is_as_the_formatter_writes_it() -> None:
    _, text = blocks("tier")[0]
    assert format_policy(parse(Source(text))[0], "en") == text
