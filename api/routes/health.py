"""`/healthz` and `/readyz`: whether the process lives, and whether it can answer.

For load balancers, not for people.
"""

from __future__ import annotations

from flask import Blueprint, Response

from api import messages
from api.errors import problem
from api.replies import json_reply
from api.service import Service


def blueprint(service: Service) -> Blueprint:
    """The routes of health."""
    routes = Blueprint("health", __name__)

    @routes.get("/healthz")
    def alive() -> Response:
        return json_reply({"status": "ok"})

    @routes.get("/readyz")
    def ready() -> Response:
        if not service.library.policies:
            raise problem(messages.NOT_READY)
        return json_reply({"status": "ok", "policies": len(service.library.policies)})

    return routes
