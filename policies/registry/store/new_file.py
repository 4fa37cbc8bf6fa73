"""A file that is there whole, or not at all: what breaks off half-way leaves nothing that would be in the way of the next try."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO


@contextmanager
def new_file(path: str, mode: int = 0o666) -> Iterator[BinaryIO]:
    """Makes a file to be written, and takes it away again where the block ends in an error, Ctrl-C among them.

    It is made under its own name, not beside and moved: a stick or a share may know no links, and what is moved there takes
    the place of what somebody else has put there meanwhile. Raises `FileExistsError` where there is one, other `OSError`.
    """
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
    except BaseException:
        os.unlink(path)
        raise
