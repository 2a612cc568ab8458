"""The store in this process: what a folder may be, and what opening it may not do."""

import json
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from tools.novelty.embedder import Embedder
from tools.novelty.port import NoveltyError, NoveltyItem, NoveltyOptions
from tools.novelty.registry import open_novelty
from tools.novelty.rules.decision import NEIGHBOURS
from tools.novelty.stores.edge import EdgeNovelty
from tools.novelty.stores.stored_item import Prepared, point_id

APPLES = NoveltyItem(question="Tom has 5 apples and buys 7 more. How many has he?", owner="a", answer="12")


def open_edge(path: Path | None, embedder: Embedder) -> EdgeNovelty:
    return EdgeNovelty(NoveltyOptions(path=path), embedder)


async def test_what_was_admitted_is_there_after_reopening(tmp_path: Path, embedder: Embedder) -> None:
    async with open_edge(tmp_path / "n", embedder) as gate:
        assert (await gate.admit(APPLES)).verdict == "novel"
    async with open_edge(tmp_path / "n", embedder) as gate:
        assert await gate.count() == {"accepted": 1, "benchmark": 0}
        decision = await gate.admit(APPLES.model_copy(update={"owner": "b"}))
        assert (decision.verdict, decision.rule, decision.nearest) == ("duplicate", "same_text", "a")


async def test_a_temporary_store_leaves_nothing(embedder: Embedder) -> None:
    async with open_edge(None, embedder) as gate:
        await gate.admit(APPLES)
        folder = gate._temporary
        assert folder is not None
        assert folder.is_dir()
    assert not folder.exists()


async def test_a_folder_has_one_owner(tmp_path: Path, embedder: Embedder) -> None:
    async with open_edge(tmp_path / "n", embedder):
        with pytest.raises(NoveltyError, match="in use by another process"):
            await open_edge(tmp_path / "n", embedder).__aenter__()


@pytest.mark.parametrize(("key", "value"), [("embedder", "other@1"), ("dimension", 7), ("rules", 0)])
async def test_a_store_made_otherwise_is_not_mixed(tmp_path: Path, embedder: Embedder, key: str, value: object) -> None:
    async with open_edge(tmp_path / "n", embedder) as gate:
        await gate.admit(APPLES)
    manifest = tmp_path / "n" / "novelty.json"
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), key: value}))
    with pytest.raises(NoveltyError, match=f"was made with {key} {value!r}"):
        await open_edge(tmp_path / "n", embedder).__aenter__()


@pytest.mark.parametrize("victim", ["novelty.json", "shard/edge_config.json", "shard/wal/first-index"])
async def test_a_damaged_store_is_named_and_left_as_it_is(tmp_path: Path, embedder: Embedder, victim: str) -> None:
    async with open_edge(tmp_path / "n", embedder) as gate:
        await gate.admit(APPLES)
    (tmp_path / "n" / victim).write_bytes(b"\xff\x00garbage")
    before = {file: file.read_bytes() for file in (tmp_path / "n").rglob("*.mmap")}
    assert before
    with pytest.raises(NoveltyError, match=r"start a new store|was made with"):
        await open_edge(tmp_path / "n", embedder).__aenter__()
    assert before == {file: file.read_bytes() for file in (tmp_path / "n").rglob("*.mmap")}


async def test_a_kill_while_the_store_is_made_leaves_one_that_opens(tmp_path: Path, embedder: Embedder) -> None:
    async with open_edge(tmp_path / "n", embedder):
        pass
    (tmp_path / "n" / "shard").rename(tmp_path / "n" / "shard.new")
    (tmp_path / "n" / "shard.new" / "edge_config.json").unlink()
    async with open_edge(tmp_path / "n", embedder) as gate:
        assert (await gate.admit(APPLES)).verdict == "novel"


async def test_a_folder_of_other_things_is_refused(tmp_path: Path, embedder: Embedder) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(NoveltyError, match=r"no novelty\.json"):
        await open_edge(tmp_path, embedder).__aenter__()


async def test_a_path_that_is_a_file_is_refused(tmp_path: Path, embedder: Embedder) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(NoveltyError, match="name another folder"):
        await open_edge(tmp_path / "file", embedder).__aenter__()


async def test_a_gate_that_is_not_open_says_so(tmp_path: Path, embedder: Embedder) -> None:
    with pytest.raises(NoveltyError, match="async with"):
        await open_edge(tmp_path / "n", embedder).look(APPLES)


def test_an_unknown_store_is_named() -> None:
    with pytest.raises(NoveltyError, match="no novelty store 'redis://x'"):
        open_novelty("redis://x")


async def test_the_scan_finds_the_nearest_that_an_exact_search_would(embedder: Embedder) -> None:
    noise = np.random.default_rng(3)
    centres = noise.standard_normal((300, embedder.dimension))
    spread = noise.choice([0.3, 0.6, 2.0], (4200, 1)) * noise.standard_normal((4200, embedder.dimension))
    vectors = np.repeat(centres, 14, axis=0) + spread  # clusters as tight as clones of one template, and lone items
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    items = [NoveltyItem(question=f"Item {at}?", owner=str(at)) for at in range(len(vectors))]
    stored = [Prepared(item, "", point_id(item), v.tolist()) for item, v in zip(items, vectors, strict=True)]
    async with open_edge(None, embedder) as gate:
        await gate._do(partial(gate._insert, [(item, item.payload()) for item in stored]))
        for query in noise.choice(len(vectors), 150, replace=False):
            found = await gate._do(partial(gate._nearest, stored[query].vector))
            best = np.sort(vectors @ vectors[query])[::-1][:NEIGHBOURS]
            assert [score for _, score in found] == pytest.approx(best, abs=1e-5)
