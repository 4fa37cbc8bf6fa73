"""What is allowed and yet rarely meant: the lints, each a function from the policy to diagnostics.

* `protected`: sensitive facts that decide something (an error where it is a score, a tier, a benefit or
  movement).
* `unused`: facts, parameters and values that nothing reads.
* `unknown_below`: an `is unknown` line that comes too late to settle anything.
* `conditions`: conditions that always or never hold, on the bounds of what they read.
* `movements`: tiers that go to and fro, lengths of time that do not go together.

Lines that are never reached are found with the tables, in `coverage`.
"""

from __future__ import annotations

from dsl import ast
from dsl.checker.lints_conditions import conditions, unknown_below
from dsl.checker.lints_protected import protected
from dsl.checker.lints_unused import unused
from dsl.checker.movement_lints import movements
from dsl.diagnostics import Diagnostic
from dsl.model import CheckedPolicy


def lint(policy: CheckedPolicy, tree: ast.Policy) -> list[Diagnostic]:
    """Every lint. `tree` is the surface tree, for what the model keeps as it was written (what happens over
    time).
    """
    return [
        *protected(policy, tree),
        *unused(policy, tree),
        *unknown_below(policy),
        *conditions(policy, tree),
        *movements(policy, tree),
    ]
