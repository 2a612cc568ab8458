"""One reader of a run's state, and any number of watchers: what is read once goes to all, as server-sent events.

A watcher costs a write a second, whatever the run does meanwhile; one that is slow gets the present state when it can
take it, and nothing queues up. Where nobody watches, nothing is read.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import NamedTuple

BEAT_S = 1.0
"""Seconds between two looks at the state."""
SILENCE_S = 15.0
"""Seconds after which a watcher is sent a comment, so that nothing in between takes the connection for dead."""
COMMENT = b": nothing new\n\n"
END = b"event: end\ndata: {}\n\n"

logger = logging.getLogger(__name__)


class Reading(NamedTuple):
    """One look at the state."""

    state: str
    """JSON on one line."""
    final: bool
    """Whether it will not change any more."""


class Channel:
    """The state of one run, or of all, told to whoever watches.

    Args:
        read: Looks at the state.

    Attributes:
        watchers: How many there are.
        reads: How often the state was looked at.
        closed: Whether nothing is told any more.
    """

    def __init__(self, read: Callable[[], Awaitable[Reading]]) -> None:
        self.watchers = 0
        self.reads = 0
        self._read = read
        self._last: Reading | None = None
        self._version = 0
        self._changed = asyncio.Event()
        self._reader: asyncio.Task[None] | None = None
        self.closed = False

    async def events(self) -> AsyncGenerator[bytes, None]:
        """Give the present state, then each change of it; ends after the final one, or when the channel is closed."""
        self.watchers += 1
        if self._reader is None:
            self._last = None
            self._reader = asyncio.create_task(self._go_on_looking())
            self._reader.add_done_callback(self._reader_ended)
        seen = 0
        try:
            while not self.closed:
                changed, last = self._changed, self._last
                if last is not None and seen != self._version:
                    seen = self._version
                    yield f"event: state\nid: {seen}\ndata: {last.state}\n\n".encode()
                if last is not None and last.final:
                    break
                try:
                    async with asyncio.timeout(SILENCE_S):
                        await changed.wait()
                except TimeoutError:
                    yield COMMENT
            yield END
        finally:
            self.watchers -= 1
            if not self.watchers and self._reader is not None:
                self._reader.cancel()
                self._reader = None

    def close(self) -> None:
        """Let all watchers go."""
        self.closed = True
        self._wake()

    async def _go_on_looking(self) -> None:
        while True:
            self.reads += 1
            reading = await self._read()
            if reading != self._last:
                self._last, self._version = reading, self._version + 1
                self._wake()
            if reading.final:
                return
            await asyncio.sleep(BEAT_S)

    def _reader_ended(self, reader: asyncio.Task[None]) -> None:
        if reader.cancelled() or reader is not self._reader:
            return
        if (error := reader.exception()) is not None:
            logger.error("the state of a run cannot be read; its watchers are let go", exc_info=error)
            self.close()

    def _wake(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()
