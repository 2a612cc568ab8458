"""Bodies whose length no header tells: they are counted as they come, and cut off where they are too long."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class TooLong(HTTPException):
    """More of a body came than is taken."""


class BoundedBody:
    """The body of one request.

    Args:
        receive: Where it comes from.
        send: Where the answer goes.
        most: Bytes at most.
    """

    def __init__(self, receive: Receive, send: Send, *, most: int) -> None:
        self._receive, self._send, self._most = receive, send, most
        self._bytes = 0
        self._answered = False

    async def guarding(self, app: ASGIApp, scope: Scope) -> None:
        """Let the application read the body, and answer in its place where that is too long."""
        try:
            await app(scope, self._next, self._answer)
        except TooLong as error:
            if self._answered:
                raise
            await JSONResponse({"detail": error.detail}, status_code=413)(scope, self._receive, self._send)

    async def _next(self) -> Message:
        message = await self._receive()
        self._bytes += len(message.get("body", b""))
        if self._bytes > self._most:
            raise TooLong(413, f"the body is longer than {self._most // 1024} KiB")
        return message

    async def _answer(self, message: Message) -> None:
        self._answered = True
        await self._send(message)
