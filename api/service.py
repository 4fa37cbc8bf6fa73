"""What every handler works with: the limits and the policies.

Made once, before the first request, and never changed.
"""

from __future__ import annotations

from dataclasses import dataclass

from api.config import Config
from api.library import Library


@dataclass(frozen=True, slots=True)
class Service:
    """One worker's policies and limits."""

    config: Config
    library: Library
