"""However a server writes how long to wait, it is read, bounded, or ignored, and never an error."""

from __future__ import annotations

import time
from email.utils import formatdate

import pytest

from agents.models.transport.retry_after import LONGEST_WAIT_S, retry_after

CASES: list[tuple[dict[str, str], float | None]] = [
    ({}, None),
    ({"retry-after": "3"}, 3.0),
    ({"retry-after": " 2.5 "}, 2.5),
    ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
    ({"retry-after-ms": "soon", "retry-after": "9"}, 9.0),
    ({"retry-after": "-30"}, 0.0),
    ({"retry-after": "1m30s"}, 90.0),
    ({"retry-after": "250ms"}, 0.25),
    ({"retry-after": "inf"}, None),
    ({"retry-after": "nan"}, None),
    ({"retry-after": ""}, None),
    ({"retry-after": "1e300"}, LONGEST_WAIT_S),
    ({"retry-after": "Wed, 21 Oct 2015 07:28:00 -0000"}, 0.0),
    ({"retry-after": "Wed, 21 Oct 2015 07:28:00"}, 0.0),
    ({"retry-after": "Wed, 99 Foo 2026 77:28:00 GMT"}, None),
    ({"retry-after": "Wed, 21 Oct 9999 07:28:00 GMT"}, LONGEST_WAIT_S),
]


@pytest.mark.parametrize(("headers", "seconds"), CASES, ids=repr)
def test_a_wish_to_wait_is_read(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds


def test_a_date_counts_from_now() -> None:
    seconds = retry_after({"retry-after": formatdate(time.time() + 30, usegmt=True)})
    assert seconds is not None
    assert 27 < seconds <= 30
