"""Serve models of a folder on loopback, by the server of transformers in a process of its own.

`python -m evals.rounds.serving PORT` is that process: it takes `round-1/model`, a path below its current folder, for a
model's name, loads it when it is first asked for, and ends when its standard input does, so it outlives nobody.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

from agents.errors import SetupError

LOG = "server.log"
HOST = "127.0.0.1"
START_S = 300.0
"""Seconds until a server that says nothing is given up; importing torch on a busy machine takes a minute."""


@contextmanager
def open_server(folder: Path, threads: int) -> Iterator[str]:
    """Start the server, give its address, stop it at the end.

    Args:
        folder: Holds the models; what the server prints goes to its `server.log`.
        threads: On a processor.

    Raises:
        SetupError: It does not start.
    """
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
    settings = {"OMP_NUM_THREADS": f"{threads}", "HF_HUB_OFFLINE": "1", "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-m", "evals.rounds.serving", f"{port}"]
    with (folder / LOG).open("ab") as log:
        process = subprocess.Popen(  # noqa: S603  # this module
            command, cwd=folder, env=os.environ | settings, stdin=subprocess.PIPE, stdout=log, stderr=log,
            start_new_session=True,  # Ctrl-C is for the run, whose last answers are still to come
        )  # fmt: skip
    try:
        _wait(process, f"http://{HOST}:{port}", folder / LOG)
        yield f"http://{HOST}:{port}/v1"
    finally:
        process.kill()
        process.communicate()


def release(address: str) -> None:
    """Have the server forget its models, so that a training has the memory."""
    reset = urllib.request.Request(f"{address.removesuffix('/v1')}/reset", method="POST")  # noqa: S310  # our own address
    with urllib.request.urlopen(reset, timeout=60):  # noqa: S310  # as above
        pass


def _wait(process: subprocess.Popen[bytes], root: str, log: Path) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{root}/health", timeout=5):  # noqa: S310  # our own address
                return
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            time.sleep(0.2)
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    raise SetupError(f"the model's server did not start: {lines[-1] if lines else 'it said nothing'}; see {log}")


def _end_with_parent() -> None:
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    from transformers.cli.serve import Serve

    Thread(target=_end_with_parent, daemon=True).start()
    Serve(host=HOST, port=int(sys.argv[1]))
