"""The HTTP client behind OpenAI's: it writes requests as the server takes them, and reads replies whatever their shape.

Between the client library and the server, so that the library sees only what the API promises.
"""

from __future__ import annotations

import json
from typing import Any

import httpx2
import openai

from agents.models.forms.dialect import Dialect
from agents.models.transport.batches import UNHURRIED, Batches
from agents.models.transport.completions import MOST_BYTES, UnusableReply, read_completion

METHOD_LOST = (301, 302, 303)
"""Redirects after which a POST would go on as a GET."""
MOST_REDIRECTS = 5


class Redirected(Exception):
    """The server is elsewhere, and a POST cannot follow."""


class TolerantClient(openai.DefaultAioHttpClient):
    """OpenAI's client over aiohttp, for servers that differ from the API.

    Args:
        dialect: What the server takes.
        batches: Where requests that can wait go; None for nowhere.
    """

    def __init__(self, dialect: Dialect, batches: Batches | None = None) -> None:
        super().__init__()
        self._dialect, self._batches = dialect, batches

    async def aclose(self) -> None:
        """Stop waiting for batches, and close the connections."""
        if self._batches is not None:
            await self._batches.close()
        await super().aclose()

    async def send(self, request: httpx2.Request, *, stream: bool = False, **options: Any) -> httpx2.Response:
        """Send a request; those for chat are rewritten, and their replies are mended.

        Raises:
            UnusableReply: The reply is no chat completion.
        BatchFailed: No batch will bring it.
            Redirected: The server sends POSTs elsewhere.
        """
        if not request.url.path.endswith("/chat/completions"):
            return await super().send(request, stream=stream, **options)
        body = self._dialect.rewrite(json.loads(request.content))
        headers = {name: value for name, value in request.headers.items() if name != "content-length"}
        sent = httpx2.Request(
            request.method, request.url, headers=headers, content=json.dumps(body).encode(),
            extensions=dict(request.extensions),
        )  # fmt: skip
        if self._batches is not None and (unhurried := UNHURRIED.get()) is not None:
            status, raw = await self._batches.reply(super().send, sent, unhurried)
            answer = httpx2.Response(status, request=request)
        else:
            answer = await self._followed(sent, {**options, "follow_redirects": False})
            raw = await _read(answer)
        if answer.is_success:
            mended = json.dumps(read_completion(raw, body)).encode()
            return httpx2.Response(200, headers={"content-type": "application/json"}, content=mended, request=request)
        kept = {name: value for name, value in answer.headers.items() if name not in BODILY}
        return httpx2.Response(answer.status_code, headers=kept, content=raw, request=request)

    async def _followed(self, request: httpx2.Request, options: dict[str, Any]) -> httpx2.Response:
        answer = await super().send(request, stream=True, **options)
        for _ in range(MOST_REDIRECTS):
            if answer.next_request is None:
                break
            where = answer.headers.get("location", "")
            await answer.aclose()
            if answer.status_code in METHOD_LOST:
                raise Redirected(where)
            answer = await super().send(answer.next_request, stream=True, **options)
        return answer


BODILY = ("content-encoding", "content-length", "transfer-encoding")
"""Headers of a body as it was sent, before it was read."""


async def _read(answer: httpx2.Response) -> bytes:
    """Read a body as far as one can be long."""
    parts, size = [], 0
    try:
        async for part in answer.aiter_bytes():
            parts.append(part)
            size += len(part)
            if size > MOST_BYTES:
                raise UnusableReply(f"it answered with more than {MOST_BYTES // 2**20} MiB")
    except httpx2.DecodingError as error:
        raise UnusableReply(f"its answer cannot be decoded: {error}") from error
    finally:
        await answer.aclose()
    return b"".join(parts)
