"""What a story expects of movement, held against a decision of its day: the tier that the facts alone give, and
what happened on the day.

`expect grade moves down` is met by a move of that day, whatever happened in between; a move of an earlier day is
told beside what was missed, since a story that names the wrong day is the commonest slip.
"""

from __future__ import annotations

from dataclasses import dataclass

from dsl.diagnostics import Lang
from dsl.keywords import spelling
from dsl.model import CheckedPolicy, Expectation, Ladder
from engine.decision import NOT_APPLICABLE, Decision, Possible, Shown
from engine.facts_problems import Both
from engine.movement.answers import Happened
from engine.movement.called import tier_words
from engine.movement.states import TransitionKind

# What moves somebody; a story's `stays` is met where none of these happened.
MOVES = ("enter", "up", "down", "leave")

EXPECTED: dict[str, tuple[Both, Both]] = {
    "enter": (("to enter", "进入等级"), ("to enter at {}", "定级为 {}")),
    "up": (("to move up", "升级"), ("to move up to {}", "升为 {}")),
    "down": (("to move down", "降级"), ("to move down to {}", "降为 {}")),
    "leave": (("to be left", "退出等级"), ("to be left", "退出等级")),
    "notice": (("to give notice", "发出降级通知"), ("to give notice of {}", "通知将降为 {}")),
    "withdraw": (("to withdraw the notice", "撤回通知"), ("to withdraw the notice", "撤回通知")),
    "renew": (("to be renewed", "续期"), ("to be renewed", "续期")),
    "stay": (("to stay", "保持不变"), ("to stay", "保持不变")),
}

# What did happen, as a short text; a tier fills it in.
HAPPENED: dict[TransitionKind, Both] = {
    "enter": ("enters at {}", "定级为 {}"),
    "up": ("moves up to {}", "升为 {}"),
    "down": ("moves down to {}", "降为 {}"),
    "leave": ("is not graded any more", "不再分级"),
    "notice": ("notice of {} is given", "通知将降为 {}"),
    "withdraw": ("the notice is withdrawn", "撤回通知"),
    "renew": ("is renewed", "续期"),
    "postpone": ("the review is postponed", "复核推迟"),
    "override": ("an override begins", "人工干预开始"),
    "override_end": ("an override is over", "人工干预到期"),
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One expectation that was not met: what was expected of what, and what came, as short texts.

    `plain` says of both that they are values: `was expected to be …, but is …`.
    """

    expectation: Expectation
    name: str
    expected: Both
    got: Both
    plain: bool = True

    def message(self, lang: Lang = "en") -> str:
        """The difference in a sentence."""
        if lang == "zh":
            join = "应为 {}，实为 {}" if self.plain else "应{}，实际：{}"
            return f"`{self._named(lang)}` " + join.format(self.expected[1], self.got[1])
        join = "to be {}, but is {}" if self.plain else "{}, but {}"
        return f"`{self._named(lang)}` was expected " + join.format(self.expected[0], self.got[0])

    def _named(self, lang: Lang) -> str:
        computed = self.expectation.of == "computed"
        return f"{spelling('COMPUTED', lang)} {self.name}" if computed else self.name


def computed(decision: Decision, key: str) -> Shown:
    """The tier that the facts alone give on a ladder; what it may be, where that is undecided."""
    if decision.over_time is None or key not in decision.over_time.states:
        outcome = decision.tiers[key]
        return outcome.tier if outcome.tier is not None else Possible(outcome.possible)
    surely, found = decision.over_time.ladders[key].computed, decision.over_time.states[key].outcome
    if not found.graded:
        return NOT_APPLICABLE
    return Possible(found.possible) if surely is None else surely


def difference(policy: CheckedPolicy, decision: Decision, expectation: Expectation) -> Difference | None:
    """What a move that was expected differs in from what happened on the day; None where it did happen."""
    kind, *tiers = (str(value) for value in expectation.values)
    own = [each for each in _happened(decision) if each.ladder == expectation.key]
    today = [each for each in own if each.on == decision.as_of]
    if kind == "stay":
        met = not any(each.kind in MOVES for each in today)
    else:
        met = any(each.kind == kind and (not tiers or each.after == tiers[0]) for each in today)
    if met:
        return None
    ladder = policy.ladders[expectation.key]
    plain, leading = EXPECTED[kind]
    expected = _filled(leading, ladder, tiers[0]) if tiers else plain
    return Difference(expectation, ladder.name, expected, _got(ladder, today, own), plain=False)


def _happened(decision: Decision) -> tuple[Happened, ...]:
    return () if decision.over_time is None else decision.over_time.transitions


def _got(ladder: Ladder, today: list[Happened], own: list[Happened]) -> Both:
    """What happened on the day; where nothing did, what happened since the date before, with its days."""
    told = [_filled(HAPPENED[each.kind], ladder, each.after) for each in today or own]
    if not told:
        return "nothing happened", "未发生变动"
    if today:
        return "; ".join(en for en, _ in told), "、".join(zh for _, zh in told)
    dated = [(f"{en} on {each.on}", f"{each.on} {zh}") for (en, zh), each in zip(told, own, strict=True)]
    en, zh = "; ".join(en for en, _ in dated), "、".join(zh for _, zh in dated)
    return f"nothing happened on that day: {en}", f"当日未发生变动：{zh}"


def _filled(words: Both, ladder: Ladder, tier: str | None) -> Both:
    return words[0].format(tier_words(ladder, tier, "en")), words[1].format(tier_words(ladder, tier, "zh"))
