"""What a database says when it cannot, in the words of the store: a `StoreUnavailable` with what to do about it.

Both databases name their errors: SQLite by a word (`SQLITE_FULL`), PostgreSQL by five characters (`53100`). What
is not listed here is a fault of ours and stays what it is.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from policies.registry.store.problems import Misspelled, StoreUnavailable


@dataclass(frozen=True, slots=True)
class Fault:
    """One way in which a database fails: what it is called, how it is said, when (in seconds) to try again."""

    code: str
    en: str
    zh: str
    retry_after: int


BUSY = Fault("store-busy", "is busy with other writers; try again", "正忙于其他写入，请重试", 1)
SLOW = Fault("store-slow", "took too long to answer; try again", "响应超时，请重试", 2)
AWAY = Fault("store-away", "cannot be reached; try again", "无法连接，请重试", 2)
FULL = Fault("store-full", "has no room left; make some, then try again", "空间已满；请腾出空间后重试", 30)
READ_ONLY = Fault(
    "store-read-only", "may not be written to; allow it, then try again", "不可写入；请开放写权限后重试", 30
)
NO_FILE = Fault(
    "store-not-opened",
    "cannot be opened; see that its file and folder may be read and written",
    "无法打开；请检查其文件与文件夹的读写权限",
    30,
)
BROKEN_DISK = Fault(
    "store-disk", "was refused by the disk; see the system's log", "磁盘读写出错；请查看系统日志", 30
)
DAMAGED = Fault(
    "store-damaged", "is damaged or is no database; restore a backup", "已损坏或不是数据库；请从备份恢复", 60
)
MOVED = Fault(
    "store-moved",
    "was moved, replaced or emptied while it was in use; put it back or restore a backup, then try again",
    "在使用中被移走、替换或清空；请放回原库或从备份恢复，然后重试",
    5,
)
# Not the database's own words: what the recorder says of it (`writer`).
LATE = Fault("record-late", "did not record the decision in time; try again", "未能及时记录决策，请重试", 1)
STOPPING = Fault(
    "recorder-closed",
    "takes no record any more, since the service is stopping; try again",
    "因服务正在停止而不再记录，请重试",
    1,
)

FAULTS = (BUSY, SLOW, AWAY, FULL, READ_ONLY, NO_FILE, BROKEN_DISK, DAMAGED, MOVED, LATE, STOPPING)

# By the beginning of SQLite's word.
SQLITE: tuple[tuple[str, Fault], ...] = (
    ("SQLITE_BUSY", BUSY),
    ("SQLITE_LOCKED", BUSY),
    ("SQLITE_FULL", FULL),
    ("SQLITE_READONLY", READ_ONLY),
    ("SQLITE_PERM", READ_ONLY),
    ("SQLITE_CANTOPEN", NO_FILE),
    ("SQLITE_IOERR", BROKEN_DISK),
    ("SQLITE_PROTOCOL", BUSY),
    ("SQLITE_CORRUPT", DAMAGED),
    ("SQLITE_NOTADB", DAMAGED),
)

# By the beginning of PostgreSQL's code, the longer first.
POSTGRESQL: tuple[tuple[str, Fault], ...] = (
    ("53100", FULL),
    ("53", AWAY),  # out of memory, too many connections
    ("55P03", BUSY),
    ("40", BUSY),  # a deadlock, two that cannot both be
    ("57014", SLOW),
    ("25P03", SLOW),  # a transaction left standing
    ("57P", AWAY),  # shutting down, starting up
    ("08", AWAY),
    ("28", AWAY),  # not let in
    ("3D000", AWAY),
    ("25006", READ_ONLY),
    ("42P01", MOVED),  # no such table
    ("58", BROKEN_DISK),
    ("XX001", DAMAGED),
    ("XX002", DAMAGED),
)

# By the beginning of the sentence, where SQLite or its driver has no word of its own.
SENTENCES: tuple[tuple[str, Fault], ...] = (
    ("no such table: ", MOVED),
    ("unsupported file format", DAMAGED),
    ("Could not decode to UTF-8", DAMAGED),
)

SYSTEM = {
    errno.ENOENT: MOVED,
    errno.ENOSPC: FULL,
    errno.EDQUOT: FULL,
    errno.EROFS: READ_ONLY,
    errno.EACCES: READ_ONLY,
    errno.EPERM: READ_ONLY,
    errno.EIO: BROKEN_DISK,
}


@contextmanager
def guarded(url: str) -> Iterator[None]:
    """Turns what the database at `url` cannot do into `StoreUnavailable`; every other error passes."""
    try:
        yield
    except (DBAPIError, NoConnectionFree, OSError, Misspelled, UnicodeDecodeError) as error:
        fault = fault_of(error)
        if fault is None:
            raise
        raise unavailable(fault, url) from error


def unavailable(fault: Fault, url: str) -> StoreUnavailable:
    """What to raise of a fault of the store at `url`."""
    en, zh = f"the store at `{url}` {fault.en}", f"存储库 `{url}` {fault.zh}"
    return StoreUnavailable(fault.code, en, zh, fault.retry_after)


def fault_of(error: Exception) -> Fault | None:
    """Which fault an error is; None where it is not the database's."""
    match error:
        case NoConnectionFree() | TimeoutError():
            return BUSY
        # SQLite's driver fails to read a sentence that quotes damaged bytes.
        case Misspelled() | UnicodeDecodeError():
            return DAMAGED
        case OSError():
            return SYSTEM.get(error.errno or 0, NO_FILE)
        case DBAPIError():
            return _of_database(error)
        case _:
            return None


def _of_database(error: DBAPIError) -> Fault | None:
    word = getattr(error.orig, "sqlite_errorname", None)
    if word in ("SQLITE_ERROR", None):
        said = next((fault for start, fault in SENTENCES if str(error.orig).startswith(start)), None)
        if said is not None:
            return said
    if word is not None:
        return next((fault for start, fault in SQLITE if word.startswith(start)), None)
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return next((fault for start, fault in POSTGRESQL if state.startswith(start)), None)
    # Neither names its error where the connection itself is lost or was never made.
    return AWAY if error.connection_invalidated or type(error).__name__ == "OperationalError" else None
