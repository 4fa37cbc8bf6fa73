"""The HTTP service: policies and limits in, a WSGI application out.

A request passes: its id is given (`api.replies`), its handler is found (`api.routes`, one file a noun), its
body is read within limits (`api.bodies`) and by its table of fields (`api.requests`), the engine answers, and
the answer is written as JSON, noted in the log and counted (`api.observed`). Whatever goes wrong on the way
becomes a problem document (`api.errors`). For people there are pages (`api.pages`), which ask the same engine.
Nothing is read from disk while a request is answered.

With a store (`api.config`: `database_url`) policies are what was published there, callers are asked who they are
(`api.access`), and what is published meanwhile is taken up (`api.watching`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask, Response

from api import access, errors, observed, replies
from api.config import Config
from api.library import Library, load_folder
from api.metrics import Metrics
from api.routes import check, decisions, docs, health, metrics, openapi, pages, policies
from api.service import Service, Shelf

if TYPE_CHECKING:
    from policies.registry.store.connect import Store

NOUNS = (decisions, check, policies, openapi, health, pages, docs)


class Application(Flask):
    """Flask, whose own answer to OPTIONS says that an empty body is a page."""

    def make_default_options_response(self) -> Response:
        """`Allow`, and nothing else."""
        reply = super().make_default_options_response()
        reply.status_code = 204
        reply.headers.pop("Content-Type", None)
        return reply


def create_app(
    config: Config | None = None, library: Library | None = None, store: Store | None = None
) -> Flask:
    """The service for a configuration.

    Without a library its policies are read here; raises `LibraryError` where they cannot be. With a store they come from
    there; the app's extension `watch` takes up what is published, once it is started, and `recorder` is to be closed at the
    end. Raises `StoreUnavailable`.
    """
    config = Config.from_environment() if config is None else config
    if store is not None:
        return _of_store(config, store)
    library = load_folder(config.policies) if library is None else library
    app, counted = _prepared()
    _furnish(app, Service(config, Shelf(library)), counted)
    access.install(app, None)
    return app


def _of_store(config: Config, store: Store) -> Flask:
    """The service of a store."""
    from api.routes import audit, drafts, evidence, history, keys, record_pages, records, versions
    from api.watching import Watch
    from policies.registry.store.keys import Keyring
    from policies.registry.store.writer import Recorder

    app, counted = _prepared()
    shelf = Shelf(Library({}))
    watch = Watch(store, shelf, lambda code: counted.alarms.of(code).inc())
    watch.look_now()
    app.extensions["watch"] = watch
    keyring, recorder = Keyring(store), Recorder(store)
    app.extensions["recorder"] = recorder
    service = Service(config, shelf, store, keyring, recorder)
    _furnish(app, service, counted)
    for noun in (versions, drafts, records, history, record_pages, audit, evidence, keys):
        app.register_blueprint(noun.blueprint(service, store))
    access.install(app, keyring)
    return app


def _prepared() -> tuple[Flask, Metrics]:
    """An application that answers nothing yet, and its numbers."""
    app = Application("tierwise", static_folder=None)
    app.url_map.merge_slashes = False  # an address with a slash too many is not found, rather than elsewhere
    counted = Metrics()
    replies.install(app)
    observed.install(app, counted)
    errors.install(app)
    return app, counted


def _furnish(app: Flask, service: Service, counted: Metrics) -> None:
    """The calls that every service has."""
    for noun in NOUNS:
        app.register_blueprint(noun.blueprint(service))
    app.register_blueprint(metrics.blueprint(counted))
