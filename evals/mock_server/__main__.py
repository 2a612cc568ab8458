"""Serve the scripted models, faults included, until SIGTERM or SIGINT; the first line printed is the base URL.

python -m evals.mock_server --port 0 --seed 1 --wrong-answer .25 --log calls.jsonl
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from agents.errors import SetupError
from agents.records import describe
from evals.mock_server.script import Script
from evals.mock_server.server import MODELS, serve
from graph.cli.flags import FlagParser, at_least, new_file
from graph.cli.interrupts import on_interrupt

MOST_PORT = 65_535


def _arguments(argv: Sequence[str] | None) -> tuple[Script, int, Path | None]:
    """Parse the command line: one flag for each field of `Script`, the port and the log; raises `SetupError`."""
    models = ", ".join(f"openai:{model}" for model in MODELS)
    parser = FlagParser(
        prog="python -m evals.mock_server",
        description=f"{(__doc__ or '').splitlines()[0]} The seats are {models}.",
    )
    parser.add_argument("--port", type=at_least(0), default=0, help="0 takes a free one")
    parser.add_argument("--log", type=new_file, help="append one JSON line per finished call to this file")
    for name, knob in Script.model_fields.items():
        flag, text = f"--{name.replace('_', '-')}", f"{knob.description} (default {knob.default!r})".replace("%", "%%")
        if isinstance(knob.default, bool):
            parser.add_argument(flag, action="store_true", help=text)
        else:
            parser.add_argument(flag, type=type(knob.default), default=knob.default, help=text)
    given = vars(parser.parse_args(argv))
    port, log = given.pop("port"), given.pop("log")
    if port > MOST_PORT:
        raise SetupError(f"--port {port}: give {MOST_PORT} or less")
    try:
        return Script(**given), port, log
    except ValidationError as error:
        raise SetupError(f"--{describe(error).replace('_', '-')}") from error


async def _main(script: Script, port: int, log: Path | None) -> None:
    stop = asyncio.Event()
    on_interrupt(stop.set)
    async with serve(script, port=port, log=log) as server:
        print(server.base_url, flush=True)
        await stop.wait()


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT; what keeps it from serving is one line."""
    try:
        script, port, log = _arguments(argv)
        asyncio.run(_main(script, port, log))
    except SetupError as error:
        print(f"evals.mock_server: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"evals.mock_server: cannot serve on port {port}: {error}; choose another --port", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
