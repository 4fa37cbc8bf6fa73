"""Programs that a test needs and that may not be there."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def lacking(program: str, package: str) -> NoReturn:
    """Skips a test for want of a program; under CI, where all are there, it fails."""
    said = f"{program} is not installed here (on Debian: apt install {package})"
    if os.environ.get("CI") or os.environ.get("TIERWISE_CI"):
        pytest.fail(said)
    pytest.skip(said)
