"""Single edits of a policy, as an author makes them between two versions, each with what a diff has to say of it.

`edits(tree)` lists every edit of these kinds that a surface tree allows. Whether the checker accepts the edited
policy is for the caller to see: two lines that changed places may leave one of them out of reach.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from decimal import Decimal
from typing import Any

from dsl import ast


@dataclass(frozen=True)
class Edit:
    """An edited policy; the stable names of the rules that a diff may name, and how it may call the difference."""

    what: str
    tree: ast.Policy
    rules: frozenset[str]
    kind: str
    decides: bool


def edits(tree: ast.Policy) -> list[Edit]:
    """Every edit that a policy allows."""
    return [edit for make in MAKERS for edit in make(tree)]


def _key(name: ast.Declared) -> str:
    return name.word.text if name.alias is None else name.alias.text


def _with(tree: ast.Policy, at: int, node: ast.AnyStatement) -> ast.Policy:
    statements = list(tree.statements)
    statements[at] = node
    return replace(tree, statements=tuple(statements))


def _line(node: Any, at: int, *lines: Any) -> Any:
    """The statement with one of its lines replaced by these."""
    return replace(node, body=(*node.body[:at], *lines, *node.body[at + 1 :]))


def _more(value: ast.Number) -> ast.Number:
    """A number that is one more."""
    raised = value.value + 1
    return ast.Number(f"{raised:f}", raised)


# ---------------------------------------------------------------- scores and ladders


def _lines(tree: ast.Policy, kind: type[Any], line: type[Any]) -> Iterator[tuple[int, Any, int, Any]]:
    """Each line of a sort in each statement of a sort: the statement's place and itself, the line's too."""
    for at, node in enumerate(tree.statements):
        if isinstance(node, kind):
            for place, item in enumerate(node.body):
                if isinstance(item, line):
                    yield at, node, place, item


def points(tree: ast.Policy) -> Iterator[Edit]:
    """Other points."""
    for at, node, place, line in _lines(tree, ast.ScoreDecl, ast.PointsLine):
        if isinstance(line.points, ast.Number):
            other = _line(node, place, replace(line, points=_more(line.points)))
            rule = f"{_key(node.name)}.{_key(line.name)}"
            yield Edit("points", _with(tree, at, other), frozenset({rule}), "changed", True)


def fewer_points(tree: ast.Policy) -> Iterator[Edit]:
    """A line of points less."""
    for at, node, place, line in _lines(tree, ast.ScoreDecl, ast.PointsLine):
        if len(node.body) > 1:
            rule = f"{_key(node.name)}.{_key(line.name)}"
            yield Edit("removed", _with(tree, at, _line(node, place)), frozenset({rule}), "removed", True)


def more_points(tree: ast.Policy) -> Iterator[Edit]:
    """A line of points more."""
    for at, node, place, line in _lines(tree, ast.ScoreDecl, ast.PointsLine):
        added = replace(line, name=ast.Declared(ast.Word("one_more")))
        rule = f"{_key(node.name)}.one_more"
        yield Edit(
            "added", _with(tree, at, _line(node, place, line, added)), frozenset({rule}), "added", True
        )


def swapped_points(tree: ast.Policy) -> Iterator[Edit]:
    """Two lines of points change places: the sum stays what it was."""
    for at, node, place, line in _lines(tree, ast.ScoreDecl, ast.PointsLine):
        after = node.body[place + 1] if place + 1 < len(node.body) else None
        if isinstance(after, ast.PointsLine) and after.name is not None:
            other = _line(_line(node, place, after), place + 1, line)
            rules = frozenset(f"{_key(node.name)}.{_key(name)}" for name in (line.name, after.name))
            yield Edit("swapped points", _with(tree, at, other), rules, "moved", False)


def line_names(tree: ast.Policy) -> Iterator[Edit]:
    """Another name for a line."""
    for at, node, place, line in _lines(tree, ast.ScoreDecl, ast.PointsLine):
        other = _line(node, place, replace(line, name=ast.Declared(ast.Word("other_name"))))
        rule = f"{_key(node.name)}.other_name"
        yield Edit("line name", _with(tree, at, other), frozenset({rule}), "renamed", False)


def thresholds(tree: ast.Policy) -> Iterator[Edit]:
    """Another threshold."""
    for at, node, place, line in _lines(tree, ast.TiersDecl, ast.TierLine):
        if isinstance(line.threshold, ast.Number):
            other = _line(node, place, replace(line, threshold=_more(line.threshold)))
            rule = f"{_key(node.name)}.{_key(line.name)}"
            yield Edit("threshold", _with(tree, at, other), frozenset({rule}), "changed", True)


def limits(tree: ast.Policy) -> Iterator[Edit]:
    """A floor or a cap less."""
    for at, node, place, line in _lines(tree, ast.TiersDecl, ast.LimitLine):
        rule = f"{_key(node.name)}.{_key(line.name)}"
        yield Edit("limit", _with(tree, at, _line(node, place)), frozenset({rule}), "removed", True)


# ---------------------------------------------------------------- first match


def swapped(tree: ast.Policy) -> Iterator[Edit]:
    """Two lines of a value or a choice change places: the first that holds decides."""
    for at, node, place, line in _lines(tree, ast.ValueDecl | ast.ChoiceDecl, ast.OutcomeLine):  # type: ignore[arg-type]
        after = node.body[place + 1] if place + 1 < len(node.body) else None
        tags = isinstance(node, ast.ChoiceDecl) and node.kind == "TAGS"
        if not tags and isinstance(after, ast.OutcomeLine) and not after.otherwise:
            other = _line(_line(node, place, after), place + 1, line)
            names = [each.name or each.code for each in (line, after)]
            # A line without a name goes by its label or its condition.
            rules = frozenset(f"{_key(node.name)}.{'*' if name is None else _key(name)}" for name in names)
            yield Edit("swapped", _with(tree, at, other), rules, "moved", True)


def rows(tree: ast.Policy) -> Iterator[Edit]:
    """Other points in a row of a table."""
    for at, node, place, table in _lines(tree, ast.ScoreDecl, ast.Table):
        for number, row in enumerate(table.rows):
            cell = row.cells[-1]
            if isinstance(cell, ast.ListCell) and isinstance(cell.items[0], ast.Number):
                more = replace(row, cells=(*row.cells[:-1], ast.ListCell((_more(cell.items[0]),))))
                other = replace(table, rows=(*table.rows[:number], more, *table.rows[number + 1 :]))
                edited = _with(tree, at, _line(node, place, other))
                yield Edit("row", edited, frozenset({f"{_key(node.name)}.*"}), "changed", True)


# ---------------------------------------------------------------- benefits


def benefits(tree: ast.Policy) -> Iterator[Edit]:
    """Another value in a cell of the matrix."""
    for at, node in enumerate(tree.statements):
        if not isinstance(node, ast.MatrixDecl):
            continue
        table = node.tables[0]
        for number, row in enumerate(table.rows):
            first = len(row.cells) - len(table.head) + (2 if node.at else 1)
            for place in range(first, len(row.cells)):
                cell = row.cells[place]
                if isinstance(cell, ast.ListCell) and isinstance(cell.items[0], ast.Truth | ast.TextValue):
                    value = _other(cell.items[0])
                    cells = (*row.cells[:place], ast.ListCell((value,)), *row.cells[place + 1 :])
                    other = replace(
                        table,
                        rows=(*table.rows[:number], replace(row, cells=cells), *table.rows[number + 1 :]),
                    )
                    edited = _with(tree, at, replace(node, tables=(other,)))
                    yield Edit("cell", edited, frozenset({"benefits.*"}), "changed", True)


def _other(value: ast.Truth | ast.TextValue) -> ast.Expr:
    if isinstance(value, ast.Truth):
        return ast.Truth(not value.value)
    return ast.TextValue(ast.Label("something else"))


# ---------------------------------------------------------------- words and names


def labels(tree: ast.Policy) -> Iterator[Edit]:
    """Another label of a declaration."""
    for at, node in enumerate(tree.statements):
        if (
            isinstance(node, ast.FactDecl | ast.ScoreDecl | ast.TiersDecl | ast.SetDecl)
            and node.label is not None
        ):
            other = replace(node, label=ast.Label("Another label"))
            yield Edit("label", _with(tree, at, other), frozenset({_key(node.name)}), "changed", False)


def names(tree: ast.Policy) -> Iterator[Edit]:
    """Another name of a score, everywhere."""
    for node in tree.statements:
        if isinstance(node, ast.ScoreDecl):
            old, alias = node.name.word.text, None if node.name.alias is None else node.name.alias.text
            edited = _renamed(tree, {old: "other_name"})
            key = "other_name" if alias is None else alias
            yield Edit("name", edited, frozenset({key}), "renamed", alias is None)


def _renamed(node: Any, names: dict[str, str]) -> Any:
    """The tree with other words for some names."""
    if isinstance(node, ast.Word):
        return replace(node, text=names.get(node.text, node.text))
    if isinstance(node, tuple):
        return tuple(_renamed(item, names) for item in node)
    if not is_dataclass(node) or isinstance(node, type | Decimal):
        return node
    return replace(node, **{item.name: _renamed(getattr(node, item.name), names) for item in fields(node)})


def notes(tree: ast.Policy) -> Iterator[Edit]:
    """A comment more."""
    for at, node in enumerate(tree.statements):
        other = replace(node, notes=ast.Notes(("why it is so",), "as agreed"))
        yield Edit("comment", _with(tree, at, other), frozenset(), "", False)


Makers = tuple[Callable[[ast.Policy], Iterator[Edit]], ...]

MAKERS: Makers = (
    points,
    fewer_points,
    more_points,
    swapped_points,
    line_names,
    thresholds,
    limits,
    swapped,
    rows,
    benefits,
    labels,
    names,
    notes,
)

# Edits after which everybody is graded as before.
HARMLESS: Makers = (swapped_points, line_names, labels, names, notes)
