"""Read how long a server asks to wait, in any form that servers use; what cannot be read asks for nothing."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_WAIT_S = 24 * 3600.0
"""What is asked for beyond this counts as this."""
_UNITS_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds to wait by `Retry-After` or `retry-after-ms`, 0 to `LONGEST_WAIT_S`; None for no wish."""
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        text = str(headers.get(name, "")).strip()
        for seconds in (_number(text, unit), _duration(text), _date(text)):
            if seconds is not None:
                return min(max(0.0, seconds), LONGEST_WAIT_S)
    return None


def _number(text: str, unit: float) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number * unit if math.isfinite(number) else None


def _duration(text: str) -> float | None:
    """Read `1m30s`."""
    if not re.fullmatch(rf"(?:{_PART.pattern})+", text.casefold()):
        return None
    return sum(float(number) * _UNITS_S[unit] for number, unit in _PART.findall(text.casefold()))


def _date(text: str) -> float | None:
    """Read an HTTP date; one without a zone is in UTC."""
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - datetime.now(tz=UTC)).total_seconds()
