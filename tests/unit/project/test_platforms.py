"""What must also work where POSIX's own modules and signals are missing, as on Windows."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from graph.cli.interrupts import INTERRUPTS, on_interrupt
from graph.cli.parsers import COMMANDS
from tests import ROOT
from tools.sandbox.port import Limits, SandboxError
from tools.sandbox.registry import SANDBOXES, open_sandbox

POSIX_ONLY = ["fcntl", "grp", "pty", "pwd", "resource", "syslog", "termios"]
STARTED = [
    "graph.run",
    "graph.serve",
    "graph.settings",
    "graph.campaign.campaign",
    "tools.novelty.registry",
    "tools.sandbox.registry",
    *(module for module, _ in COMMANDS.values()),
    *(place.opener.partition(":")[0] for place in SANDBOXES.values()),
]


def test_everything_a_run_imports_does_without_posix() -> None:
    code = f"""
import importlib, sys
sys.modules.update(dict.fromkeys({POSIX_ONLY}))  # importing one of these now fails
for name in {STARTED}:
    importlib.import_module(name)
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr


class LoopWithoutSignals:
    """The running loop, as Windows has it."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loop, name)

    def add_signal_handler(self, number: int, call: Callable[[], None]) -> None:
        raise NotImplementedError


@pytest.fixture
def given_back() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in INTERRUPTS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("given_back")
@pytest.mark.parametrize("posix", [True, False])
async def test_every_interrupt_becomes_a_call_in_the_loop(posix: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    loop, calls = asyncio.get_running_loop(), asyncio.Queue[asyncio.AbstractEventLoop]()
    with monkeypatch.context() as patched:
        if not posix:
            patched.setattr("graph.cli.interrupts.asyncio.get_running_loop", lambda: LoopWithoutSignals(loop))
        on_interrupt(lambda: calls.put_nowait(asyncio.get_running_loop()))
    for number in INTERRUPTS:
        signal.raise_signal(number)
        assert await asyncio.wait_for(calls.get(), 5) is loop
    assert calls.empty()


@pytest.mark.parametrize("name", ["process", "namespace", "landlock"])
async def test_a_sandbox_that_cannot_work_on_windows_says_so(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox = open_sandbox(name, limits=Limits(), concurrency=1)
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(SandboxError, match=f"{name!r} needs Linux.*--sandbox"):
        await sandbox.__aenter__()


def test_only_the_sandboxes_of_linux_and_the_cloud_hold_posix_imports() -> None:
    """A module that is not imported above, such as a later adapter, must not bring them back unseen."""
    found = [
        str(file.relative_to(ROOT))
        for room in ("agents", "evals", "graph", "prompts", "tools")
        for file in (ROOT / room).rglob("*.py")
        if any(
            line.startswith(tuple(f"import {name}" for name in POSIX_ONLY)) for line in file.read_text().splitlines()
        )
    ]
    allowed = ("tools/sandbox/local/inside/", "tools/sandbox/e2b_driver.py")
    assert [file for file in found if not file.startswith(allowed)] == []
