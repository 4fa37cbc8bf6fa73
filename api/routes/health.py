"""`/healthz` and `/readyz`: whether the process lives, and whether it can answer.

For load balancers, not for people.
"""

from __future__ import annotations

from flask import Blueprint, Response

from api import messages
from api.errors import problem
from api.replies import json_reply
from api.service import Service
from policies.registry.store.problems import StoreUnavailable


def blueprint(service: Service) -> Blueprint:
    """The routes of health."""
    routes = Blueprint("health", __name__)

    @routes.get("/healthz")
    def alive() -> Response:
        return json_reply({"status": "ok", **_open(service)})

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


def _open(service: Service) -> dict[str, str]:
    """Of a service with a store, whom it lets in; nothing where that cannot be found out, for the process lives."""
    if service.keyring is None:
        return {}
    try:
        return {"access": "this machine, without keys" if service.keyring.empty() else "keys"}
    except StoreUnavailable:
        return {}
