"""Rate limits, headers, redirects, slow and broken connections."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from email.utils import formatdate

from starlette.responses import RedirectResponse, Response, StreamingResponse

from evals.mock_server.quirks.call import Call, refuse
from evals.mock_server.quirks.table import quirk


def _busy(call: Call, wait: str | None, name: str = "Retry-After") -> Response:
    """Refuse the first call of a seat for haste."""
    headers = {} if wait is None else {name: wait}
    return refuse(429, "Too many requests", headers=headers) if call.number == 1 else call.true()


@quirk()
def r429_bare(call: Call) -> Response:
    """429 says nothing of when to come again."""
    return _busy(call, None)


@quirk()
def r429_date(call: Call) -> Response:
    """429 gives a date."""
    return _busy(call, formatdate(time.time() + 1, usegmt=True))


@quirk()
def r429_date_without_zone(call: Call) -> Response:
    """429 gives a date without a zone."""
    return _busy(call, "Wed, 21 Oct 2015 07:28:00 -0000")


@quirk()
def r429_date_broken(call: Call) -> Response:
    """429 gives a date that is none."""
    return _busy(call, "Wed, 99 Foo 2026 77:28:00 GMT")


@quirk()
def r429_duration(call: Call) -> Response:
    """429 gives a duration with units."""
    return _busy(call, "0m0.2s")


@quirk()
def r429_words(call: Call) -> Response:
    """429 gives a word."""
    return _busy(call, "soon", "retry-after-ms")


@quirk()
def r429_nan(call: Call) -> Response:
    """429 gives not a number."""
    return _busy(call, "nan")


@quirk()
def r429_infinite(call: Call) -> Response:
    """429 gives infinity."""
    return _busy(call, "inf")


@quirk()
def r429_negative(call: Call) -> Response:
    """429 gives a negative number."""
    return _busy(call, "-30")


@quirk(stops="asks to wait", most_calls=12)
def r429_for_a_year(call: Call) -> Response:
    """429 asks to come again in a year."""
    return refuse(429, "Too many requests", headers={"Retry-After": "31536000"})


@quirk()
def r503_retry_after(call: Call) -> Response:
    """503 gives the seconds to wait."""
    return refuse(503, "Loading model", headers={"Retry-After": "1"}) if call.number == 1 else call.true()


@quirk(slow=True, outage_minutes=0.3)
def r503_for_some_seconds(call: Call) -> Response:
    """The model is being loaded for five seconds."""
    return refuse(503, "Loading model") if call.seconds < 5 else call.true()


@quirk()
def r529_overloaded(call: Call) -> Response:
    """529 now and then."""
    return refuse(529, "Overloaded") if call.odd else call.true()


@quirk(stops="nothing got through", most_calls=30)
def r503_always(call: Call) -> Response:
    """503 for ever."""
    return refuse(503, "Service Unavailable")


@quirk(stops="nothing got through", most_calls=60)
def r500_always(call: Call) -> Response:
    """500 for ever."""
    return refuse(500, "Internal Server Error")


@quirk(most_calls=16)
def redirect_307(call: Call) -> Response:
    """Sends POSTs on, as POSTs."""
    if call.http.url.query:
        return call.true()
    return RedirectResponse(f"{call.http.url}?on=1", 307)


@quirk(stops="--attacker-base-url", most_calls=8)
def redirect_301(call: Call) -> Response:
    """Sends POSTs on, as GETs."""
    return RedirectResponse(f"https{str(call.http.url)[4:]}", 301)


@quirk()
def cut_in_transit(call: Call) -> Response:
    """Every other connection ends before its body does."""
    if not call.odd:
        return call.true()
    return Response(b'{"id": "x", ', media_type="application/json", headers={"content-length": "5000"})


@quirk(most_calls=8)
def trickle(call: Call) -> Response:
    """Bodies come in pieces."""

    async def pieces() -> AsyncIterator[bytes]:
        text = json.dumps(call.completion).encode()
        for place in range(4):
            yield text[place * len(text) // 4 : (place + 1) * len(text) // 4]
            await asyncio.sleep(0.02)

    return StreamingResponse(pieces(), media_type="application/json")


@quirk(slow=True, call_timeout_s=3.0, outage_minutes=0.3)
def trickle_for_ever(call: Call) -> Response:
    """The first body of a seat never ends."""

    async def blanks() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b" "
            await asyncio.sleep(0.25)

    return StreamingResponse(blanks(), media_type="application/json") if call.number == 1 else call.true()


@quirk(slow=True, stops="--call-timeout-s.*--max-output-tokens", call_timeout_s=1.5, most_calls=20)
async def silence(call: Call) -> Response:
    """No reply ever comes."""
    await asyncio.sleep(8)
    return call.true()


@quirk(most_calls=8)
def latin_1(call: Call) -> Response:
    """Bodies are in Latin-1, and say so."""
    text = json.dumps(call.completion).encode("latin-1")
    return Response(text, media_type="application/json; charset=latin-1")
