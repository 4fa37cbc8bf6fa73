"""`/openapi.json`: this service, described for programs."""

from __future__ import annotations

from flask import Blueprint, Response

from api.openapi import document
from api.replies import json_reply
from api.service import PerLibrary, Service


def blueprint(service: Service) -> Blueprint:
    """The route of the description."""
    routes = Blueprint("openapi", __name__)
    described = PerLibrary(service, lambda library: document(service, library))

    @routes.get("/openapi.json")
    def show() -> Response:
        return json_reply(described.get())

    return routes
