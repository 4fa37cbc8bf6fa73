"""How customers move on a ladder over time: a state and a day's outcome in, a new state and what happened out.

- `states`: what a customer's place on a ladder consists of, and the outcome that moves it.
- `steps`: `move`, which brings a state to a day, over the days between on which something may happen.
- `day`: what a single day does, rule by rule.
- `reviews`: the calendar: review days and their windows, validity, grace.
- `overrides`: what somebody decided by hand, laid over the state.
- `forecast`: what comes if the facts stay as they are.
- `timeline`: dated facts run through time.
- `state_json`, `read`, `problems`: states as JSON, and reading them from whoever sends them.

Around it, for decisions: `outcomes` asks a policy what a day's facts say of each ladder and has it moved; `told` says in sentences what came of
it, with `why` a tier is held and what is `coming`, by the sentences in `words` and the names in `called`; `answers` is its part of a decision,
`asked` reads what a question sends.

Nothing here reads a clock or a store, and `move` no policy's expressions: what the facts say of a ladder on a day comes in as an `Outcome`.
"""

from engine.movement.forecast import next_move
from engine.movement.read import read_override, read_state
from engine.movement.reviews import ReviewDay, next_review
from engine.movement.state_json import state_json
from engine.movement.states import Moved, Notice, Outcome, Override, State, Transition
from engine.movement.steps import move, next_day
from engine.movement.timeline import Entry, Point, laid_over, next_stop, through_time

__all__ = [
    "Entry",
    "Moved",
    "Notice",
    "Outcome",
    "Override",
    "Point",
    "ReviewDay",
    "State",
    "Transition",
    "laid_over",
    "move",
    "next_day",
    "next_move",
    "next_review",
    "next_stop",
    "read_override",
    "read_state",
    "state_json",
    "through_time",
]
