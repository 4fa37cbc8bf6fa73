"""A PostgreSQL of the tests' own, from Debian's packages: in a temporary folder, reached by a socket in it.

PostgreSQL refuses to run as root, so that root hands it to an ordinary user. Nothing listens on the network, and
nothing is shared with a PostgreSQL that the machine may run already.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg

USER = "tierwise"
PATIENCE = 60


def programs() -> Path | None:
    """The folder with `initdb` and the rest, the newest version; None where there is none."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if found:
        return max(found, key=lambda folder: int(folder.parent.name.partition(".")[0]))
    on_path = shutil.which("initdb")
    return None if on_path is None else Path(on_path).parent


@dataclass(frozen=True, slots=True)
class Server:
    """A server: its programs, its folder, and the user that it runs as (None: the tests' own)."""

    bin: Path
    folder: Path
    user: str | None

    def run(self, program: str, *arguments: str) -> None:
        """Runs one of PostgreSQL's programs as the server's user. Raises `CalledProcessError`."""
        subprocess.run(
            [str(self.bin / program), *arguments],
            cwd=self.folder,
            env={**os.environ, "PGHOST": str(self.folder), "PGUSER": USER, "LC_ALL": "C.UTF-8"},
            timeout=PATIENCE,
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            user=self.user,
            group=None if self.user is None else pwd.getpwnam(self.user).pw_gid,
            extra_groups=None if self.user is None else [],
        )

    def start(self, watched: str | None = None) -> None:
        """Starts it; `watched` is a program in the server's folder that starts PostgreSQL in its place."""
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.folder),
            "max_connections": 200,
        }
        words = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
        program = () if watched is None else ("-p", str(self.folder / watched))
        self.run("pg_ctl", "-D", "data", "-l", "log", "-w", *program, "-o", words, "start")

    def stop(self, mode: str = "fast") -> None:
        """Stops it; `immediate` is as if the power had gone."""
        self.run("pg_ctl", "-D", "data", "-w", "-m", mode, "stop")

    def new_database(self) -> str:
        """The address of another database with nothing in it."""
        name = f"t{uuid4().hex}"
        self.run("createdb", name)
        return self.url(name)

    def emptied(self) -> str:
        """The address of the tests' common database, with nothing and nobody in it any more.

        Emptying one is several times as fast as making one for each test, and as removing them all in the end.
        """
        url = self.url("postgres")
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and pid <> pg_backend_pid()"
            )
            connection.execute("drop schema public cascade")
            connection.execute("create schema public")
        return url

    def url(self, name: str) -> str:
        return f"postgresql://{USER}@/{name}?host={self.folder}"


def new_server(bin: Path) -> Server:
    """Makes a server and starts it."""
    folder = Path(tempfile.mkdtemp(prefix="tierwise-pg-"))
    user = _somebody() if os.geteuid() == 0 else None
    if user is not None:
        entry = pwd.getpwnam(user)
        os.chown(folder, entry.pw_uid, entry.pw_gid)
    server = Server(bin, folder, user)
    server.run("initdb", "-D", "data", "-U", USER, "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
    server.start()
    return server


def _somebody() -> str:
    """An ordinary user of this machine."""
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"
