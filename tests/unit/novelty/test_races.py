"""A thousand near-duplicates at once, in one process and in three, killed and resumed; inserts survive a kill."""

import asyncio
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.unit.novelty.conftest import fake_server
from tests.unit.novelty.items import near_duplicates, near_duplicates_among
from tests.unit.novelty.submitter import new_questions
from tools.novelty.embedder import Embedder
from tools.novelty.port import NoveltyItem, NoveltyOptions
from tools.novelty.stores.edge import EdgeNovelty
from tools.novelty.stores.qdrant import QdrantNovelty
from tools.novelty.stores.stored_item import point_id

MANY = 1000
Popen = subprocess.Popen[str]


def start(store: object, part: int, of: int = 1, many: int = MANY) -> Popen:
    command = [sys.executable, "-m", "tests.unit.novelty.submitter", str(store), str(part), str(of), str(many)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def decisions_of(process: Popen) -> dict[str, str]:
    """Return owner and verdict of each whole line it printed."""
    lines = process.communicate()[0].splitlines(keepends=True)
    return dict(line.split() for line in lines if line.endswith("\n"))


def accepted_of(decisions: dict[str, str], many: int) -> list[NoveltyItem]:
    return [item for item in near_duplicates(many) if decisions.get(item.owner) == "novel"]


@pytest.mark.slow
async def test_one_process_lets_no_two_of_a_thousand_near_duplicates_through(
    tmp_path: Path, embedder: Embedder
) -> None:
    items = near_duplicates(MANY)
    random.Random(3).shuffle(items)
    async with EdgeNovelty(NoveltyOptions(path=tmp_path / "novelty"), embedder) as gate:
        found = await asyncio.gather(*map(gate.admit, items))
    accepted = [item for item, decision in zip(items, found, strict=True) if decision.verdict == "novel"]
    assert len(accepted) >= 15
    assert near_duplicates_among(accepted, embedder) == []


@pytest.mark.parametrize("many", [60, pytest.param(MANY, marks=pytest.mark.slow)])
def test_three_processes_let_no_two_near_duplicates_through(embedder: Embedder, many: int) -> None:
    with fake_server() as url:
        processes = [start(url, part, 3, many) for part in range(3)]
        decisions = {owner: verdict for process in processes for owner, verdict in decisions_of(process).items()}
        assert len(decisions) == many
        accepted = accepted_of(decisions, many)
        assert count_on(url, embedder) == len(accepted)
    assert len(accepted) >= 10
    assert near_duplicates_among(accepted, embedder) == []


@pytest.mark.slow
def test_three_processes_killed_and_resumed_let_no_two_near_duplicates_through(embedder: Embedder) -> None:
    rng, kills = random.Random(11), 0
    with fake_server() as url:
        processes = {part: start(url, part, 3) for part in range(3)}
        for _ in range(9):
            time.sleep(rng.uniform(2.5, 6.0))  # a process needs about two seconds to read its model
            part = rng.randrange(3)
            if processes[part].poll() is None:
                kills += 1
            processes[part].kill()
            processes[part].communicate()
            processes[part] = start(url, part, 3)
        decisions = {
            owner: verdict for process in processes.values() for owner, verdict in decisions_of(process).items()
        }
        assert len(decisions) == MANY
        accepted = accepted_of(decisions, MANY)
        assert count_on(url, embedder) == len(accepted)
    assert kills >= 3
    assert len(accepted) >= 10
    assert near_duplicates_among(accepted, embedder) == []


def count_on(url: str, embedder: Embedder) -> int:
    async def count() -> int:
        async with QdrantNovelty(NoveltyOptions(store=url, collection="race"), embedder) as gate:
            return (await gate.count())["accepted"]

    return asyncio.run(count())


@pytest.mark.parametrize("kills", [2, pytest.param(10, marks=pytest.mark.slow)])
def test_a_killed_process_loses_no_acknowledged_insert(tmp_path: Path, embedder: Embedder, kills: int) -> None:
    rng = random.Random(5)
    stored: dict[tuple[int, str], str] = {}
    for part in range(kills):
        process = start(tmp_path / "novelty", part, many=100_000)
        assert process.stdout is not None
        first = [process.stdout.readline().split() for _ in range(30)]
        stored |= {(part, owner): verdict for owner, verdict in first}
        time.sleep(rng.uniform(0, 0.5))
        process.kill()
        stored |= {(part, owner): verdict for owner, verdict in decisions_of(process).items()}
    acknowledged = {owner for (_, owner), verdict in stored.items() if verdict == "novel"}
    assert len(acknowledged) >= 20 * kills

    async def missing() -> set[str]:
        async with EdgeNovelty(NoveltyOptions(path=tmp_path / "novelty"), embedder) as gate:
            items = [item for part in range(kills) for item in new_questions(part, 3000) if item.owner in acknowledged]
            assert len(items) == len(acknowledged)
            there = await gate._do(lambda: gate._retrieve([point_id(item) for item in items]))
            return acknowledged - {payload["owner"] for payload in there}

    assert asyncio.run(missing()) == set()
