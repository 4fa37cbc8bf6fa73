"""Serving: several worker processes behind one address, and what happens when one of them dies.

The process that is started reads the policies, starts the workers and watches them; the workers answer. A
worker that dies takes its own requests in flight with it and nothing else: the others go on, and a new one
takes its place. SIGTERM and Ctrl-C stop the service: no new connections, requests in flight are finished,
within the time that is set for it.
"""

from __future__ import annotations

import atexit
import errno
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from flask import Flask
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.server.mp import MPServer

from api.app import create_app
from api.config import Config
from api.library import Library, load_folder
from api.logs import LOGGING, log
from api.messages import Words, in_lang
from api.metrics import Metrics, shared
from api.preparing import prepare
from dsl.diagnostics import Lang
from engine.durable_process import installed

if TYPE_CHECKING:
    from policies.registry.store.connect import Store

# In seconds. A worker that lived shorter than this was perhaps not killed, but cannot start: its successor
# waits a little, so that a machine out of memory is not kept busy with starting.
SHORT_LIFE = 5.0
PAUSE = 1.0
PARENT_WATCH = 1.0

NO_DURABLE = (
    "durable-rules is not installed here: the engine `durable` refuses every question, all others serve",
    "此处未安装 durable-rules：引擎 `durable` 拒绝所有请求，其他引擎正常服务",
)

NO_KEYS: Words = (
    "there are no keys: only callers on this machine are answered, and each may do everything;"
    " `tierwise keys create` makes the first",
    "尚无密钥：仅应答本机的调用，且不限权限；可用 `tierwise keys create` 创建",
)


class Server(MPServer):
    """Granian, which gives up when a worker dies twice within seconds, with more patience; it counts what dies."""

    counted: Metrics | None = None

    def _respawn_workers(
        self,
        workers: Sequence[int],
        spawn_target: Callable[..., None],
        target_loader: Callable[..., Any],
        delay: float = 0,
    ) -> None:
        # Two deaths in the same moment can reach Granian as one, so every dead worker is looked for.
        dead = [index for index, worker in enumerate(self.wrks) if not worker.inner.is_alive()]
        if any(time.monotonic() - self.wrks[index].birth < SHORT_LIFE for index in dead):
            time.sleep(PAUSE)
        replaced = sorted({*workers, *dead})
        super()._respawn_workers(replaced, spawn_target, target_loader, delay)
        self.respawned_wrks.clear()
        for index in dead:
            log.warning("a worker died and was replaced", extra={"fields": {"worker": index + 1}})
        if self.counted is not None:
            self.counted.restarts.inc(len(dead))


def serve(config: Config, lang: Lang = "en") -> None:
    """Serves until it is told to stop.

    Raises `LibraryError` for policies that cannot be served, `OSError` for an address that cannot be had; of a service with
    a store `StoreError`, and `NotProtected` where anybody could reach it.
    """
    address, port = free_address(config.host, config.port)
    library, notes = _library(config, address)
    server = make_server(config, address, port)
    server.on_startup(partial(_say, config, port, len(library.policies), lang, notes))
    # Of a store every worker has its own library, which changes with what is published.
    given = None if config.database_url else library
    with shared():
        server.counted = Metrics()
        server.serve(target_loader=partial(application, config, given, os.getpid()), wrap_loader=False)


def _library(config: Config, address: str) -> tuple[Library, tuple[Words, ...]]:
    """What is served now, and what to say of the store and of who may call. Raises as `serve` does."""
    if not config.database_url:
        return load_folder(config.policies), ()
    from api.access import protect
    from api.service import Shelf
    from api.watching import Watch

    store, notes = _found_or_made(config)
    try:
        keys = protect(store, config.host, address)
        shelf = Shelf(Library({}))
        Watch(store, shelf).look_now()
    finally:
        store.close()
    return shelf.library, notes if keys else (*notes, NO_KEYS)


def _found_or_made(config: Config) -> tuple[Store, tuple[Words, ...]]:
    """The store of a configuration; where there is none, a new one, and a line that says so: its address may be mistyped."""
    from policies.registry.store.problems import StoreError

    try:
        return opened(config, create=False), ()
    except StoreError as error:
        if error.code != "no-store":
            raise
    store = opened(config)
    made = (
        f"there was no store at `{store.url}`: a new one was made there, and is empty",
        f"`{store.url}` 处原无存储库：已新建，尚无内容",
    )
    return store, (made,)


def opened(config: Config, *, create: bool = True) -> Store:
    """The store of a configuration. Raises `StoreError`, also where there is none and `create` is not allowed."""
    from policies.registry.store.connect import open_store

    return open_store(config.database_url, create=create, approvals=config.approvals)


def make_server(config: Config, address: str, port: int) -> Server:
    """The server of a configuration, not yet started."""
    return Server(
        "tierwise",
        address=address,
        port=port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        websockets=False,
        workers=config.workers,
        blocking_threads=config.threads,
        respawn_failed_workers=True,
        workers_kill_timeout=config.stop_seconds,
        log_level=LogLevels.error,
        log_dictconfig=LOGGING,
    )


def free_address(host: str, port: int) -> tuple[str, int]:
    """The address that a host name means, and the port once it is seen to be free; for 0, one that is.

    Workers share their port with whoever listens there already, so a second service on it would go unnoticed. Raises
    `OSError`, with the address as its file name.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        family, _, _, _, address = min(found, key=lambda each: each[0] != socket.AF_INET)
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            return str(address[0]), int(probe.getsockname()[1])
    except UnicodeError as error:
        raise OSError(errno.EINVAL, "Not the name of a host", f"{host}:{port}") from error
    except OSError as error:
        raise OSError(error.errno, error.strerror, f"{host}:{port}") from error


def application(config: Config, library: Library | None, parent: int) -> Flask:
    """A worker's application; without a library that of a store. Runs in the worker, which from then on stops when its
    parent does, and only then.
    """
    if hasattr(signal, "pthread_sigmask"):
        # Ctrl-C reaches every process of a terminal; the parent acts on it and stops its workers in good order.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    threading.Thread(target=_stop_with, args=(parent,), daemon=True).start()
    if library is not None:
        app = create_app(config, library)
    else:
        # A worker that takes a dead one's place finds the store there, or waits for it: it never begins an empty one.
        app = create_app(config, store=opened(config, create=False))
        library = app.extensions["watch"].library
        app.extensions["watch"].start()
        atexit.register(app.extensions["recorder"].close)
    threading.Thread(target=prepare, args=(library,), daemon=True).start()
    return app


def _stop_with(parent: int) -> None:
    """Ends this worker when nobody watches over it any more: it would hold the port for ever."""
    while os.getppid() == parent:
        time.sleep(PARENT_WATCH)
    os.kill(os.getpid(), signal.SIGTERM)


def _say(config: Config, port: int, count: int, lang: Lang, notes: Sequence[Words] = ()) -> None:
    host = f"[{config.host}]" if ":" in config.host else config.host
    policies = "1 policy" if count == 1 else f"{count} policies"
    workers = "1 worker" if config.workers == 1 else f"{config.workers} workers"
    words = (
        f"serving {policies} on http://{host}:{port} with {workers}; Ctrl-C stops",
        f"服务已启动：http://{host}:{port}，{count} 份政策，{config.workers} 个工作进程；Ctrl-C 停止",
    )
    print(in_lang(words, lang), file=sys.stderr, flush=True)
    for note in notes:
        print(in_lang(note, lang), file=sys.stderr, flush=True)
    if not installed():
        print(in_lang(NO_DURABLE, lang), file=sys.stderr, flush=True)
