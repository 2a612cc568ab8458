"""Measure what `prove` costs a candidate: processor time here and in the sandbox, against one bare program there.

    python -m tests.bench.proof [ROUNDS]

The row is the documents' sample, proved in rounds that are interleaved with `print(1)` in the same sandbox.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from typing import Any

from agents.records import Proof
from agents.rows import Survivor
from graph.question.proof import prove, seed_of
from graph.question.row_checks import question_of
from tests.docs import SAMPLE
from tools.sandbox.port import Execution, Limits, Sandbox
from tools.sandbox.registry import open_sandbox

DRAWS = 16
LIMITS = Limits()


class Metered:
    """A sandbox that sums the processor time of what runs in it."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox, self.cpu_ms, self.runs = sandbox, 0.0, 0

    async def run(self, code: str, **options: Any) -> Execution:
        execution = await self._sandbox.run(code, **options)
        self.cpu_ms += execution.cpu_ms
        self.runs += 1
        return execution

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sandbox, name)


async def measure(rounds: int) -> None:
    """Print the medians of so many rounds."""
    row = Survivor.model_validate_json(SAMPLE.read_text())
    question, ours, inside, bare, wall, runs = question_of(row), [], [], [], [], 0
    async with open_sandbox("auto", limits=LIMITS, concurrency=1) as sandbox:
        for number in range(rounds):
            meter: Any = Metered(sandbox)
            began, cpu = time.perf_counter(), time.process_time()
            proof = await prove(
                question, row.judge_program, meter, LIMITS, wanted=DRAWS, seed=seed_of(question) + number
            )
            wall.append(1000 * (time.perf_counter() - began))
            ours.append(1000 * (time.process_time() - cpu))
            assert isinstance(proof, Proof), proof
            inside.append(meter.cpu_ms)
            runs = meter.runs
            bare.append((await sandbox.run("print(1)", limits=LIMITS)).cpu_ms)
    here, there, one = statistics.median(ours), statistics.median(inside), statistics.median(bare)
    print(f"prove, {DRAWS} draws wanted, {rounds} rounds in {sandbox.name}: {runs} sandbox runs a candidate")
    print(f"  processor time {here:.1f} ms here and {there:.1f} ms in the sandbox, {there / one:.1f} x print(1) there")
    print(f"  wall {statistics.median(wall):.0f} ms")


def main() -> None:
    """Take the number of rounds from the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.proof", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("rounds", nargs="?", type=int, default=30)
    asyncio.run(measure(parser.parse_args().rounds))


if __name__ == "__main__":
    main()
