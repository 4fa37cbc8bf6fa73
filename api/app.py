"""The HTTP service: policies and limits in, a WSGI application out.

A request passes: its id is given (`api.replies`), its handler is found (`api.routes`, one file a noun), its
body is read within limits (`api.bodies`) and by its table of fields (`api.requests`), the engine answers, and
the answer is written as JSON, noted in the log and counted (`api.observed`). Whatever goes wrong on the way
becomes a problem document (`api.errors`). For people there are pages (`api.pages`), which ask the same engine.
Nothing is read from disk while a request is answered.
"""

from __future__ import annotations

from flask import Flask, Response

from api import errors, observed, replies
from api.config import Config
from api.library import Library, load_folder
from api.metrics import Metrics
from api.routes import check, decisions, docs, health, metrics, openapi, pages, policies
from api.service import Service

NOUNS = (decisions, check, policies, openapi, health, pages, docs)


class Application(Flask):
    """Flask, whose own answer to OPTIONS says that an empty body is a page."""

    def make_default_options_response(self) -> Response:
        """`Allow`, and nothing else."""
        reply = super().make_default_options_response()
        reply.status_code = 204
        reply.headers.pop("Content-Type", None)
        return reply


def create_app(config: Config | None = None, library: Library | None = None) -> Flask:
    """The service for a configuration.

    Without a library its policies are read here; raises `LibraryError` where they cannot be.
    """
    config = Config.from_environment() if config is None else config
    library = load_folder(config.policies) if library is None else library
    service = Service(config, library)
    app = Application("tierwise", static_folder=None)
    app.url_map.merge_slashes = False  # an address with a slash too many is not found, rather than elsewhere
    counted = Metrics()
    replies.install(app)
    observed.install(app, counted)
    errors.install(app)
    for noun in NOUNS:
        app.register_blueprint(noun.blueprint(service))
    app.register_blueprint(metrics.blueprint(counted))
    return app
