"""Time check and insert of the edge store against qdrant-client's local `path=` mode, on the same vectors.

    python -m tests.bench.novelty --sizes 10000 100000

Vectors are random and of the default model's dimension; payloads are those of the gate. Both are asked for as many
neighbours as the rules look at, and then given one item. The gate's own step, rules included, stands beside them.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from qdrant_client import QdrantClient, models

from tools.novelty.embedder import Embedder, Vectors
from tools.novelty.port import DEFAULT_EMBEDDER, NoveltyItem, NoveltyOptions
from tools.novelty.rules.decision import NEIGHBOURS
from tools.novelty.stores.edge import EdgeNovelty
from tools.novelty.stores.stored_item import Prepared, point_id

WORDS = [f"{a}{b}{c}" for a in "bdfgklmnprst" for b in "aeiou" for c in ("n", "rt", "lk", "st")]
BATCH = 1000


def prepared(many: int, dimension: int, seed: int) -> list[Prepared]:
    """Make items with unit vectors in random directions and texts of about forty random words."""
    rng, noise = random.Random(seed), np.random.default_rng(seed)
    vectors: Vectors = noise.standard_normal((many, dimension), dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    made = []
    for at, vector in enumerate(vectors):
        text = f"{' '.join(rng.choices(WORDS, k=36))} {at} {' '.join(rng.choices(WORDS, k=4))}?"
        item = NoveltyItem(question=text, owner=f"{seed}/{at}", answer=str(at), answer_kind="number")
        made.append(Prepared(item, "", point_id(item), vector.tolist()))
    return made


def median_ms(step: Callable[[Prepared], object], items: list[Prepared]) -> float:
    """Return the median time of the step in milliseconds."""
    times = []
    for item in items:
        start = time.perf_counter()
        step(item)
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times)


async def time_edge(
    folder: Path, stored: list[Prepared], items: list[Prepared], embedder: Embedder
) -> tuple[float, float]:
    """Fill an edge store, then time the bare check and insert, and the gate's."""
    async with EdgeNovelty(NoveltyOptions(path=folder), embedder) as gate:

        def bare(item: Prepared) -> None:
            gate._nearest(item.vector)
            gate._insert([(item, payloads[item.id])])

        payloads = {item.id: item.payload() for item in items}
        for at in range(0, len(stored), BATCH):
            rows = [(item, item.payload()) for item in stored[at : at + BATCH]]
            await gate._do(partial(gate._insert, rows))
        half = len(items) // 2
        return (
            await gate._do(partial(median_ms, bare, items[:half])),
            await gate._do(partial(median_ms, gate._check_and_insert, items[half:])),
        )


def time_local(folder: Path, stored: list[Prepared], items: list[Prepared]) -> float:
    """Fill a collection in local mode, then time an exact query and an insert."""
    client = QdrantClient(path=str(folder))
    size = len(items[0].vector)
    client.create_collection("c", models.VectorParams(size=size, distance=models.Distance.COSINE))

    payloads = {item.id: item.payload() for item in [*stored, *items]}

    def point(item: Prepared) -> models.PointStruct:
        return models.PointStruct(id=item.id, vector=item.vector, payload=payloads[item.id])

    def step(item: Prepared) -> None:
        client.query_points("c", item.vector, limit=NEIGHBOURS, with_payload=True)
        client.upsert("c", [point(item)])

    for at in range(0, len(stored), BATCH):
        client.upsert("c", [point(item) for item in stored[at : at + BATCH]])
    result = median_ms(step, items)
    client.close()
    return result


def main() -> None:
    """Print one row of Markdown a size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000], help="items stored before timing")
    parser.add_argument("--items", type=int, default=60, help="items timed")
    chosen = parser.parse_args()
    warnings.filterwarnings("ignore", message=".*more than 20.?000 points.*")
    embedder = Embedder(DEFAULT_EMBEDDER)
    embedder.load()
    question = "A tank of 900 liters is filled at 30 liters a minute while 10 leak away. " * 3
    embedding = median_ms(lambda item: embedder.embed([question]), prepared(20, 8, 9))
    print(
        "| stored | qdrant-client path= | edge | ratio | gate, rules included | ratio | gate / embedding one question |"
    )
    print("|---|---|---|---|---|---|---|")
    for size in chosen.sizes:
        stored, items = prepared(size, embedder.dimension, 1), prepared(chosen.items, embedder.dimension, 2)
        with tempfile.TemporaryDirectory() as folder:
            edge, gate = asyncio.run(time_edge(Path(folder) / "edge", stored, items, embedder))
            local = time_local(Path(folder) / "local", stored, items)
        figures = f"{local:.1f} ms | {edge:.2f} ms | {local / edge:.0f}x | {gate:.2f} ms | {local / gate:.0f}x"
        print(f"| {size:,} | {figures} | {gate / embedding:.0%} of {embedding:.1f} ms |", flush=True)


if __name__ == "__main__":
    main()
