"""Hostile programs that a tier must contain before it takes any other.

Each tries one thing in earnest against this very machine and prints `contained` only where that failed. A probe that
ends in any other way than expected is taken for a hole: then the tier is refused.
"""

from __future__ import annotations

import asyncio
import os
import socket
from dataclasses import dataclass
from typing import Protocol

from tools.sandbox.local.box import ENVIRONMENT
from tools.sandbox.port import Execution, Limits, SandboxError, Status

_HERE = __file__
_KNOWN = {*ENVIRONMENT, "HOME", "TMPDIR", "PWD", "PYTHONTZPATH"}


_FORGERY = """
import os
for descriptor in range(3, 64):
    try:
        os.write(descriptor, b"sealed")
    except OSError:
        pass
os._exit(125)
"""
_LEFT_OVER = """
import os
print("escaped" if hasattr(os, "left") or os.path.exists("left") else "contained")
os.left = True
try:
    open("left", "x").close()
except OSError:
    pass
"""


@dataclass(frozen=True)
class Probe:
    """A hostile program and how it must end."""

    name: str
    code: str
    status: Status = "ok"
    stdout: str = "contained\n"


class Runs(Protocol):
    """What is to be proven."""

    @property
    def name(self) -> str:
        """Of the place."""
        ...

    async def run(self, code: str, *, limits: Limits) -> Execution:
        """Run one program."""
        ...


def _refused(name: str, attempt: str) -> Probe:
    """Make a probe of statements that must be refused."""
    lines = "".join(f"    {line}\n" for line in attempt.splitlines())
    refused = "OSError, ValueError, ImportError, AttributeError"
    verdict = f"except ({refused}):\n    print('contained')\nelse:\n    print('escaped')\n"
    return Probe(name, f"import os, socket\ntry:\n{lines}{verdict}")


def probes(port: int) -> list[Probe]:
    """Return the probes; `port` is a listener of this host on loopback."""
    return [
        Probe("a plain sum", "print(1 + 1)", stdout="2\n"),
        Probe("environment", f"import os\nprint('escaped' if os.environ.keys() - {_KNOWN!r} else 'contained')"),
        _refused("a file of the host", f"open({_HERE!r}).read()"),
        _refused("the host's processes", f"open('/proc/{os.getpid()}/environ', 'rb').read()"),
        _refused("the host's network", f"socket.create_connection(('127.0.0.1', {port}), 1)"),
        _refused("a vsock socket", "socket.socket(40, socket.SOCK_STREAM)"),
        _refused("fork", "if os.fork() == 0: os._exit(0)"),
        _refused("execution", "os.execv('/bin/true', ['true'])"),
        _refused("writing to a library", "open(os.__file__, 'ab')"),
        _refused("writing to the root", "os.mkdir('/nanoflux-probe')"),
        _refused("signals", f"os.kill({os.getpid()}, 0)\nos.kill(-1, 0)"),
        _refused("another's limits", "import resource\nresource.setrlimit(resource.RLIMIT_NOFILE, (9, 9))"),
        _refused("a device's mode", "os.chmod('/dev/null', 0o666)"),
        Probe("memory", "try:\n    bytearray(2 << 30)\nexcept (MemoryError, OverflowError):\n    print('contained')"),
        Probe("an endless loop", "while True: pass", status="timeout", stdout=""),
        Probe("a forged seal", _FORGERY, "error", ""),
        Probe("what another probe left", _LEFT_OVER),
        Probe("what another probe left, again", _LEFT_OVER),
    ]


async def prove(pool: Runs, *, without: frozenset[str] = frozenset()) -> None:
    """Run every probe but those named.

    Raises:
        SandboxError: one was not contained; the message names it.
    """
    limits = Limits(wall_s=5, memory_mb=512)
    short = Limits(wall_s=0.1, memory_mb=512)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        tried = [probe for probe in probes(listener.getsockname()[1]) if probe.name not in without]
        runs = [pool.run(probe.code, limits=short if probe.status == "timeout" else limits) for probe in tried]
        ended = await asyncio.gather(*runs)
    for probe, execution in zip(tried, ended, strict=True):
        if (execution.status, execution.stdout) != (probe.status, probe.stdout):
            found = f"{execution.status}, {execution.stdout!r} {execution.stderr[-200:]!r}"
            raise SandboxError(f"the sandbox {pool.name!r} did not contain the probe {probe.name!r}: {found}")
