"""Serving: several worker processes behind one address, and what happens when one of them dies.

The process that is started reads the policies, starts the workers and watches them; the workers answer. A
worker that dies takes its own requests in flight with it and nothing else: the others go on, and a new one
takes its place. SIGTERM and Ctrl-C stop the service: no new connections, requests in flight are finished,
within the time that is set for it.
"""

from __future__ import annotations

import errno
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from flask import Flask
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.server.mp import MPServer

from api.app import create_app
from api.config import Config
from api.library import Library, load_folder
from api.logs import LOGGING, log
from api.messages import in_lang
from api.metrics import Metrics, shared
from dsl.diagnostics import LANGS, Lang
from engine import engines
from engine.durable_process import installed

# In seconds. A worker that lived shorter than this was perhaps not killed, but cannot start: its successor
# waits a little, so that a machine out of memory is not kept busy with starting.
SHORT_LIFE = 5.0
PAUSE = 1.0
PARENT_WATCH = 1.0

NO_DURABLE = (
    "durable-rules is not installed here: the engine `durable` refuses every question, all others serve",
    "此处未安装 durable-rules：引擎 `durable` 拒绝所有请求，其他引擎正常服务",
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

    Raises `LibraryError` for policies that cannot be served, `OSError` for an address that cannot be had.
    """
    library = load_folder(config.policies)
    address, port = free_address(config.host, config.port)
    server = make_server(config, address, port)
    server.on_startup(partial(_say, config, port, len(library.policies), lang))
    with shared():
        server.counted = Metrics()
        server.serve(target_loader=partial(application, config, library, os.getpid()), wrap_loader=False)


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


def application(config: Config, library: Library, parent: int) -> Flask:
    """A worker's application. Runs in the worker, which from then on stops when its parent does, and only then."""
    if hasattr(signal, "pthread_sigmask"):
        # Ctrl-C reaches every process of a terminal; the parent acts on it and stops its workers in good order.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    threading.Thread(target=_stop_with, args=(parent,), daemon=True).start()
    threading.Thread(target=prepare, args=(library,), daemon=True).start()
    return create_app(config, library)


def prepare(library: Library) -> None:
    """Compiles every policy for the answers that are asked for most, so that few callers wait for it.

    It runs beside the first requests, which do not wait for it: what is asked for before its turn is compiled then.
    """
    start = time.perf_counter()
    for lang in LANGS:
        for policy in library.policies.values():
            try:
                engines.prepare(policy, lang)
            except Exception as error:
                # A fault of ours: whoever asks meets it too, the other policies do not.
                log.error("unexpected error", exc_info=error, extra={"fields": {"policy": policy.name}})
    took = round((time.perf_counter() - start) * 1000, 1)
    log.info("policies prepared", extra={"fields": {"policies": len(library.policies), "ms": took}})


def _stop_with(parent: int) -> None:
    """Ends this worker when nobody watches over it any more: it would hold the port for ever."""
    while os.getppid() == parent:
        time.sleep(PARENT_WATCH)
    os.kill(os.getpid(), signal.SIGTERM)


def _say(config: Config, port: int, count: int, lang: Lang) -> None:
    host = f"[{config.host}]" if ":" in config.host else config.host
    policies = "1 policy" if count == 1 else f"{count} policies"
    workers = "1 worker" if config.workers == 1 else f"{config.workers} workers"
    words = (
        f"serving {policies} on http://{host}:{port} with {workers}; Ctrl-C stops",
        f"服务已启动：http://{host}:{port}，{count} 份政策，{config.workers} 个工作进程；Ctrl-C 停止",
    )
    print(in_lang(words, lang), file=sys.stderr, flush=True)
    if not installed():
        print(in_lang(NO_DURABLE, lang), file=sys.stderr, flush=True)
