"""Protected facts: where they decide, followed through values, scores, choices and ladders.

A score, a tier, a benefit or movement that a protected fact decides is an error that names the chain; so is
`applies when`, which decides whether there is a tier at all. In segments, tags, advice and lifecycles it is a
warning. One chain is one problem: what lies on the way of a chain that has been reported is not reported
again.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Literal

from dsl import ast
from dsl.checker.lints_unused import words_over_time
from dsl.diagnostics import Code, Diagnostic, Report
from dsl.messages import lints as messages
from dsl.model import CheckedPolicy, Fact
from dsl.source import Span
from dsl.walk import Place, places

Node = tuple[str, str]

# What `dsl.walk` calls `applies when`.
APPLIES = "applies"

# Protected facts that are followed one by one; a policy has a handful.
MOST_FOLLOWED = 50


def protected(policy: CheckedPolicy, tree: ast.Policy) -> list[Diagnostic]:
    """Every place that a protected fact decides."""
    facts = [fact for fact in policy.facts.values() if fact.protected][:MOST_FOLLOWED]
    if not facts:
        return []
    report = Report()
    everything = _in_order(policy)
    reads = {_node(place): _direct(place, policy) for place in everything}
    for fact in facts:
        _Trace(policy, fact, everything, reads, report).run(tree)
    return report.items


def _in_order(policy: CheckedPolicy) -> list[Place]:
    """Places so that each comes after what it reads."""
    order = {key: at for at, key in enumerate(policy.order)}
    return sorted(
        places(policy), key=lambda place: order.get(place.key, len(order)) if _declares(place) else len(order)
    )


def _declares(place: Place) -> bool:
    return place.of in ("value", "score", "ladder", "choice", "tags")


def _node(place: Place) -> Node:
    return place.of, place.key


def _direct(place: Place, policy: CheckedPolicy) -> dict[Node, Span]:
    """What a place reads itself, with where it does. A benefit for some tiers reads their ladder."""
    found: dict[Node, Span] = {}
    for read in place.reads():
        found.setdefault((read.of, read.key), read.span)
    if place.of == "benefit":
        for grant in policy.benefits[place.key].grants:
            if grant.ladder is not None:
                found.setdefault(("ladder", grant.ladder), grant.span)
    return found


def _shown(name: str, lang: Literal[0, 1] = 0) -> str:
    """The name of a place; `applies when`, which has none, by its keyword in English (0) or Chinese (1)."""
    return ("applies when", "适用于")[lang] if name == APPLIES else name


class _Trace:
    """One protected fact, followed through a policy."""

    def __init__(
        self,
        policy: CheckedPolicy,
        fact: Fact,
        everything: list[Place],
        reads: dict[Node, dict[Node, Span]],
        report: Report,
    ) -> None:
        self.policy = policy
        self.fact = fact
        self.places = everything
        self.names = {_node(place): place.name for place in everything}
        self.reads = reads
        self.report = report
        self.source: Node = ("fact", fact.key)
        # What each place reads that leads to the fact: the next link of its chain.
        self.next: dict[Node, Node] = {}
        self.told: set[Node] = set()

    def run(self, tree: ast.Policy) -> None:
        for place in self.places:
            for read in self.reads[_node(place)]:
                if read == self.source or read in self.next:
                    self.next.setdefault(_node(place), read)
        self._over_time(tree)
        # The farthest first: its chain names what lies nearer.
        for kinds in (("ladder", "score"), ("movement", "benefit", "applies"), ("choice", "tags", "advice")):
            for place in reversed(self.places):
                if place.of in kinds and _node(place) in self.next:
                    self._tell(place)

    def _tell(self, place: Place) -> None:
        node = _node(place)
        chain = [node]
        while chain[-1] != self.source:
            if chain[-1] in self.told:
                # From here on it has been reported: what reads a tier is not asked again why the tier is so.
                return
            chain.append(self.next[chain[-1]])
        if place.of not in ("choice", "tags", "advice"):
            self.told.update(chain[:-1])
        decides = place.of in ("score", "ladder", "movement", "benefit", "applies")
        code = messages.PROTECTED_DECIDES if decides else messages.PROTECTED_ELSEWHERE
        names = [place.name, *(self._name(link) for link in chain[1:])]
        self._say(code, self.reads[node][chain[1]], place.name, names)

    def _over_time(self, tree: ast.Policy) -> None:
        """Lifecycles and watches, which are kept as they were written."""
        carriers = {self._name(node): node for node in (*self.next, self.source)}
        # The fact's alias names it too.
        carriers.setdefault(self.fact.key, self.source)
        for statement, word in words_over_time(tree):
            if (node := carriers.get(word.text)) is None or node[0] == "ladder":
                continue
            names = [statement.name.text, *self._chain_names(node)]
            self._say(messages.PROTECTED_ELSEWHERE, word.span, statement.name.text, names)

    def _chain_names(self, node: Node) -> Iterator[str]:
        yield self._name(node)
        while node != self.source:
            node = self.next[node]
            yield self._name(node)

    def _name(self, node: Node) -> str:
        return self.fact.name if node == self.source else self.names[node]

    def _say(self, code: Code, span: Span, name: str, names: list[str]) -> None:
        links = list(pairwise(names))
        en = ", ".join(f"`{_shown(reader)}` reads `{read}`" for reader, read in links)
        zh = "，".join(f"`{_shown(reader, 1)}` 读取 `{read}`" for reader, read in links)
        shown = (("name", _shown(name)), ("name_zh", _shown(name, 1)))
        words = (("fact", self.fact.name), *shown, ("chain", en), ("chain_zh", zh))
        # Built here and not by `diagnose`, which would cut a chain short.
        self.report.items.append(Diagnostic(code, span, words, (self.fact.span,)))
