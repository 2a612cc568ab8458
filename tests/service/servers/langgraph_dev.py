"""Start the real `langgraph dev` in a folder of its own, as `make dev` does."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests import ROOT
from tests.conftest import FOUND

OWNERS_KEY = "sk-of-the-owner"
"""The vendor key in the server's environment, which no caller may have."""


@dataclass
class DevServer:
    """A running server: its address, the folder that it runs in, and its process group."""

    url: str
    home: Path
    pid: int


@contextlib.contextmanager
def langgraph_dev(folder: Path) -> Iterator[DevServer]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    home = folder / "home"  # a checkout of its own, since the server keeps its state where it runs
    if not home.exists():
        home.mkdir()
        for name in ("langgraph.json", "pyproject.toml", "graph", "agents", "tools", "prompts"):
            (home / name).symlink_to(ROOT / name)
    kept = {name: value for name, value in os.environ.items() if name not in FOUND}
    with (folder / "server.log").open("w") as log:
        process = subprocess.Popen(
            [Path(sys.executable).parent / "langgraph", "dev", "--no-browser", "--no-reload",
             "--host", "127.0.0.1", "--port", str(port), "--n-jobs-per-worker", "16"],
            cwd=home, stdout=log, stderr=log, start_new_session=True,
            env={**kept, "LANGGRAPH_CLI_NO_ANALYTICS": "1", "LANGSMITH_TRACING": "false", "OPENAI_API_KEY": OWNERS_KEY},
        )  # fmt: skip
    try:
        wait_until_ready(process, url := f"http://127.0.0.1:{port}")
        yield DevServer(url, home, process.pid)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait()
    written = (folder / "server.log").read_text()
    assert "BlockingError" not in written
    assert "Failed to get" not in written, "every schema can be described"
    assert OWNERS_KEY not in written


def wait_until_ready(process: subprocess.Popen[bytes], url: str) -> None:
    while process.poll() is None:
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(f"{url}/ok").status_code == 200:
                return
        time.sleep(0.1)
    raise AssertionError("the server ended before it was ready")
