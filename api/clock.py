"""What day it is.

The one place in the service that looks at a clock: the language and the engines have none.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from dsl.model import CheckedPolicy


def today(policy: CheckedPolicy) -> date:
    """Today in the policy's own timezone, or in UTC where it names none: the same on every machine."""
    return datetime.now(ZoneInfo(policy.timezone) if policy.timezone else UTC).date()
