"""What reads what: an order in which each thing comes after what it reads, and rings, which have none.

While expressions are lowered, every reading of a value, score, ladder, choice or tags is noted in
`ctx.reads`; that graph is exact. Only values whose type is left out need an order beforehand, and for them
the words that they contain are near enough. Everything here goes through the graph with a list of its own
instead of recursion: a policy may be a chain of thousands.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass

from dsl import ast
from dsl.checker.context import Context
from dsl.messages import names as messages

Graph = Mapping[str, Iterable[str]]


def in_reading_order(ctx: Context, nodes: list[ast.ValueDecl]) -> list[ast.ValueDecl]:
    """Values without a written type, those first that others mention; in a ring as they stand."""
    by_name = {word.text: node for node in nodes for word in (node.name.word, node.name.alias) if word}
    graph = {
        node.name.word.text: [by_name[word].name.word.text for word in words_in(ctx, node) if word in by_name]
        for node in nodes
    }
    return [by_name[name] for name in topological(graph)]


def words_in(ctx: Context, node: object) -> Iterator[str]:
    """Every name that is used somewhere below a node of the surface tree, except values of what stands left
    of them.
    """
    left: list[object] = [node]
    while left:
        at = left.pop()
        match at:
            case ast.Ref(word=word):
                yield word.text
            case tuple():
                left.extend(at)
            case ast.Compare(left=ast.Ref() as owner, right=ast.Ref() as value):
                left.extend([owner] if _is_member(ctx, owner, value) else [owner, value])
            case ast.In(inner=ast.Ref() as owner, items=items):
                left += [owner, *(item for item in items if not _is_member(ctx, owner, item))]
            case _ if is_dataclass(at):
                left.extend(getattr(at, field.name) for field in fields(at) if field.name != "span")


def _is_member(ctx: Context, owner: ast.Ref, value: ast.Expr) -> bool:
    symbol = ctx.symbols.get(owner.word.text)
    if symbol is None or symbol.type is None or not isinstance(value, ast.Ref):
        return False
    return symbol.type.member(value.word.text) is not None


def topological(graph: Graph) -> list[str]:
    """The keys of a graph, each after those that it reads as far as there is such an order; else as they
    stand.
    """
    done: list[str] = []
    seen: set[str] = set()
    for start in graph:
        path = [] if start in seen else [(start, iter(graph[start]))]
        seen.add(start)
        while path:
            key, reads = path[-1]
            following = next((each for each in reads if each in graph and each not in seen), None)
            if following is None:
                done.append(key)
                path.pop()
            else:
                seen.add(following)
                path.append((following, iter(graph[following])))
    return done


def report_rings(ctx: Context, keys: Iterable[str]) -> set[str]:
    """Reports each ring of declarations that read each other, in words; the keys that lie in one."""
    graph = {key: list(ctx.reads.get(key, ())) for key in keys}
    in_rings: set[str] = set()
    for component in _components(graph):
        first = component[0]
        if len(component) == 1 and first not in graph[first]:
            continue
        in_rings.update(component)
        start = min(component, key=lambda key: ctx.symbols[key].span.start)
        ring = _shortest_ring(graph, start, set(component))
        names = [ctx.symbols[key].name for key in ring]
        words = " → ".join([*names, names[0]])
        also = tuple(ctx.symbols[key].span for key in ring[1:])
        hint = None
        if moving := [ctx.symbols[key].name for key in ring if key in ctx.moving]:
            said = f"held {moving[0]}", f"现有 {moving[0]}"
            hint = (
                f"its movement asks for the tier before the day with `{said[0]}`",
                f"升降级里请写 `{said[1]}`",
            )
        ctx.report.add(
            messages.RING, ctx.symbols[start].span, also=also, hint=hint, name=names[0], ring=words
        )
    return in_rings


def _shortest_ring(graph: Graph, start: str, within: set[str]) -> list[str]:
    """The shortest way from a key back to itself."""
    came: dict[str, str] = {}
    queue = deque([start])
    while queue:
        at = queue.popleft()
        for key in graph[at]:
            if key == start:
                ring = [at]
                while ring[-1] != start:
                    ring.append(came[ring[-1]])
                return ring[::-1]
            if key in within and key not in came:
                came[key] = at
                queue.append(key)
    raise AssertionError("a component without a ring")


def _components(graph: Mapping[str, list[str]]) -> Iterator[list[str]]:
    """The strongly connected components, by Tarjan's algorithm with a list for its stack."""
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    for start in graph:
        path: list[tuple[str, Iterator[str]]] = []
        _enter(start, number, low, stack, on_stack, path, graph)
        while path:
            key, reads = path[-1]
            following = next((each for each in reads if each in graph), None)
            if following is None:
                path.pop()
                if path:
                    low[path[-1][0]] = min(low[path[-1][0]], low[key])
                if low[key] == number[key]:
                    yield _popped(key, stack, on_stack)
            elif following not in number:
                _enter(following, number, low, stack, on_stack, path, graph)
            elif following in on_stack:
                low[key] = min(low[key], number[following])


def _enter(
    key: str,
    number: dict[str, int],
    low: dict[str, int],
    stack: list[str],
    on_stack: set[str],
    path: list[tuple[str, Iterator[str]]],
    graph: Mapping[str, list[str]],
) -> None:
    if key not in number:
        number[key] = low[key] = len(number)
        stack.append(key)
        on_stack.add(key)
        path.append((key, iter(graph[key])))


def _popped(key: str, stack: list[str], on_stack: set[str]) -> list[str]:
    component = [stack.pop()]
    while component[-1] != key:
        component.append(stack.pop())
    on_stack.difference_update(component)
    return component
