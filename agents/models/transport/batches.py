"""Half-price batches: requests that can wait go to the server in one file, and their replies come in another.

OpenAI's Batch API, which gateways copy: a file of requests is uploaded, a batch is made of it, and within a day its
replies can be fetched. Which batch a request is in is written down before anything waits for it, so that a process
which is stopped or killed meanwhile loses no reply: the next one fetches it.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import httpx2

PRICE = 0.5
"""Of what the same call costs at once."""
MOST_REQUESTS = 50_000
"""Of one batch, by the API's own bound."""
LONGEST_POLL_S = 60.0
MOST_FAULTS = 10
"""Polls in a row without an answer, after which a batch is given up."""
PATH = "/chat/completions"
OVER = ("completed", "failed", "expired", "cancelled")

Send = Callable[[httpx2.Request], Awaitable[httpx2.Response]]


class BatchFailed(Exception):  # becomes a failed call, so no Error in its name
    """No reply will come out of a batch, and none was billed; the request can be made at once instead."""


@dataclass(eq=False)
class Unhurried:
    """A request that can wait for a batch.

    Attributes:
        name: The same for the same request of the same candidate, also in a later process; at most 64 characters.
        batch: The batch in which an earlier process put it; empty where none did.
        note: Writes down the batch that it is in.
        closing: Once set, nobody waits any more.
        replied: Whether its reply came out of a batch.
    """

    name: str
    batch: str
    note: Callable[[str], Awaitable[None]]
    closing: asyncio.Event
    replied: bool = False


UNHURRIED: ContextVar[Unhurried | None] = ContextVar("unhurried", default=None)
"""The request that the present task makes, where it can wait; the HTTP client finds it here."""


@dataclass(eq=False)
class _Waiting:
    asked: Unhurried
    request: httpx2.Request
    reply: asyncio.Future[tuple[int, bytes]] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    since: float = field(default_factory=time.monotonic)


class Batches:
    """The batches of one server and key.

    Args:
        collect_s: Seconds without a further request after which those that wait are sent; a batch is first looked for
            as long after it was sent.
    """

    def __init__(self, collect_s: float) -> None:
        self._collect_s = collect_s
        self._collected: list[_Waiting] = []
        self._in_batch: dict[str, list[_Waiting]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._collector: asyncio.Task[None] | None = None
        self.off = ""
        """Why the server takes no batches; empty where it does, as far as is known."""

    async def reply(self, send: Send, request: httpx2.Request, asked: Unhurried) -> tuple[int, bytes]:
        """Wait for a request's reply: status and body.

        Args:
            send: Sends a request to the server at once.
            request: For a chat completion.
            asked: What is known of it as one that can wait.

        Raises:
            BatchFailed: None will come.
        """
        if self.off and not asked.batch:
            raise BatchFailed(self.off)
        waiting = _Waiting(asked, request)
        if asked.batch:
            self._await(asked.batch, [waiting], send)
        else:
            self._collected.append(waiting)
            if self._collector is None or self._collector.done():
                self._collector = self._start(self._collect(send))
        closing = asyncio.ensure_future(asked.closing.wait())
        either: set[asyncio.Future[Any]] = {closing, waiting.reply}
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        finally:
            closing.cancel()
            self._leave(waiting)
        if not waiting.reply.done():
            raise BatchFailed("the run is ending; a later one fetches the reply of what is in a batch")
        found = waiting.reply.result()
        asked.replied = True
        return found

    def longest_wait_s(self) -> float | None:
        """Return for how long the oldest request has waited, None where none does."""
        since = [one.since for group in (self._collected, *self._in_batch.values()) for one in group]
        return time.monotonic() - min(since) if since else None

    async def close(self) -> None:
        """Stop waiting."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _start(self, work: Any) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _leave(self, waiting: _Waiting) -> None:
        for group in (self._collected, *self._in_batch.values()):
            if waiting in group:
                group.remove(waiting)

    async def _collect(self, send: Send) -> None:
        """Send what waits once nothing more comes, all in one batch."""
        while self._collected:
            before = len(self._collected)
            await asyncio.sleep(self._collect_s)
            if before < len(self._collected) < MOST_REQUESTS:
                continue
            part, self._collected = self._collected[:MOST_REQUESTS], self._collected[MOST_REQUESTS:]
            if part:
                await self._submit(part, send)

    async def _submit(self, part: Sequence[_Waiting], send: Send) -> None:
        try:
            batch = await self._make(part, send)
            for one in part:
                await one.asked.note(batch)
                one.asked.batch = batch
        except Exception as error:  # noqa: BLE001  # the server or the store, in any way: whoever waits must be told
            if isinstance(error, BatchFailed):
                self.off = str(error)
            _fail(part, f"no batch could be made: {error}")
            return
        self._await(batch, part, send)

    async def _make(self, part: Sequence[_Waiting], send: Send) -> str:
        lines = [
            {
                "custom_id": one.asked.name,
                "method": "POST",
                "url": f"/v1{PATH}",
                "body": json.loads(one.request.content),
            }
            for one in part
        ]
        content = "\n".join(json.dumps(line) for line in lines).encode()
        like = part[0].request
        file = {"file": ("requests.jsonl", content, "application/jsonl")}
        uploaded = await self._json(send, _beside(like, "POST", "/files", data={"purpose": "batch"}, files=file))
        wanted = {"input_file_id": uploaded["id"], "endpoint": f"/v1{PATH}", "completion_window": "24h"}
        made = await self._json(send, _beside(like, "POST", "/batches", json=wanted))
        return str(made["id"])

    def _await(self, batch: str, part: Sequence[_Waiting], send: Send) -> None:
        if batch in self._in_batch:
            self._in_batch[batch] += part
        else:
            self._in_batch[batch] = list(part)
            self._start(self._poll(batch, part[0].request, send))

    async def _poll(self, batch: str, like: httpx2.Request, send: Send) -> None:
        """Ask for a batch until it is over, and hand its replies out."""
        pause, faults, why = self._collect_s, 0, ""
        replies: dict[str, tuple[int, bytes]] = {}
        while self._in_batch[batch]:
            await asyncio.sleep(pause)
            pause = min(LONGEST_POLL_S, pause * 1.5)
            try:
                state = await self._json(send, _beside(like, "GET", f"/batches/{batch}"))
                if state.get("status") not in OVER:
                    faults = 0
                    continue
                why = f"the batch {batch} has {state['status']}" if state["status"] != "completed" else why
                for name in ("output_file_id", "error_file_id"):
                    if state.get(name):
                        answer = await send(_beside(like, "GET", f"/files/{state[name]}/content"))
                        replies |= _replies(await answer.aread())
                break
            except Exception as error:  # noqa: BLE001  # as above
                faults, why = faults + 1, str(error)
                if faults >= MOST_FAULTS or isinstance(error, BatchFailed):
                    break
        waiting = self._in_batch.pop(batch)
        for one in waiting:
            if one.asked.name in replies and not one.reply.done():
                one.reply.set_result(replies[one.asked.name])
        _fail(waiting, why or f"the batch {batch} holds no reply to it")

    async def _json(self, send: Send, request: httpx2.Request) -> dict[str, Any]:
        answer = await send(request)
        raw = await answer.aread()
        if answer.is_success:
            found: dict[str, Any] = json.loads(raw)
            return found
        words = f"{answer.status_code}: {' '.join(raw.decode(errors='replace').split())[:200]}"
        if 400 <= answer.status_code < 500 and answer.status_code not in (408, 409, 425, 429):
            raise BatchFailed(f"{request.url.host} takes no batches, or has lost this one ({words})")
        raise ValueError(words)


def _beside(like: httpx2.Request, method: str, path: str, **content: Any) -> httpx2.Request:
    """Make a request to the same server, with the same key."""
    bodily = ("content-length", "content-type")
    headers = {name: value for name, value in like.headers.items() if name.lower() not in bodily}
    return httpx2.Request(method, str(like.url).removesuffix(PATH) + path, headers=headers, **content)


def _replies(content: bytes) -> dict[str, tuple[int, bytes]]:
    """Read a file of replies: status and body by name; a line without a reply is left out."""
    found: dict[str, tuple[int, bytes]] = {}
    for line in content.splitlines():
        entry: Mapping[str, Any] = json.loads(line) if line.strip() else {}
        response = entry.get("response") or {}
        if isinstance(response.get("status_code"), int) and "body" in response:
            found[str(entry.get("custom_id"))] = response["status_code"], json.dumps(response["body"]).encode()
    return found


def _fail(waiting: Sequence[_Waiting], why: str) -> None:
    for one in waiting:
        if not one.reply.done():
            one.reply.set_exception(BatchFailed(why))
            one.reply.exception()  # nobody may be there to take it
