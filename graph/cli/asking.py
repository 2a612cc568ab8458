"""Ask a person on the terminal, so that Ctrl-C ends the question at once."""

from __future__ import annotations

import asyncio
import sys


async def ask(prompt: str) -> str:
    """Print a prompt and return the line that is typed.

    Raises:
        EOFError: The input has ended.
    """
    print(prompt, end="", flush=True)
    loop, ready = asyncio.get_running_loop(), asyncio.Event()
    try:
        loop.add_reader(sys.stdin.fileno(), ready.set)
    except NotImplementedError:  # on Windows
        return (await asyncio.to_thread(input)).strip()
    try:
        await ready.wait()
    finally:
        loop.remove_reader(sys.stdin.fileno())
    if not (line := sys.stdin.readline()):
        raise EOFError
    return line.strip()
