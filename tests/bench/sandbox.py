"""Measure every local backend against a bare `python -c` of the same snippet, in the same interleaved rounds.

    python -m tests.bench.sandbox [ROUNDS]

Ratios are what can be compared between machines. The bare baseline runs in a session of its own: the kernel shares
the processor between sessions, and one shared with this program would be starved.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

from tools.process_sandbox import ENVIRONMENT
from tools.sandbox import Limits, Sandbox, SandboxError, open_sandbox

SNIPPETS = {
    "print": "print(2**100)",
    "sympy": "import sympy\nx = sympy.symbols('x')\nprint(sympy.solve(x**3 - 6*x**2 + 11*x - 6, x))",
    "numpy": "import numpy\nprint(numpy.linalg.solve([[3.0, 1.0], [1.0, 2.0]], [9.0, 8.0]))",
}
BACKENDS = ("namespace", "landlock", "process")
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


async def latencies(places: dict[str, Callable[[str], Awaitable[object]]], rounds: int) -> dict[tuple[str, str], float]:
    """Return the median of each place and snippet, ms; a short pause lets each place get ready again."""
    times: dict[tuple[str, str], list[float]] = {}
    for _ in range(rounds):
        for snippet, code in SNIPPETS.items():
            for place, run in places.items():
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


async def main(rounds: int) -> None:
    """Print a table of latency, throughput, start and memory for each backend."""
    async with AsyncExitStack() as opened:
        places: dict[str, Callable[[str], Awaitable[object]]] = {"python -c": bare}
        ready, footprints = {"python -c": 0.0}, {}
        for name in BACKENDS:
            try:
                started = time.perf_counter()
                async with open_sandbox(name, limits=LIMITS, concurrency=CORES, remember=0) as sandbox:
                    ready[name] = time.perf_counter() - started
                    if name != "process":
                        rest, small = await memory(sandbox, SNIPPETS["print"])
                        large = (await memory(sandbox, SNIPPETS["sympy"]))[1]
                        footprints[name] = f"{rest:.0f} | {small:.1f} | {large:.1f}"
                sandbox = open_sandbox(name, limits=LIMITS, concurrency=IN_FLIGHT, remember=0)
                places[name] = inside(await opened.enter_async_context(sandbox))
            except SandboxError as error:
                print(f"{name}: {error}")
        medians = await latencies(places, rounds)
        rates: dict[tuple[str, str], list[float]] = {}
        for _ in range(3):
            for snippet, count in (("print", 60), ("sympy", 24)):
                for place, run in places.items():
                    rates.setdefault((place, snippet), []).append(await throughput(run, SNIPPETS[snippet], count))
    print("| backend | ready, s | print | sympy | numpy | print/s | sympy/s | pool, MB | + print | + sympy |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for place in places:
        cells = [f"{ready[place]:.2f}"]
        for snippet in SNIPPETS:
            own, base = medians[place, snippet], medians["python -c", snippet]
            cells.append(f"{own:.1f} ms ({own / base:.2f})")
        for snippet in ("print", "sympy"):
            own, base = statistics.median(rates[place, snippet]), statistics.median(rates["python -c", snippet])
            cells.append(f"{own:.1f} ({own / base:.2f})")
        print(f"| {place} | {' | '.join(cells)} | {footprints.get(place, '- | - | -')} |")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 21))
