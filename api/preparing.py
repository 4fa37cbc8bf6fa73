"""Compiling policies before anybody asks for them, so that few callers wait for it.

A worker compiles all that it serves when it starts, beside the first requests: what is asked for before its turn
is compiled then. What is published later is compiled before it is taken up (`api.watching`).
"""

from __future__ import annotations

import time

from api.library import Library
from api.logs import log
from dsl.diagnostics import LANGS
from dsl.model import CheckedPolicy
from engine import engines


def prepare(library: Library) -> None:
    """Compiles every policy of a library for the answers that are asked for most, and notes in the log how long it took."""
    start = time.perf_counter()
    for lang in LANGS:
        for policy in library.policies.values():
            try:
                engines.prepare(policy, lang)
            except Exception as error:  # a fault of ours: whoever asks meets it too, others do not
                log.error("unexpected error", exc_info=error, extra={"fields": {"policy": policy.name}})
    took = round((time.perf_counter() - start) * 1000, 1)
    log.info("policies prepared", extra={"fields": {"policies": len(library.policies), "ms": took}})


def prepare_policy(policy: CheckedPolicy) -> None:
    """Compiles one policy, in both languages. Whatever goes wrong is raised."""
    for lang in LANGS:
        engines.prepare(policy, lang)
