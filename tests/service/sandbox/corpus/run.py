"""Run the hostile programs against a backend and print, as JSON, what each came to and what was left behind.

    python -m tests.service.sandbox.corpus.run namespace

Everything an attack may aim at is real and belongs to this process: a secret file and a secret in the environment,
listeners on loopback and local sockets, a process to kill.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import platform
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.service.sandbox.corpus.greedy import BOUNDED
from tests.service.sandbox.corpus.hostile import ATTACKS
from tools.sandbox.port import Execution, Limits, Sandbox
from tools.sandbox.registry import open_sandbox

LIMITS = Limits(wall_s=2, cpu_s=4, memory_mb=512)
SECRET = "canary-8d1f"
MARGIN_S = 1.5
AFTER = "import math, os\nprint(round(math.pi, 5), os.listdir('.') if os.getcwd() != '/' else [])"
"""What the next program must find as if no other had been there."""


class Targets:
    """What attacks aim at; `touched` tells whether one of the listeners was reached."""

    def __init__(self, folder: Path) -> None:
        folder.chmod(0o755)
        self.secret, self.marker = folder / "secret", folder / "marker"
        self.secret.write_text(SECRET)
        self.secret.chmod(0o644)
        self.before = self.secret.stat()
        self.listeners = [socket.create_server(("127.0.0.1", 0)), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)]
        self.listeners[1].bind(("127.0.0.1", 0))
        abstract = f"nanoflux-{secrets.token_hex(8)}"
        for address in (str(folder / "socket"), f"\0{abstract}"):
            for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                suffix = "" if kind == socket.SOCK_STREAM else "-datagram"
                self.listeners.append(socket.socket(socket.AF_UNIX, kind))
                self.listeners[-1].bind(address + suffix)
        for listener in self.listeners:
            listener.setblocking(False)
            if listener.type == socket.SOCK_STREAM:
                listener.listen()
        self.victim = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        self.words = {
            "@SECRET@": str(self.secret),
            "@MARKER@": str(self.marker),
            "@PORT@": str(self.listeners[0].getsockname()[1]),
            "@UDP@": str(self.listeners[1].getsockname()[1]),
            "@UNIX@": str(folder / "socket"),
            "@ABSTRACT@": abstract,
            "@HOST@": str(os.getpid()),
            "@VICTIM@": str(self.victim.pid),
            "@PROJECT@": str(Path(__file__).parents[4]),
        }

    def aim(self, code: str) -> str:
        """Put the targets into an attack."""
        for word, value in self.words.items():
            code = code.replace(word, value)
        return code

    def harm(self) -> list[str]:
        """Say what was reached or changed, and let go of everything."""
        found = []
        if self.victim.poll() is not None:
            found.append("the victim was killed")
        self.victim.kill()
        self.victim.wait()
        after = self.secret.stat()
        if self.marker.exists() or (after.st_mode, after.st_mtime) != (self.before.st_mode, self.before.st_mtime):
            found.append("a file was written")
        for listener in self.listeners:
            with contextlib.suppress(BlockingIOError):
                if listener.type == socket.SOCK_STREAM:
                    listener.accept()[0].close()
                else:
                    listener.recv(99)
                found.append(f"a listener was reached: {listener.getsockname()!r}")
            listener.close()
        return found


def processes() -> int:
    """Count the living in a PID namespace of our own; elsewhere others come and go."""
    living = 0
    for process in Path("/proc").glob("[0-9]*") if os.getpid() == 1 else ():
        with contextlib.suppress(OSError):
            living += (process / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return living


def footprint() -> dict[str, Any]:
    """Count what a run could leave on this machine."""
    return {
        "processes": processes(),
        "descriptors": len(list(Path("/proc/self/fd").iterdir())),
        "mounts": len(Path("/proc/self/mountinfo").read_text().splitlines()),
        "temporary files": sorted(path.name for path in Path(tempfile.gettempdir()).iterdir()),
    }


def hole(code: str, wanted: str | None, execution: Execution, wall_s: float) -> str:
    """Say how an attack got through, "" where it was contained."""
    text = execution.stdout + execution.stderr
    if "ESCAPED" in execution.stdout or SECRET in text:
        return f"got out: {text[:300]}"
    if execution.status == "unavailable":
        return f"broke the sandbox: {execution.stderr}"
    if wall_s > LIMITS.wall_s + MARGIN_S:
        return f"took {wall_s:.1f} s"
    if max(len(execution.stdout), len(execution.stderr)) > LIMITS.output_kb << 10:
        return "printed too much"
    if wanted and execution.status != wanted:
        return f"ended as {execution.status}, not {wanted}: {execution.stderr[-300:]}"
    return ""


async def attack_all(sandbox: Sandbox, targets: Targets, concurrency: int) -> dict[str, str]:
    """Run every attack, and after each a program that must find nothing of it; return the holes by name."""
    turns, holes = asyncio.Semaphore(concurrency), {}
    attacks: dict[str, tuple[str, str | None]] = {
        name: (targets.aim(code), None)
        for name, code in ATTACKS.items()
        if platform.machine() == "x86_64" or "call(" not in code.replace("def call(", "")
    }
    cpython = sandbox.guarantees().exact_cpython  # elsewhere an attack may meet a missing module before its limit
    attacks |= {f"bounds_{name}": (code, wanted if cpython else None) for name, (code, wanted) in BOUNDED.items()}

    async def neighbour() -> None:
        while True:
            text = f"neighbour-{secrets.token_hex(16)}"
            await sandbox.run(f"import time\nheld = {text!r}\ntime.sleep(1)")

    async def one(name: str, code: str, wanted: str | None) -> None:
        async with turns:
            started = time.monotonic()
            execution = await sandbox.run(code)
            found = hole(code, wanted, execution, time.monotonic() - started)
            after = await sandbox.run(AFTER)
        if not found and after.stdout != "3.14159 []\n":
            found = f"spoilt the next run: {after}"
        if found:
            holes[name] = found

    beside = asyncio.create_task(neighbour())
    await asyncio.gather(*(one(name, *case) for name, case in attacks.items()))
    beside.cancel()
    await asyncio.wait([beside])
    return {"tried": str(len(attacks)), **dict(sorted(holes.items()))}


async def main(name: str, concurrency: int) -> dict[str, Any]:
    """Attack the backend from a fresh folder; return the holes, the harm done and the leftovers."""
    os.environ["NANOFLUX_CANARY"] = SECRET
    with tempfile.TemporaryDirectory() as folder:
        tempfile.tempdir = folder
        targets = Targets(Path(folder))
        async with open_sandbox(name, limits=LIMITS, concurrency=1, remember=0) as sandbox:
            await sandbox.run("print(1)")  # the event loop's own descriptors are there now
        await asyncio.sleep(0.3)
        before = footprint()
        places = concurrency + 1  # one is the neighbour's
        async with open_sandbox(name, limits=LIMITS, concurrency=places, remember=0) as sandbox:
            holes = await attack_all(sandbox, targets, concurrency)
        await asyncio.sleep(0.3)
        after = footprint()
        harm = targets.harm()
    left = {key: (before[key], after[key]) for key in before if before[key] != after[key]}
    return {"tried": int(holes.pop("tried")), "holes": holes, "harm": harm, "left": left}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 8)), indent=1))
