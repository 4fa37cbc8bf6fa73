"""What is observed of each request: one line in the log, and the numbers of `api.metrics`.

A request's `Seen` is filled in while it is answered: which policy and engine decided, what came out, under
which ids. It never holds a fact, a customer or an address that a caller made up, so none of them can reach
a log or a metric: the route is the service's own, with `<name>` where the caller's word stood.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field

from flask import Flask, Response, g, request

from api.logs import answering, log
from api.metrics import Metrics
from engine.decision import Noted

NO_ROUTE = "none"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# Of a batch, so many ids are logged; `outcomes` counts all of its decisions.
MOST_IDS = 20


@dataclass(slots=True)
class Seen:
    """One request under way. `route` and `method` are words of ours; times are of a monotonic clock, in seconds."""

    metrics: Metrics
    request_id: str
    method: str
    route: str
    start: float = field(default_factory=time.perf_counter)
    policies: dict[str, None] = field(default_factory=dict)
    engines: dict[str, None] = field(default_factory=dict)
    outcomes: Counter[str] = field(default_factory=Counter)
    ids: list[str] = field(default_factory=list)

    def decided(self, noted: Noted, decision_id: str) -> None:
        """A decision was made."""
        policy, engine, status, tier = noted
        self.metrics.decisions.of(policy, engine, status, tier or "").inc()
        self.policies[policy] = self.engines[engine] = None
        self.outcomes[status] += 1
        if len(self.ids) < MOST_IDS:
            self.ids.append(decision_id)

    def row(self, decided: bool) -> None:
        """A row of a batch was answered."""
        self.metrics.rows.of("decided" if decided else "refused").inc()
        self.metrics.follow_durable()
        if not decided:
            self.outcomes["refused"] += 1

    def answered(self, status: int) -> None:
        """The whole answer is out: counts it, and logs it."""
        answering(None)
        self.metrics.follow_durable()
        took = time.perf_counter() - self.start
        self.metrics.requests.of(self.route, self.method, str(status)).inc()
        self.metrics.seconds.of(self.route).observe(took)
        told: dict[str, object] = {
            "request_id": self.request_id,
            "method": self.method,
            "route": self.route,
            "status": status,
            "ms": round(took * 1000, 3),
        }
        if self.policies:
            told |= {"policy": ", ".join(self.policies), "engine": ", ".join(self.engines)}
        if self.outcomes:
            told |= {"outcomes": dict(self.outcomes), "decision_ids": self.ids}
        log.info("request", extra={"fields": told})


def install(app: Flask, metrics: Metrics) -> None:
    """Observes every request of the app; to be installed after `replies`, which names them."""

    @app.before_request
    def begin() -> None:
        route = NO_ROUTE if request.url_rule is None else request.url_rule.rule
        method = request.method if request.method in METHODS else "other"
        g.seen = Seen(metrics, g.request_id, method, route)
        answering(g.request_id)

    @app.after_request
    def end(reply: Response) -> Response:
        seen: Seen = g.seen
        if reply.is_streamed:  # a batch is answered row by row, after this
            reply.call_on_close(lambda: seen.answered(reply.status_code))
        else:
            seen.answered(reply.status_code)
        return reply
