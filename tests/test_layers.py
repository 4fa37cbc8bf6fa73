"""What may import what: `dsl <- engine <- policies.registry <- api`, and one home for each heavy library."""

import ast
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LAYERS = ("dsl", "engine", "policies", "api")
ABOVE_ALL = ("bench", "tests")
HOMES = {
    "lark": ("dsl/parser.py", "dsl/tables.py"),
    "durable": ("engine/durable*.py",),
    "sqlalchemy": ("policies/registry/store/*",),
    "alembic": ("policies/registry/store/*",),
    "cryptography": ("policies/registry/store/*",),
}
# Each of these must turn up, or the test has looked at nothing.
EXPECTED = (("engine", "dsl"), ("api", "engine"))


def imports(path: str, source: str) -> Iterator[tuple[int, str]]:
    """Line and full name of every module that `source` imports, at the top or inside a function."""
    package = path.split("/")[:-1]
    for node in ast.walk(ast.parse(source, path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            yield node.lineno, ".".join([*base, *filter(None, [node.module])])


def height(top: str) -> int | None:
    """How high a package of ours stands; None for everybody else's."""
    if top in ABOVE_ALL:
        return len(LAYERS)
    return LAYERS.index(top) if top in LAYERS else None


def problems(path: str, source: str) -> list[str]:
    """Every import in `source` that its place in the tree does not allow."""
    own = height(path.split("/")[0])
    assert own is not None, path
    found = []
    for line, module in imports(path, source):
        top = module.split(".")[0]
        other = height(top)
        if other is not None and other > own:
            found.append(f"{path}:{line} imports {module}, which stands above it")
        if top in HOMES and not any(fnmatch(path, home) for home in HOMES[top]):
            found.append(f"{path}:{line} imports {module}, which only {' and '.join(HOMES[top])} may")
    return found


def modules() -> dict[str, str]:
    """Path from the root and text of every module in the four packages."""
    files = (file for layer in LAYERS for file in sorted((ROOT / layer).rglob("*.py")))
    return {file.relative_to(ROOT).as_posix(): file.read_text("utf-8") for file in files}


def test_every_import_points_down() -> None:
    assert [problem for path, source in modules().items() for problem in problems(path, source)] == []


@pytest.mark.parametrize(("upper", "lower"), EXPECTED)
def test_imports_were_seen(upper: str, lower: str) -> None:
    own = {path: source for path, source in modules().items() if path.startswith(f"{upper}/")}
    assert own
    if any(not path.endswith("/__init__.py") for path in own):
        seen = {module.split(".")[0] for path, source in own.items() for _, module in imports(path, source)}
        assert lower in seen


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("dsl/ast.py", "import engine.facts"),
        ("dsl/checker/names.py", "from engine import facts"),
        ("dsl/model.py", "def later():\n    from api.app import create_app"),
        ("dsl/model.py", "if TYPE_CHECKING:\n    from policies.registry import store"),
        ("engine/facts.py", "from policies.registry.store import Store"),
        ("engine/facts.py", "import json, api"),
        ("policies/registry/store.py", "import api.app as app"),
        ("api/app.py", "from tests import corpus"),
        ("dsl/formatter.py", "import lark"),
        ("dsl/checker/parser.py", "from lark import Tree"),
        ("engine/compiler.py", "import durable.lang"),
        ("policies/registry/files.py", "from sqlalchemy import select"),
    ],
)
def test_a_wrong_import_is_found(path: str, source: str) -> None:
    assert len(problems(path, source)) == 1


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("dsl/parser.py", "import lark\nfrom lark.lexer import Token\nfrom .ast import Policy"),
        ("dsl/tables.py", "from lark import Lark"),
        ("dsl/checker/names.py", "from .. import model\nfrom ..source import Span\nfrom . import types"),
        ("engine/durable.py", "from durable.lang import ruleset\nfrom dsl.model import CheckedPolicy"),
        ("engine/durable_worker.py", "import durable.engine"),
        ("policies/registry/store/migrations/env.py", "from alembic import context"),
        ("policies/registry/store.py", "import sqlite3\nfrom engine import engines\nfrom dsl import parser"),
        (
            "api/cli.py",
            "import click\nfrom policies.registry import store\nfrom engine import facts\nimport dsl",
        ),
    ],
)
def test_a_right_import_passes(path: str, source: str) -> None:
    assert problems(path, source) == []


def test_relative_imports_are_resolved() -> None:
    source = "from . import a\nfrom .b import c\nfrom .. import d\nfrom ..e import f"
    found = [module for _, module in imports("dsl/checker/names.py", source)]
    assert found == ["dsl.checker", "dsl.checker.b", "dsl", "dsl.e"]
