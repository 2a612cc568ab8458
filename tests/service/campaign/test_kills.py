"""SIGKILL at any moment: nothing lost, nothing doubled, no finished call paid again."""

from __future__ import annotations

import asyncio
import os
import signal
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest

from evals.mock_server.server import Script, serve
from tests.service.command import assert_true_and_unique, command, flags, paid_again, rows, start

FAULTS = {"wrong_answer": 0.25, "malformed": 0.05, "http_500": 0.03, "defender_right": 0.2, "judge_prints": 0.3}
PRICES = ",".join(f"openai:scripted-{seat}={price}" for seat, price in (("defender", "9/9"), ("judge", ".1/.1")))
SAMPLES = ("--defender-samples=3", f"--prices={PRICES},openai:scripted-attacker=1/1")
"""So priced, the Judge is soon asked between two samples."""


async def kill_at(boundary: int, args: list[str]) -> int:
    process = await start(str(boundary), *args, module="tests.service.campaign.killed")
    _, err = await process.communicate()
    assert process.returncode in (0, -signal.SIGKILL), err.decode()
    return process.returncode or 0


async def kill_at_every_boundary(folder: Path, boundaries: range) -> None:
    script = Script(**FAULTS)
    async with serve(script) as server:
        args = flags(server, folder, "--target=200", "--slots=1", *SAMPLES)
        for boundary in boundaries:
            assert await kill_at(boundary, args) == -signal.SIGKILL
        kept = rows(folder) if (folder / "r" / "dataset.jsonl").exists() else []
        final = flags(server, folder, f"--target={len(kept) + 3}", "--slots=1", *SAMPLES)
        assert (await command(*final)).code == 0
        assert 0 <= paid_again(server, folder) <= len(boundaries), "only the reply in flight at each kill"
        assert ("solve", "defend") in pairwise(call.task for call in server.calls)
    after = rows(folder)
    assert after[: len(kept)] == kept
    assert len(after) == len(kept) + 3
    assert_true_and_unique(after, script)


async def test_a_kill_at_a_node_boundary_loses_nothing(tmp_path: Path) -> None:
    await kill_at_every_boundary(tmp_path, range(20, 60, 16))


@pytest.mark.slow
async def test_a_kill_at_each_node_boundary_loses_nothing(tmp_path: Path) -> None:
    await kill_at_every_boundary(tmp_path, range(1, 100))


async def kill_at_random(folder: Path, *, kills: int) -> None:
    script, slots, rng = Script(**FAULTS, latency_s=0.05), 8, Random(7)
    seen: set[str] = set()
    async with serve(script) as server:
        args = flags(server, folder, "--target=500", f"--slots={slots}", *SAMPLES)
        for _ in range(kills):
            process, before = await start(*args), len(server.calls)
            while len(server.calls) < before + rng.randint(1, 40) and process.returncode is None:
                await asyncio.sleep(rng.uniform(0.005, 0.05))
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGKILL)
            await process.communicate()
            now = {row.id for row in rows(folder)} if (folder / "r" / "dataset.jsonl").exists() else set()
            assert seen <= now
            seen = now
        final = flags(server, folder, f"--target={len(seen) + 5}", f"--slots={slots}", *SAMPLES)
        assert (await command(*final)).code == 0
        assert 0 <= paid_again(server, folder) <= kills * slots, "only those in flight at each kill"
    assert len(rows(folder)) == len(seen) + 5
    assert_true_and_unique(rows(folder), script)


async def test_kills_at_random_instants_lose_nothing(tmp_path: Path) -> None:
    await kill_at_random(tmp_path, kills=3)


@pytest.mark.slow
async def test_a_hundred_kills_at_random_instants_lose_nothing(tmp_path: Path) -> None:
    await kill_at_random(tmp_path, kills=100)
