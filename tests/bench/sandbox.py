"""Measure every backend of this machine against a bare `python -c` of the same snippet, in the same interleaved rounds.

    python -m tests.bench.sandbox [ROUNDS]

Ratios are what can be compared between machines. The bare baseline runs in a session of its own: the kernel shares
the processor between sessions, and one shared with this program would be starved.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

from tools.sandbox.port import Limits, Sandbox, SandboxError
from tools.sandbox.process import ENVIRONMENT
from tools.sandbox.registry import open_sandbox

SNIPPETS = {
    "print": "print(2**100)",
    "sympy": "import sympy\nx = sympy.symbols('x')\nprint(sympy.solve(x**3 - 6*x**2 + 11*x - 6, x))",
    "numpy": "import numpy\nprint(numpy.linalg.solve([[3.0, 1.0], [1.0, 2.0]], [9.0, 8.0]))",
}
BACKENDS = ("namespace", "landlock", "wasi", "monty", "process")
FORKING = ("namespace", "landlock")
"""Those whose memory is a process tree's."""
WITHOUT_PACKAGES = ("monty",)
IN_FLIGHT = 8
CORES = os.cpu_count() or 1
LIMITS = Limits(wall_s=30, cpu_s=30)


async def bare(code: str) -> None:
    """Run a snippet with no sandbox at all."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-s", "-c", code, stdout=subprocess.PIPE, env=ENVIRONMENT, start_new_session=True
    )
    await process.communicate()


def inside(sandbox: Sandbox) -> Callable[[str], Awaitable[object]]:
    """Return what runs a snippet in the sandbox and insists that it went well."""

    async def run(code: str) -> None:
        execution = await sandbox.run(code)
        if execution.status != "ok":
            raise SandboxError(f"{sandbox.name}: {execution}")

    return run


def able(place: str, snippet: str) -> bool:
    """Whether the place has what the snippet imports."""
    return snippet == "print" or place not in WITHOUT_PACKAGES


async def overtime(sandbox: Sandbox) -> float:
    """Return how long after its wall limit a program that never ends was over, the worst of five, s."""
    late = []
    for _ in range(5):
        started = time.perf_counter()
        execution = await sandbox.run("while True: pass", limits=Limits(wall_s=0.5))
        late.append(time.perf_counter() - started - 0.5)
        if execution.status != "timeout":
            raise SandboxError(f"{sandbox.name}: {execution}")
    return max(late)


async def latencies(places: dict[str, Callable[[str], Awaitable[object]]], rounds: int) -> dict[tuple[str, str], float]:
    """Return the median of each place and snippet, ms; a short pause lets each place get ready again."""
    times: dict[tuple[str, str], list[float]] = {}
    for _ in range(rounds):
        for snippet, code in SNIPPETS.items():
            for place, run in places.items():
                if not able(place, snippet):
                    continue
                started = time.perf_counter()
                await run(code)
                times.setdefault((place, snippet), []).append(1000 * (time.perf_counter() - started))
                await asyncio.sleep(0.05)
    return {key: statistics.median(values) for key, values in times.items()}


async def throughput(run: Callable[[str], Awaitable[object]], code: str, count: int) -> float:
    """Return runs per second with several in flight."""
    turns = asyncio.Semaphore(IN_FLIGHT)

    async def one() -> None:
        async with turns:
            await run(code)

    started = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(count)))
    return count / (time.perf_counter() - started)


def tree_memory(pid: int) -> float:
    """Return the proportional memory of a process and all below it, MB."""
    total = 0
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            total += int(line.split()[1])
    children = " ".join(path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children")).split()
    return total / 1000 + sum(tree_memory(int(child)) for child in children)


async def memory(sandbox: Sandbox, code: str) -> tuple[float, float]:
    """Return what the pool holds at rest, and what one run of the code adds, MB."""
    pid = getattr(sandbox, "_pool")._process.pid  # noqa: B009  (measured from outside; no part of the port)
    await asyncio.sleep(0.3)
    rest = await asyncio.to_thread(tree_memory, pid)
    run = asyncio.create_task(sandbox.run(code + "\nimport time\ntime.sleep(1)"))
    await asyncio.sleep(0.7)
    added = await asyncio.to_thread(tree_memory, pid) - rest
    await run
    return rest, added


async def opening(name: str) -> float:
    """Return the median time until the place takes programs, s."""
    times = []
    for _ in range(5):
        started = time.perf_counter()
        async with open_sandbox(name, limits=LIMITS, concurrency=CORES, remember=0):
            times.append(time.perf_counter() - started)
    return statistics.median(times)


async def at_rest(name: str) -> list[str]:
    """Open the place alone and return its cells: ready, killed after, memory."""
    cells = [f"{await opening(name):.2f}"]
    async with open_sandbox(name, limits=LIMITS, concurrency=CORES, remember=0) as sandbox:
        cells.append(f"{await overtime(sandbox):.2f}")
        if name not in FORKING:
            return [*cells, "-", "-", "-"]
        rest, small = await memory(sandbox, SNIPPETS["print"])
        large = (await memory(sandbox, SNIPPETS["sympy"]))[1]
        return [*cells, f"{rest:.0f}", f"{small:.1f}", f"{large:.1f}"]


async def main(rounds: int) -> None:
    """Print a table of latency, throughput, start and memory for each backend."""
    alone = {"python -c": ["0.00", "-", "-", "-", "-"]}
    rates: dict[tuple[str, str], list[float]] = {}
    async with AsyncExitStack() as opened:
        places: dict[str, Callable[[str], Awaitable[object]]] = {"python -c": bare}
        for name in BACKENDS:
            try:
                alone[name] = await at_rest(name)
                sandbox = open_sandbox(name, limits=LIMITS, concurrency=IN_FLIGHT, remember=0)
                places[name] = inside(await opened.enter_async_context(sandbox))
            except SandboxError as error:
                print(f"{name}: {error}")
        medians = await latencies(places, rounds)
        for _ in range(3):
            for snippet, count in (("print", 60), ("sympy", 24)):
                for place, run in places.items():
                    if able(place, snippet):
                        rate = await throughput(run, SNIPPETS[snippet], count)
                        rates.setdefault((place, snippet), []).append(rate)
    per_second = {key: statistics.median(values) for key, values in rates.items()}
    titles = ["backend", *(f"{name}, ms" for name in SNIPPETS), "print/s", "sympy/s"]
    titles += ["ready, s", "killed after, s", "pool, MB", "+ print", "+ sympy"]
    print(f"| {' | '.join(titles)} |\n|{'---|' * len(titles)}")
    for place, rest in alone.items():
        cells = [against_bare(medians, place, snippet) for snippet in SNIPPETS]
        cells += [against_bare(per_second, place, snippet) for snippet in ("print", "sympy")]
        print(f"| {' | '.join([place, *cells, *rest])} |")


def against_bare(figures: dict[tuple[str, str], float], place: str, snippet: str) -> str:
    """Write a figure and its ratio to the bare baseline's."""
    if (place, snippet) not in figures:
        return "-"
    own = figures[place, snippet]
    return f"{own:.1f} ({own / figures['python -c', snippet]:.2f})"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rounds", nargs="?", type=int, default=21, help="rounds to take the medians of (default: 21)")
    asyncio.run(main(parser.parse_args().rounds))
