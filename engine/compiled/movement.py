"""Movement, as generated code: what the facts say of a ladder, the step that they bring, and what is said of it.

A ladder that moves is followed as soon as it is worked out: its `Outcome` is put together of conditions that are all known (where one is
not, the reference answers), `engine.movement.move` makes the step, and the tier held stands for the ladder in all that comes after. There
is no rule of movement here.

Most customers stay where the facts have them, and nothing is to be told of them but that: this is written out. Whatever else there is to
say, `telling.py` says in the reference's own words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, repeat

from dsl.model import CheckedPolicy, Expr, Hold, Ladder, Movement, Read
from engine.compiled.draft import GIVEN, Draft, Fragment, Step
from engine.compiled.expressions import expression
from engine.compiled.shapes import Shape, Standing
from engine.expressions import parts
from engine.movement.states import NOT_GRADED, Outcome, State

USUAL = Outcome(None)
# What may be said beside the tier; what else there is depends on these.
SAID = ("keeps", "held_by", "drops", "cap", "anniversary")


def asked_before(draft: Draft, key: str) -> str:
    """Python for the tier that was held on a ladder before the day. Of who held none the reference tells."""
    movement = draft.constant(draft.policy.movements[key])
    return f"held_before({movement}, {_tiers(draft, key)}, states.get({draft.constant(key)}), day)"


def _tiers(draft: Draft, key: str) -> str:
    return draft.constant(tuple(tier.key for tier in draft.policy.ladders[key].tiers))


def follow(shape: Shape, ladder: Ladder) -> None:
    """Moves the customer on a ladder that has been worked out: what reads it from here on reads the tier held."""
    draft = shape.draft
    movement = draft.policy.movements.get(ladder.key)
    if movement is None or not draft.variant.moving:
        return
    reached = draft.variables["", ladder.key].text
    said = draft.fresh("y")
    usual = _outcome(draft, movement, ladder, reached, said)
    step = _stepped(draft, movement, reached, usual, said)
    held = draft.fresh("g")
    draft.line(f"{held} = {reached} if {step.moved} is None else {step.moved}[1]")
    draft.define(ladder.key, Fragment(held, simple=True))


def leave(shape: Shape) -> str | None:
    """Moves customers whom the policy does not grade, who leave their tiers; the name of what is said of it.

    Who holds a tier all the same, by hand, is graded: that is the reference's to tell.
    """
    draft = shape.draft
    if not draft.variant.moving:
        return None
    for movement in draft.policy.movements.values():
        _stepped(draft, movement, None, "False", draft.constant(NOT_GRADED))
    main = next(key for key in draft.policy.ladders if key in draft.followed)
    moved = draft.followed[main].moved
    with draft.block(f"if {moved} is not None and {moved}[1] is not None:"):
        draft.line("raise Undecided")
    return _told(shape, explained=False)


def _stepped(draft: Draft, movement: Movement, reached: str | None, usual: str, said: str) -> Step:
    """Writes the step on a ladder, of which the facts say what stands under `said`."""
    step = Step(reached, usual, *(draft.fresh("m") for _ in Step._fields[2:]))
    draft.followed[movement.ladder] = step
    own = draft.constant(movement)
    draft.line(f"{step.before} = states.get({draft.constant(movement.ladder)})")
    draft.line(f"{step.moved} = None")
    draft.line(f"{step.steady} = True")
    older = f"only_older({own}, {step.before}, {said}, day)"
    draft.line(f"{step.state} = None if {step.before} is None else {older}")
    with draft.block(f"if {step.state} is None:"):
        tiers = _tiers(draft, movement.ladder)
        draft.line(f"{step.moved} = move({own}, {tiers}, {step.before}, {said}, day)")
        draft.line(f"{step.state} = {step.moved}[0]")
        draft.line(f"{step.steady} = {_is_steady(step)}")
    return step


def _is_steady(step: Step) -> str:
    """Whether somebody is where the facts have them on a ladder, nothing happened, and nothing will while they stay.

    Who reaches the tier that is held is moved by no review, notice or hold, nor by `move down at once`, which leads to what is reached. Only
    a cap that is lower still could, and what somebody decided by hand.
    """
    own = {name: f"{step.state}[{place}]" for place, name in enumerate(State._fields)}
    tests = (
        f"{own['tier']} {'is' if step.reached is None else '=='} {step.reached}",
        f"not {step.moved}[2]",
        f"{own['notice']} is None",
        f"not {own['overrides']}",
        f"{own['outcome']}[{Outcome._fields.index('cap')}] is None",
    )
    return " and ".join(tests)


# ---------------------------------------------------------------- what the facts say


def _outcome(draft: Draft, movement: Movement, ladder: Ladder, reached: str, said: str) -> str:
    """Writes what the day's facts say of a ladder under the name `said`, field by field as `engine.movement.outcomes` has it.

    Comes back with Python for whether that is what it mostly is: the tier, and nothing else.
    """
    held_by, held_until = _held_by(draft, movement.holds)
    cap, cap_by = _cap(draft, ladder)
    anniversary = "None"
    if movement.review is not None and movement.review.of is not None:
        anniversary = _known(draft, movement.review.of)
    fields = {
        "keeps": _those(draft, [(tier.key, tier.keep.condition) for tier in ladder.tiers if tier.keep]),
        "held_by": held_by,
        "drops": _those(draft, [(line.rule, line.condition) for line in movement.drops if line.condition]),
        "cap": cap,
        "anniversary": anniversary,
        "held_until": held_until,
        "cap_by": cap_by,
    }
    constant = {name: str(getattr(USUAL, name)) for name in Outcome._fields}
    other = [fields[key] for key in SAID if fields[key] != constant[key]]
    whole = constant | fields | {"reached": reached}
    by_tier = draft.constant({tier.key: USUAL._replace(reached=tier.key) for tier in ladder.tiers})
    if not other:
        draft.line(f"{said} = {by_tier}[{reached}]")
        return "True"
    usual = f"not ({' or '.join(other)})"  # whatever is there is true: a name, a day, some names
    made = f"new(Outcome, ({', '.join(whole[name] for name in Outcome._fields)}))"
    draft.line(f"{said} = {by_tier}[{reached}] if {usual} else {made}")
    return usual


def _known(draft: Draft, expr: Expr) -> str:
    return draft.refuse_unless_known(expression(draft, expr)).text


def _those(draft: Draft, named: Sequence[tuple[str, Expr]]) -> str:
    """The name of the keys or rules whose condition holds."""
    if not named:
        return "()"
    each = [f"*({draft.constant((name,))} if {_known(draft, expr)} else ())" for name, expr in named]
    return draft.kept(Fragment(f"({', '.join(each)},)")).text


def _held_by(draft: Draft, holds: Sequence[Hold]) -> tuple[str, str]:
    """Names of the rule that holds the customer, and of its last day: the first condition that holds, else the freeze that ends last."""
    if not holds:
        return "None", "None"
    rule, until = draft.fresh("w"), draft.fresh("w")
    draft.line(f"{rule} = {until} = None")
    waiting = [(hold, _known(draft, hold.until)) for hold in holds if hold.until is not None]
    for hold, end in waiting:
        with draft.block(f"if day <= {end} and ({until} is None or {end} > {until}):"):
            draft.line(f"{rule}, {until} = {draft.constant(hold.rule)}, {end}")
    asked = [(hold, _known(draft, hold.condition)) for hold in holds if hold.condition is not None]
    for first, (hold, condition) in zip(_ifs(), asked, strict=False):
        with draft.block(f"{first} {condition}:"):
            draft.line(f"{rule}, {until} = {draft.constant(hold.rule)}, None")
    return rule, until


def _cap(draft: Draft, ladder: Ladder) -> tuple[str, str]:
    """Names of the lowest tier that a cap `at once` sets, and of that cap's rule."""
    caps = [cap for cap in ladder.caps if cap.at_once]
    if not caps:
        return "None", "None"
    rank = {tier.key: place for place, tier in enumerate(ladder.tiers)}
    tier, rule = draft.fresh("w"), draft.fresh("w")
    draft.line(f"{tier} = {rule} = None")
    known = [(cap, _known(draft, cap.condition)) for cap in caps]
    for first, (cap, holds) in zip(_ifs(), sorted(known, key=lambda each: -rank[each[0].tier]), strict=False):
        with draft.block(f"{first} {holds}:"):
            draft.line(f"{tier}, {rule} = {draft.constant(cap.tier)}, {draft.constant(cap.rule)}")
    return tier, rule


def _ifs() -> Iterator[str]:
    """How the first of several cases begins, and each after it."""
    return chain(["if"], repeat("elif"))


# ---------------------------------------------------------------- what is said


def tell_over_time(shape: Shape) -> str | None:
    """Writes what is said of movement, and reasons for tiers that are held without being reached; the name of the former."""
    return _told(shape, explained=shape.draft.variant.explained) if shape.draft.followed else None


def _told(shape: Shape, *, explained: bool) -> str:
    draft = shape.draft
    told, why = draft.fresh("o"), draft.fresh("o")
    steps = [draft.followed[key] for key in draft.policy.ladders if key in draft.followed]
    with draft.block(f"if {' and '.join(each.steady for each in steps)}:"):
        standing = [_standing(draft, key) for key in draft.policy.ladders if key in draft.followed]
        draft.line(f"{told} = {shape.steady(standing)}")
    with draft.block("else:"):
        draft.line(f"{told}, {why} = {_in_words(shape, steps)}")
        if explained:
            draft.line(f"reasons += {why}")
    return told


def _standing(draft: Draft, key: str) -> Standing:
    policy, step = draft.policy, draft.followed[key]
    fields = {name: draft.fresh("q") for name in State._fields}
    draft.line(f"{', '.join(fields.values())} = {step.state}")
    days = fields | {"as_of": "day"}
    return Standing(policy.ladders[key], policy.movements[key], step.state, step.reached, step.usual, days)


def _in_words(shape: Shape, steps: Sequence[Step]) -> str:
    """Python for what the reference would say, and its reasons."""
    draft = shape.draft
    taken = ", ".join(f"({each.moved} or whole_step({each.state}), {each.reached})" for each in steps)
    results = ", ".join(
        f"{draft.constant(key)}: {draft.variables['', key].text}"
        for key in _told_of(draft.policy)
        if ("", key) in draft.variables
    )
    return f"{draft.constant(shape.teller())}(known, assumed, day, states, ({taken},), {{{results}}})"


def _told_of(policy: CheckedPolicy) -> Iterator[str]:
    """What is worked out and may be told of when movement is: what tiers and movement ask for."""
    exprs = (expr for key in policy.movements for expr in _asked(policy.ladders[key], policy.movements[key]))
    reads = (part for expr in exprs for part in parts(expr) if isinstance(part, Read))
    return iter(dict.fromkeys(read.key for read in reads if read.of not in GIVEN))


def _asked(ladder: Ladder, movement: Movement) -> Iterator[Expr]:
    tiers = ladder.tiers
    keeps = [tier.keep for tier in tiers if tier.keep is not None]
    found = (
        ladder.by, *(tier.threshold for tier in tiers), *(tier.condition for tier in tiers),
        *(keep.threshold for keep in keeps), *(keep.condition for keep in keeps),
        *(cap.condition for cap in ladder.caps), *(hold.condition or hold.until for hold in movement.holds),
        *(drop.condition for drop in movement.drops),
    )  # fmt: skip
    return (expr for expr in found if expr is not None)
