"""Movement in the plainest way there is: a walk over every single day, written from the rulings and not from the engine.

No day is skipped, dates are looked for by trying day after day, and nothing is shared with `engine.movement` but its records. The tests hold
`move` against it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from dsl.model.movement import Lapse, Movement, Part
from engine.movement.states import Notice, Outcome, Override

ONE = timedelta(days=1)


class Walk:
    """A customer on one ladder, brought forward a day at a time. `log` has (day, kind, before, after) of all that happened."""

    def __init__(self, movement: Movement, tiers: str) -> None:
        self.movement, self.tiers = movement, tiers
        self.tier: str | None = None
        self.since: date | None = None
        self.through: date | None = None
        self.postponed: date | None = None
        self.notice: Notice | None = None
        self.missed, self.waits = 0, False
        self.overrides: dict[str, Override] = {}
        self.to_come: list[Override] = []
        self.held: str | None = None
        # The tier held on each day.
        self.days: dict[date, str | None] = {}
        self.log: list[tuple[date, str, str | None, str | None]] = []

    def run(self, outcomes: Mapping[date, Outcome], given: Mapping[date, Override], last: date) -> None:
        """Every day from the first outcome's through `last`; an outcome holds until the next one."""
        day, outcome = min(outcomes), Outcome(None)
        while day <= last:
            outcome = outcomes.get(day, outcome)
            self.one_day(day, outcome)
            self.lay_over(day, given.get(day))
            self.days[day] = self.held
            day += ONE

    # ------------------------------------------------------------ a day

    def one_day(self, day: date, outcome: Outcome) -> None:
        if not outcome.graded:
            if self.tier is not None:
                self.place(day, "leave", None)
            return
        if self.tier is None:
            if outcome.reached is not None:
                self.place(day, "enter", max(outcome.reached, outcome.cap or outcome.reached))
            return
        review = self.is_review(day, outcome) or self.postponed is not None
        frozen = outcome.held_by is not None and not (outcome.held_until and day > outcome.held_until)
        target = self.target(outcome)
        if frozen or target is None:
            if review and self.postponed is None:
                self.postponed = day
                self.note(day, "postpone", self.tier)
            if target is not None and target <= self.tier:
                self.withdraw(day)
                self.stay_valid(day)
            return
        if review:
            self.postponed, self.waits = None, False
        self.act(day, outcome, review)

    def act(self, day: date, outcome: Outcome, review: bool) -> None:
        start = self.tier
        self.drop_at_once(day, outcome)
        review = review and self.tier == start
        self.go_up(day, outcome, review)
        self.due_notice(day, outcome)
        review = review and self.tier == start
        target = self.target(outcome)
        if target is not None and self.tier is not None and target > self.tier:
            self.missed += review
            self.go_down(day, target, review)
        else:
            if review:
                self.missed = 0
                self.renew(day)
            self.stay_valid(day)

    def drop_at_once(self, day: date, outcome: Outcome) -> None:
        if outcome.reached is None or self.tier is None:
            return
        goals = [outcome.cap] if outcome.cap else []
        for drop in self.movement.drops:
            if drop.rule in outcome.drops and not (drop.most and self.since == day):
                reached = max(outcome.reached, outcome.cap or outcome.reached)
                goals.append(self.steps_down(reached, drop.most, drop.floor))
        if goals and max(goals) > self.tier:
            self.place(day, "down", max(goals))

    def go_up(self, day: date, outcome: Outcome, review: bool) -> None:
        target, up = self.target(outcome), self.movement.up
        if target is None or self.tier is None or target >= self.tier:
            return
        if up.at == "review":
            allowed = review
        elif up.most and self.movement.review is None:
            allowed = self.since != day
        else:
            allowed = review or not self.waits
        if allowed:
            rank = self.tiers.index(self.tier) - (up.most or 99)
            self.place(day, "up", max(target, self.tiers[max(rank, 0)]))
            self.waits = self.waits or (
                up.at == "once" and up.most is not None and self.movement.review is not None
            )

    def due_notice(self, day: date, outcome: Outcome) -> None:
        if self.notice is None or self.tier is None:
            return
        target = self.target(outcome)
        if target is None or target <= self.tier:
            self.withdraw(day)
        elif self.notice.due <= day:
            down, given = self.movement.down, self.notice.given
            goal = min(self.notice.to, self.steps_down(target, down.most, down.floor))
            if goal > self.tier:
                self.place(day, "down", goal, given)
            else:
                self.withdraw(day)

    def go_down(self, day: date, target: str, review: bool) -> None:
        down, movement = self.movement.down, self.movement
        if self.notice is not None or (down.at == "review" and not (review and self.missed >= down.after)):
            return
        goal = self.steps_down(target, down.most, down.floor)
        if self.tier is None or goal <= self.tier:
            return
        due = day
        if movement.until and self.through:
            due = max(due, self.with_grace(self.through) + ONE)
        if movement.notice:
            due = max(due, shifted(day, movement.notice.length))
        free = self.free_from()
        if due < free:
            if down.at == "review":
                return
            due = free
        if due > day:
            self.notice = Notice(goal, day, due)
            self.note(day, "notice", goal)
        elif not (down.at == "once" and down.most and self.since == day):
            self.place(day, "down", goal)

    # ------------------------------------------------------------ overrides

    def lay_over(self, day: date, given: Override | None) -> None:
        """After the day's own movement: what is laid over it, and the tier that is held."""
        before = self.held
        began = before if before is not None else self.tier
        self.overrides = {kind: each for kind, each in self.overrides.items() if each.end >= day}
        for each in self.to_come:
            if each.start == day:
                self.overrides[each.kind] = each._replace(tier=each.tier or began)
        self.to_come = [each for each in self.to_come if each.start > day]
        if given is not None and given.start > day:
            self.to_come = [
                each for each in self.to_come if (each.kind, each.start) != (given.kind, given.start)
            ]
            self.to_come.append(given)
        elif given is not None and given.end >= day:
            self.overrides[given.kind] = given._replace(tier=given.tier or began)
        active = {kind: each.tier for kind, each in self.overrides.items()}
        held = self.tier
        if held is not None:
            held = active.get("freeze") or held
        held = active.get("set") or held
        if held is not None:
            held = min(held, active.get("retain") or held)
            held = min(held, active.get("floor") or held)
        self.held = held

    def known(self) -> set[Override]:
        """Every override in force or to come, with the day on which it will really be over: the next of its kind ends it."""
        found = [*self.overrides.values(), *self.to_come]
        return {
            each._replace(
                end=min(
                    each.end,
                    *(
                        other.start - ONE
                        for other in self.to_come
                        if other.kind == each.kind and other.start > each.start
                    ),
                    date.max,
                )
            )
            for each in found
        }

    # ------------------------------------------------------------ rules

    def target(self, outcome: Outcome) -> str | None:
        """The tier that the outcome gives who holds this one; None where nobody can say whether it is lower."""
        assert self.tier is not None
        if outcome.reached is not None:
            return self.given_by(outcome.reached, outcome)
        targets = [self.given_by(each, outcome) for each in outcome.possible]
        return self.tier if targets and all(each <= self.tier for each in targets) else None

    def given_by(self, reached: str, outcome: Outcome) -> str:
        assert self.tier is not None
        cap = outcome.cap or self.tiers[0]
        reached = max(reached, cap)
        if reached <= self.tier:
            return reached
        return min([reached, *(each for each in outcome.keeps if each >= self.tier and each >= cap)])

    def steps_down(self, goal: str, most: int | None, floor: str | None) -> str:
        """One tier at a time from the one held, as long as the rule allows."""
        assert self.tier is not None
        at, steps = self.tier, 0
        while at < goal and (most is None or steps < most) and (floor is None or at < floor):
            at, steps = self.tiers[self.tiers.index(at) + 1], steps + 1
        return at

    def place(self, day: date, kind: str, tier: str | None, decided: date | None = None) -> None:
        self.note(day, kind, tier)
        self.tier, self.since = tier, day
        self.through = self.valid(decided or day) if tier is not None else None
        if self.through is not None and self.through < day:
            self.through = self.valid(day)
        self.missed, self.notice, self.postponed = 0, None, None
        if kind in ("enter", "leave"):
            self.waits = False

    def withdraw(self, day: date) -> None:
        if self.notice is not None:
            self.notice = None
            self.note(day, "withdraw", self.tier)

    def renew(self, day: date) -> None:
        if self.movement.until and self.movement.review and self.valid(day) != self.through:
            self.through = self.valid(day)
            self.note(day, "renew", self.tier)

    def stay_valid(self, day: date) -> None:
        if self.movement.until and self.movement.review is None:
            self.through = self.valid(day)

    def note(self, day: date, kind: str, after: str | None) -> None:
        self.log.append((day, kind, self.tier, after))

    # ------------------------------------------------------------ days

    def is_review(self, day: date, outcome: Outcome) -> bool:
        review = self.movement.review
        if review is None or self.since is None or day <= self.since:
            return False
        if review.every == "year":
            return (day.month, day.day) in review.dates
        if review.every == "anniversary":
            of = self.since if review.of is None else outcome.anniversary
            leap = of is not None and (of.month, of.day) == (2, 29) and not is_leap(day.year)
            return of is not None and (day.month, day.day) == ((2, 28) if leap else (of.month, of.day))
        months = (1, 4, 7, 10) if review.every == "quarter" else range(1, 13)
        last = (day + ONE).month != day.month
        return day.month in months and (day.day == review.day or (last and day.day < review.day))

    def valid(self, day: date) -> date | None:
        until = self.movement.until
        if until is None:
            return None
        day = shifted(day, until.later)
        if until.end_of == "next year":
            return longer(date(day.year + 1, 12, 31), until.plus)
        return longer(last_of(day, until.end_of), until.plus)

    def with_grace(self, day: date) -> date:
        grace = self.movement.grace
        if grace is None:
            return day
        day = longer(day, grace.length)
        return last_of(day, grace.to) if grace.to else day

    def free_from(self) -> date:
        assert self.since is not None
        if self.movement.at_least is None:
            return self.since
        free = shifted(self.since, self.movement.at_least.length)
        if self.movement.until or not self.movement.grace:
            return free
        free = shifted(free, self.movement.grace.length)
        return last_of(free - ONE, self.movement.grace.to) + ONE if self.movement.grace.to else free


def is_leap(year: int) -> bool:
    return (date(year, 3, 1) - ONE).day == 29


def last_of(day: date, part: Part) -> date:
    """The last day of a month, quarter or year, found by walking there."""
    ends = {"month": range(1, 13), "quarter": (3, 6, 9, 12), "year": (12,)}[part]
    while not (day.month in ends and (day + ONE).month != day.month):
        day += ONE
    return day


def shifted(day: date, lapse: Lapse) -> date:
    """So many months later, on the same day or the last that there is, and then so many days."""
    wanted = day.day
    for _ in range(lapse.months):
        day = last_of(day, "month") + ONE
    while day.day < wanted and (day + ONE).month == day.month:
        day += ONE
    return day + timedelta(days=lapse.days)


def longer(day: date, lapse: Lapse) -> date:
    """What ends with a month ends with another so many months later, and then so many days."""
    if (day + ONE).day == 1:
        return shifted(day + ONE, Lapse(lapse.months)) - ONE + timedelta(days=lapse.days)
    return shifted(day, lapse)
