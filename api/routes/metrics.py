"""`/metrics`: what has been counted, for Prometheus."""

from __future__ import annotations

from flask import Blueprint, Response

from api.metrics import CONTENT_METRICS, Metrics


def blueprint(metrics: Metrics) -> Blueprint:
    """The route of the numbers."""
    routes = Blueprint("metrics", __name__)

    @routes.get("/metrics")
    def show() -> Response:
        return Response(metrics.text(), content_type=CONTENT_METRICS)

    return routes
