"""Serve an application inside this process, on a socket that listens already."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator

import uvicorn


class _Uvicorn(uvicorn.Server):
    """Uvicorn with an event for when it is ready; it installs no signal handlers."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.asynccontextmanager
async def run_in_process(config: uvicorn.Config, listener: socket.socket) -> AsyncIterator[None]:
    """Serve on a listening socket inside this process, and close it at the end."""
    runner = _Uvicorn(config)
    task = asyncio.create_task(runner.serve(sockets=[listener]))
    try:
        await runner.ready.wait()
        yield
    finally:
        runner.should_exit = True
        await task
        listener.close()
