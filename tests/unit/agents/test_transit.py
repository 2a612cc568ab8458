"""What becomes of a call whose connection fails: what is told, whether it may have been charged, whether it hung."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from langchain_core.exceptions import ModelConnectionError
from langchain_core.messages import HumanMessage

from agents.errors import CallFailed, Outage, Refused, SeatFault
from agents.models.calls import CallCost
from agents.models.loading import open_seat
from agents.models.rate_limiter import RateLimiter
from agents.models.spec import SeatSpec
from agents.records import SeatName, SeatUsage

Fault = Callable[[asyncio.StreamWriter], Awaitable[None]]


async def drop(writer: asyncio.StreamWriter) -> None:
    writer.close()


async def reset(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def say_half(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{")
    await writer.drain()
    writer.close()


async def stay_silent(writer: asyncio.StreamWriter) -> None:
    del writer


@dataclass
class Case:
    name: str
    fault: Fault
    told: str
    hung: bool = False


CASES = [
    Case("dropped", drop, "disconnected"),
    Case("reset", reset, "disconnected"),
    Case("cut off", say_half, "payload is not completed"),
    Case("silent", stay_silent, "no reply in", hung=True),
]


class Watching:
    """A journal on a full disk, which keeps what the ledger would be told of calls."""

    closing = None

    def __init__(self) -> None:
        self.failures: list[CallFailed] = []
        self.cost = CallCost()
        self.reply: dict[str, Any] = {}

    async def recall(self, _key: str) -> None:
        return None

    @asynccontextmanager
    async def _admitted(self) -> AsyncIterator[CallCost]:
        try:
            yield self.cost
        except CallFailed as error:
            self.failures.append(error)
            raise

    async def unhurried(self, _key: str) -> None:
        return None

    def admit(self, _worst: SeatUsage) -> AbstractAsyncContextManager[CallCost]:
        return self._admitted()

    async def record(self, _key: str, _seat: SeatName, _usage: SeatUsage, reply: dict[str, Any]) -> None:
        self.reply = reply
        raise OSError("no space left on device")


@asynccontextmanager
async def server_with(fault: Fault) -> AsyncIterator[tuple[asyncio.Server, str]]:
    """Serve the list of models, and then one fault for every chat."""
    writers: list[asyncio.StreamWriter] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        if (await reader.readuntil(b"\r\n\r\n")).startswith(b"GET"):
            body = json.dumps({"object": "list", "data": []}).encode()
            head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n"
            writer.write(f"{head}connection: close\r\n\r\n".encode() + body)
            await writer.drain()
            writer.close()
        else:
            await fault(writer)

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield server, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        for writer in writers:
            writer.close()


async def failure(url: str, then: Callable[[], Awaitable[None]] | None = None) -> CallFailed:
    """Make one call that fails and return what its ledger was told."""
    spec = SeatSpec(name="defender", model="openai:m", base_url=url, timeout_s=0.5)
    journal = Watching()
    async with open_seat(spec, RateLimiter("openai:m", patience_s=0)) as seat:
        if then is not None:
            await then()
        with pytest.raises(Outage):
            await seat.say([HumanMessage("How much is 1 + 1?")], journal)
    (failed,) = journal.failures
    return failed


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_a_call_that_was_sent_and_lost_may_have_been_charged(case: Case) -> None:
    async with server_with(case.fault) as (_, url):
        failed = await failure(url)
    assert case.told in str(failed)
    assert (failed.unbilled, failed.hung, failed.too_fast) == (False, case.hung, False)


async def test_a_call_that_met_no_server_cost_nothing() -> None:
    async with server_with(drop) as (server, url):

        async def stop() -> None:
            server.close()
            await server.wait_closed()

        failed = await failure(url, stop)
    assert "Cannot connect to host 127.0.0.1" in str(failed)
    assert failed.unbilled
    assert not failed.hung


async def say_half_a_character(writer: asyncio.StreamWriter) -> None:
    """Answer with the first half of a character that takes two."""
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "42 \ud83d"}}
    usage = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
    body = json.dumps(
        {"id": "1", "object": "chat.completion", "created": 0, "model": "m", "choices": [choice]} | {"usage": usage}
    ).encode()
    head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n"
    writer.write(f"{head}connection: close\r\n\r\n".encode() + body)
    await writer.drain()


async def test_a_reply_that_is_not_on_disk_is_not_settled_and_any_reply_can_be_written() -> None:
    journal = Watching()
    async with (
        server_with(say_half_a_character) as (_, url),
        open_seat(SeatSpec(name="judge", model="openai:m", base_url=url), RateLimiter("openai:m")) as seat,
    ):
        with pytest.raises(OSError, match="no space"):
            await seat.say([HumanMessage("How much is 6 * 7?")], journal)
    assert journal.cost.usage is None
    assert journal.reply["data"]["content"] == "42 ?"


async def test_what_a_seat_forbids_after_it_has_answered_is_one_request() -> None:
    for status, first, later in (
        (401, SeatFault, CallFailed),
        (402, SeatFault, SeatFault),
        (403, SeatFault, Refused),
        (404, Refused, Refused),  # it may be the form that was asked in
    ):
        error = httpx.HTTPStatusError("no", request=REQUEST, response=httpx.Response(status, request=REQUEST))
        async with (
            server_with(drop) as (_, url),
            open_seat(SeatSpec(name="judge", model="openai:m", base_url=url), RateLimiter("openai:m")) as seat,
        ):
            assert isinstance(seat.translate(error, False), first)
            assert isinstance(seat.translate(error, True), later)


def raised(error: Exception, beneath: Exception, *, hidden: bool = False) -> Exception:
    """Make the error one that was raised while the other was handled; hidden, as `from None` does it."""
    error.__context__, error.__suppress_context__ = beneath, hidden
    return error


REQUEST = httpx.Request("POST", "http://127.0.0.1/v1")
OTHERS = [
    (httpx.ReadTimeout("slow"), CallFailed, (False, True)),
    (httpx.RemoteProtocolError("dropped"), CallFailed, (False, False)),
    (httpx.ConnectError("refused"), CallFailed, (True, False)),
    (ModelConnectionError("lost"), CallFailed, (False, False)),
    (httpx.HTTPStatusError("busy", request=REQUEST, response=httpx.Response(429, request=REQUEST)), CallFailed, None),
    *(
        (httpx.HTTPStatusError("no", request=REQUEST, response=httpx.Response(status, request=REQUEST)), kind, flags)
        for status, kind, flags in (
            (400, Refused, None),
            (413, Refused, None),
            (408, CallFailed, (False, False)),
            (500, CallFailed, (True, False)),
            (503, CallFailed, (True, False)),
            (504, CallFailed, (False, False)),
        )
    ),
    (httpx.HTTPStatusError("who?", request=REQUEST, response=httpx.Response(401, request=REQUEST)), SeatFault, None),
    (raised(ModelConnectionError("lost"), ConnectionRefusedError(111, "refused")), CallFailed, (True, False)),
    (
        raised(ModelConnectionError("lost"), ConnectionRefusedError(111, "refused"), hidden=True),
        CallFailed,
        (False, False),
    ),
    (ConnectionResetError(104, "reset"), CallFailed, (False, False)),
    (raised(KeyError("a fault of ours"), ConnectionRefusedError(111, "refused")), None, None),
    (FileNotFoundError("no such file"), None, None),
]


@pytest.mark.parametrize(("error", "kind", "flags"), OTHERS, ids=lambda value: repr(value)[:60])
async def test_other_providers_errors_are_told_apart_too(
    error: Exception, kind: type[Exception] | None, flags: tuple[bool, bool] | None
) -> None:
    async with (
        server_with(drop) as (_, url),
        open_seat(SeatSpec(name="judge", model="openai:m", base_url=url), RateLimiter("openai:m")) as seat,
    ):
        ours = seat.translate(error, False)
    assert isinstance(ours, kind) if kind else ours is None
    if flags is not None:
        assert isinstance(ours, CallFailed)
        assert (ours.unbilled, ours.hung) == flags
