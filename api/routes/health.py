"""`/healthz` and `/readyz`: whether the process lives, and whether it can answer.

For load balancers, not for people.
"""

from __future__ import annotations

from flask import Blueprint, Response

from api import messages
from api.errors import problem
from api.replies import json_reply
from api.service import Service

# Whom a service with a store lets in, by whether it has no keys: as the worker last knew. It is not asked for anew, so that
# a slow store does not look like a dead process.
ACCESS = {True: "this machine, without keys", False: "keys"}


def blueprint(service: Service) -> Blueprint:
    """The routes of health. Raises `StoreUnavailable`."""
    routes = Blueprint("health", __name__)
    without_keys = _without_keys(service)

    @routes.get("/healthz")
    def alive() -> Response:
        known = None if service.keyring is None else service.keyring.last_known_empty
        is_open = without_keys if known is None else known
        return json_reply({"status": "ok", **({} if is_open is None else {"access": ACCESS[is_open]})})

    @routes.get("/readyz")
    def ready() -> Response:
        count = len(service.library.policies)
        if not count:
            raise problem(messages.NOT_READY)
        alarms = [
            {"code": alarm.code} | ({"version": alarm.version} if alarm.version else {})
            for alarm in service.shelf.alarms
        ]
        return json_reply({"status": "ok", "policies": count, **({"alarms": alarms} if alarms else {})})

    return routes


def _without_keys(service: Service) -> bool | None:
    """Whether the store has no keys as the worker starts; None where there is no store.

    Not asked of the worker's own keyring, which would not look again for a second.
    """
    if service.store is None:
        return None
    from policies.registry.store.keys import Keyring

    return Keyring(service.store).empty()
