"""From two rules, or two lists of rules, to the differences between them.

Every part of a policy is compared in the same few ways: an option that has another value, words that read
otherwise, rules that came, went or moved. Those ways stand here; what a part consists of stands in the module
of that part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from dsl.model import Text
from dsl.records import record
from dsl.source import NOWHERE, Span
from policies.registry.diff import words
from policies.registry.diff.difference import Difference, Group, Said, plain
from policies.registry.diff.matching import Aspect, Item, Matched, match, moved
from policies.registry.diff.shapes import words_of


@record
class About:
    """What the differences to come are about: a rule in both versions, and how sentences call it."""

    group: Group
    rule: str
    subject: Said
    within: Said | None = None
    span_before: Span = NOWHERE
    span_after: Span = NOWHERE


# ---------------------------------------------------------------- options and words


def changed(
    about: About, what: str, before: Said | None, after: Said | None, *, decides: bool = True
) -> Difference:
    """A difference in one thing that a rule says.

    Where two texts read alike in one language, because only their other spelling differs, both languages
    show that other one.
    """
    if before is not None and after is not None and (before.en == after.en) != (before.zh == after.zh):
        before, after = (plain(each.zh if before.en == after.en else each.en) for each in (before, after))
    return Difference(
        "changed",
        about.group,
        about.rule,
        what,
        about.subject,
        about.within,
        before,
        after,
        decides,
        about.span_before,
        about.span_after,
    )


def option(
    about: About,
    what: str,
    old: object,
    new: object,
    say: Callable[[object], Said | None],
    *,
    decides: bool = True,
) -> Iterator[Difference]:
    """An option that has another value; `say` puts either into words."""
    if old != new:
        yield changed(about, what, say(old), say(new), decides=decides)


def flag(about: About, what: str, old: bool, new: bool, *, decides: bool = True) -> Iterator[Difference]:
    """An option that is there or not."""
    yield from option(about, what, old, new, lambda on: words.keyword("YES" if on else "NO"), decides=decides)


def text(about: About, what: str, old: Text | None, new: Text | None) -> Iterator[Difference]:
    """A label or another text that people read. That its translation comes first now is no difference."""
    if words_of(old) == words_of(new):
        return
    if old is not None and new is not None and old.text == new.text:
        # Only the translation is another: it is shown behind the text that it belongs to.
        before, after = words.label_in_full(old), words.label_in_full(new)
        yield changed(about, what, before, after, decides=False)
    else:
        yield changed(about, what, _label(old, new), _label(new, old), decides=False)


def _label(shown: Text | None, other: Text | None) -> Said | None:
    """A label in the reader's language; where both read alike in that one, in the other."""
    if shown is None:
        return None
    mine, its = words_of(shown), words_of(other)
    if mine is not None and its is not None and (mine.en == its.en) != (mine.zh == its.zh):
        return words.quoted(mine.zh if mine.en == its.en else mine.en)
    return words.label(shown)


def renamed(about: About, before: Said, after: Said, *, decides: bool) -> Difference:
    """A name that is another, of what is otherwise the same."""
    return replace(changed(about, "name", before, after, decides=decides), kind="renamed")


# ---------------------------------------------------------------- lists of rules


@record
class Rules:
    """The rules of one statement: `items` are those of the old version and those of the new one.

    `ordered` says that the first that holds decides, so that one that moved may decide otherwise; None, that
    their order says nothing at all. `decides` is false for rules that no decision reads.
    """

    group: Group
    items: Sequence[Sequence[Item]]
    within: Said | None = None
    ordered: bool | None = True
    decides: bool = True

    def matched(self) -> Matched:
        """Which rule of the new version is which of the old one."""
        return match(*self.items)

    def differences(self, matched: Matched | None = None) -> Iterator[Difference]:
        """Rules removed, added, changed, renamed and moved; `matched`, where somebody has that already."""
        old, new = self.items
        found = matched or self.matched()
        for at in found.removed:
            yield self._gone(old[at])
        for at in found.added:
            yield self._come(new[at])
        for at, other in found.pairs:
            yield from self._pair(old[at], new[other])
        if self.ordered is not None:
            for at, other in sorted(moved(found.pairs), key=lambda pair: pair[1]):
                yield self._moved(old[at], new[other], new[other + 1 : other + 2])

    def about(self, old: Item, new: Item) -> About:
        """A rule that both versions have."""
        return About(self.group, new.rule, new.called(), self.within, old.span, new.span)

    def _gone(self, old: Item) -> Difference:
        about = About(self.group, old.rule, old.called(), self.within, old.span)
        told = changed(about, "rule", old.content(), None, decides=self.decides)
        return replace(told, kind="removed")

    def _come(self, new: Item) -> Difference:
        about = About(self.group, new.rule, new.called(), self.within, span_after=new.span)
        told = changed(about, "rule", None, new.content(), decides=self.decides)
        return replace(told, kind="added")

    def _pair(self, old: Item, new: Item) -> Iterator[Difference]:
        if _same(old, new):
            return
        about = self.about(old, new)
        if old.name != new.name and (
            old.written() or new.written() or words_of(old.label) != words_of(new.label)
        ):
            # A name made from what the rule says changes with it, and that is said already.
            yield renamed(about, plain(_last(old.rule)), plain(_last(new.rule)), decides=False)
        yield from self._aspects(about, old.aspects, new.aspects)
        yield from text(about, "label", old.label, new.label)

    def _aspects(
        self, about: About, old: tuple[Aspect, ...], new: tuple[Aspect, ...]
    ) -> Iterator[Difference]:
        """What the two say; a thing that only one of them says is `none` in the other."""
        before, after = {each.what: each for each in old}, {each.what: each for each in new}
        for what in dict.fromkeys([*before, *after]):
            one, other = before.get(what), after.get(what)
            if one is None or other is None or one.shape != other.shape:
                said = (None if each is None else each.said() for each in (one, other))
                decides = self.decides and any(each.decides for each in (one, other) if each is not None)
                if (
                    one is not None
                    and other is not None
                    and _one_kept(words_of(one.text), words_of(other.text))
                ):
                    decides = False
                yield changed(about, what, *said, decides=decides)

    def _moved(self, old: Item, new: Item, next_: Sequence[Item]) -> Difference:
        follower = next_[0].called() if next_ else None
        decides = self.decides and bool(self.ordered)
        return replace(changed(self.about(old, new), "order", None, follower, decides=decides), kind="moved")


def _same(old: Item, new: Item) -> bool:
    """Whether nothing is another: so it is with most rules."""
    return (
        old.name == new.name
        and [(each.what, each.shape) for each in old.aspects]
        == [(each.what, each.shape) for each in new.aspects]
        and words_of(old.label) == words_of(new.label)
    )


def _one_kept(old: Said | None, new: Said | None) -> bool:
    """Whether a text kept one of its spellings, so that only its translation is another."""
    return old is not None and new is not None and (old.en == new.en or old.zh == new.zh)


def _last(rule: str) -> str:
    """What a rule is called within its statement."""
    return rule.rpartition(".")[2]
