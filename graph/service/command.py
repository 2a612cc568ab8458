"""The command line of the service: read the environment, listen, serve until told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
from collections.abc import Iterator, Sequence

import uvicorn
from pydantic import ValidationError

from agents.errors import SetupError
from graph.callers.addresses import is_loopback
from graph.callers.allowed import PREFIX, Allowed
from graph.cli.flags import FlagParser, at_least, stated
from graph.cli.interrupts import on_interrupt
from graph.service.app import build_app
from graph.service.running.runs import Runs
from graph.setting_faults import fault_of
from graph.setting_values import split

DESCRIPTION = "Serve runs over HTTP, as an API and as pages: http://127.0.0.1:8400/"
EPILOG = f"""\
Settings of runs come from requests; NANOFLUX_ variables and nanoflux.toml are their defaults, as for graph.run. What
callers may do is in variables that begin with {PREFIX} (docs/serving.md). On any address but loopback, {PREFIX}TOKEN
is required."""
PORT = 8400
LET_GO_S = 2
"""Seconds that requests have to end when the service is told to stop."""


class _Server(uvicorn.Server):
    """Uvicorn that leaves signals to us: watchers must be let go before it waits for their connections."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def serve(argv: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT; return the exit code.

    Raises:
        SetupError: A flag or a variable is not as it should be, or the address cannot be used.
    """
    os.environ.setdefault("LANGGRAPH_STRICT_MSGPACK", "true")
    parser = FlagParser(prog="python -m graph.serve", description=DESCRIPTION, epilog=EPILOG)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--port", type=at_least(0), default=PORT, help=f"port; 0 takes a free one (default {PORT})")
    given = parser.parse_args(argv)
    stated({})  # what is wrong with a variable or nanoflux.toml is said before anything listens
    allowed = read_allowed()
    if not is_loopback(given.host):
        if not allowed.token.get_secret_value():
            raise SetupError(
                f"--host {given.host!r} can be reached from elsewhere: set {PREFIX}TOKEN, or use 127.0.0.1"
            )
        if not split(allowed.hosts):
            raise SetupError(f"--host {given.host!r}: say with {PREFIX}HOSTS by which names the service is called")
    with _listen(given.host, given.port) as listener:
        port = listener.getsockname()[1]
        host = f"[{given.host}]" if ":" in given.host else given.host
        print(f"http://{host}:{port}/", flush=True)
        asyncio.run(_serve(allowed, listener))
    return 0


def read_allowed() -> Allowed:
    """Read what the owner allows.

    Raises:
        SetupError: A variable is not as it should be.
    """
    try:
        return Allowed()
    except ValidationError as error:
        name, value, remedy = fault_of(error)
        raise SetupError(f"{PREFIX}{name.upper()} {value!r}: {remedy}") from error


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=2048)
    except (OSError, OverflowError) as error:
        raise SetupError(f"cannot listen on {host!r}, port {port}: {error}; choose another --port or --host") from error


async def _serve(allowed: Allowed, listener: socket.socket) -> None:
    app = build_app(allowed)
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, ws="none", backlog=2048, server_header=False,
        timeout_graceful_shutdown=LET_GO_S,
    )  # fmt: skip
    server = _Server(config)

    def stop() -> None:
        if server.should_exit:
            print("stopping at once; the runs can be resumed", file=sys.stderr, flush=True)
            server.force_exit = True
        runs: Runs | None = getattr(app.state, "runs", None)
        if runs is not None and not server.should_exit:
            print("letting the steps in flight finish; once more stops at once", file=sys.stderr, flush=True)
            runs.dismiss_watchers()
        server.should_exit = True

    on_interrupt(stop)
    await server.serve(sockets=[listener])
