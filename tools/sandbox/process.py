"""A plain subprocess with limits, for machines where nothing better works; asked for by name only.

It stops what goes wrong by accident: endless loops, runaway memory and output, huge files, variables kept from an
earlier run, secrets in the environment. It does NOT stop what is done on purpose: the program can read and write
every file of this user, reach the network, signal other processes and leave daemons behind.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO, Self

from tools.sandbox.backend import Backend
from tools.sandbox.execution import Ending, Output, Stream, execution_of, unavailable
from tools.sandbox.local import box
from tools.sandbox.local.inside import program
from tools.sandbox.port import Execution, Limits, SandboxError

ENVIRONMENT = {**box.ENVIRONMENT, "PYTHONDONTWRITEBYTECODE": "1", "PATH": "/usr/bin:/bin"}
"""All that a program sees: no secret, and what would make two runs differ is fixed."""

PYTHON = ("-P", "-s", "-B")
"""As `-I`, which cannot be used: it would ignore PYTHONHASHSEED, and `ENVIRONMENT` is ours alone anyway."""


class ProcessSandbox(Backend):
    """Runs each program in a session of its own that is killed as a whole; see the module for its holes."""

    name = "process"

    async def __aenter__(self) -> Self:
        if sys.platform == "win32":
            raise SandboxError("the sandbox 'process' needs Linux or macOS; choose another with --sandbox")
        return self

    async def execute(self, code: str, limits: Limits) -> Execution:
        """Run the program in an empty folder, which goes away afterwards."""
        return await self.in_thread(_run, code, limits)


def _run(code: str, limits: Limits) -> Execution:
    output = Output(limits)
    try:
        with tempfile.TemporaryDirectory(prefix="nanoflux-", ignore_cleanup_errors=True) as folder:
            ending = _supervise(_start(code, limits, folder), limits, output)
    except OSError as error:
        return unavailable(code, ProcessSandbox.name, f"the subprocess could not be run: {error}")
    return execution_of(code, limits, ProcessSandbox.name, ending, output)


def _start(code: str, limits: Limits, folder: str) -> subprocess.Popen[bytes]:
    bounds = {"cpu_s": limits.cpu_s, "memory_mb": limits.memory_mb, "file_mb": limits.file_mb}
    with tempfile.TemporaryFile() as request:
        request.write(json.dumps(bounds).encode() + b"\n" + code.encode("utf-8", "surrogatepass"))
        request.seek(0)
        return subprocess.Popen(  # noqa: S603  (running untrusted code is this file's purpose)
            [sys.executable, *PYTHON, str(Path(program.__file__)), str(request.fileno())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=(request.fileno(),),
            env=ENVIRONMENT,
            cwd=folder,
            start_new_session=True,
        )


def _supervise(process: subprocess.Popen[bytes], limits: Limits, output: Output) -> Ending:
    """Read until the program ends or has to be ended; whatever its group left behind dies with it."""
    started, timed_out, status = time.monotonic(), False, None
    pipes: tuple[tuple[IO[bytes] | None, Stream], ...] = (
        (process.stdout, output.stdout),
        (process.stderr, output.stderr),
    )
    with selectors.DefaultSelector() as selector, contextlib.ExitStack() as opened:
        for pipe, stream in pipes:
            if pipe is not None:
                os.set_blocking(pipe.fileno(), False)
                selector.register(opened.enter_context(pipe), selectors.EVENT_READ, stream)
        while status is None:
            _read(selector, 0.02)
            timed_out = time.monotonic() - started > limits.wall_s
            if timed_out or output.flooded:
                _kill(process.pid)
            pid, state, usage = os.wait4(process.pid, 0 if timed_out else os.WNOHANG)
            if pid:
                status = state
        _kill(process.pid)
        _read(selector, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return Ending(
        wait_status=status,
        timed_out=timed_out,
        wall_ms=1000 * (time.monotonic() - started),
        cpu_ms=1000 * (usage.ru_utime + usage.ru_stime),
        max_rss_kb=usage.ru_maxrss,
    )


def _read(selector: selectors.BaseSelector, wait_s: float) -> None:
    if not selector.get_map():
        time.sleep(min(wait_s, 0.002))  # both streams are closed: the end is near, or the wall limit will tell
    for key, _ in selector.select(wait_s) if selector.get_map() else ():
        with contextlib.suppress(BlockingIOError):
            while data := os.read(key.fd, 1 << 16):
                key.data.feed(data)
                if key.data.flooded:
                    return
            selector.unregister(key.fileobj)


def _kill(group: int) -> None:
    """Kill the group; it can be gone already, and a group of setuid programs is not ours to kill."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)
