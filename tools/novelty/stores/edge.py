"""The novelty gate over Qdrant in this process: a folder on disk, with a write-ahead log.

One thread owns the shard, so check and insert are one step whatever the event loop does meanwhile, and a cancelled
caller cannot leave half of it. The folder has one owner too: a second process is refused by the log's lock.
Covers: a killed process loses no insert that returned. Does not cover: loss of power (the log is not synced).
"""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Self, TypeVar

from tools.extras import reinstall_command
from tools.novelty.embedder import Embedder
from tools.novelty.port import Decision, Nearby, NoveltyError, NoveltyItem, NoveltyOptions
from tools.novelty.rules.decision import NEIGHBOURS
from tools.novelty.stores.stored_item import Payload, Prepared, Preparer, chunks, point_id, stored_decision

T = TypeVar("T")

RESCORED = 40
"""Every vector is compared in 4 bits a number, an eighth of the memory to read, and so many of the best again in full.
No graph is built: an index may miss the near-duplicate."""

_MANIFEST, _SHARD = "novelty.json", "shard"


class EdgeNovelty:
    """A `Novelty` over a folder; None for a temporary one."""

    def __init__(self, options: NoveltyOptions, embedder: Embedder | None = None) -> None:
        self._preparer = Preparer(options, embedder)
        self._path = options.path
        self._temporary: Path | None = None
        self._thread: ThreadPoolExecutor | None = None
        self._shard: Any = None

    @property
    def embedder(self) -> str:
        """Name and fingerprint of the model; the bare name before the store is open."""
        return self._preparer.embedder.name

    async def __aenter__(self) -> Self:
        """Open the folder, or make it.

        Raises:
            NoveltyError: It is damaged, foreign, in use, or was made with another embedder.
        """
        await self._preparer.load()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="novelty")
        try:
            await self._do(self._open)
        except BaseException:
            self._thread.shutdown(wait=False)
            self._thread = None
            self._drop_temporary()
            raise
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._thread is not None:
            await self._do(self._close)
            self._thread.shutdown(wait=False)
            self._thread = None

    async def look(self, item: NoveltyItem) -> Decision:
        """See `Novelty.look`."""
        prepared = await self._preparer.one(item)
        return await self._do(partial(self._check, prepared))

    async def admit(self, item: NoveltyItem) -> Decision:
        """See `Novelty.admit`."""
        prepared = await self._preparer.one(item)
        return await self._do(partial(self._check_and_insert, prepared))

    async def protect(self, benchmark: str, items: Sequence[NoveltyItem]) -> int:
        """See `Novelty.protect`; an item that repeats another of its benchmark counts once."""
        added = 0
        for part in chunks(items):
            new = await self._do(partial(self._absent, benchmark, part))
            prepared = await self._preparer.many(new, benchmark)
            await self._do(partial(self._insert, [(item, item.payload()) for item in prepared]))
            added += len(new)
        return added

    async def near(self, item: NoveltyItem) -> list[Nearby]:
        """See `Novelty.near`."""
        prepared = await self._preparer.one(item)
        return self._preparer.nearby(prepared, await self._do(partial(self._nearest, prepared.vector)))

    async def vectors(self, items: Sequence[NoveltyItem]) -> list[list[float] | None]:
        """See `Novelty.vectors`."""
        return await self._do(partial(self._vectors, items))

    async def count(self) -> dict[str, int]:
        """See `Novelty.count`."""
        return await self._do(self._count)

    async def _do(self, work: Callable[[], T]) -> T:
        """Run the work in the shard's own thread."""
        if self._thread is None:
            raise NoveltyError("the novelty store is not open; enter it with `async with`")
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    # --- in the shard's thread ---------------------------------------------------------------------------------

    def _open(self) -> None:
        if self._path is None:
            self._temporary = Path(tempfile.mkdtemp(prefix="nanoflux-novelty-"))
        folder = self._path or self._temporary or Path()
        manifest, shard = folder / _MANIFEST, folder / _SHARD
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if manifest.is_file():
                self._preparer.require_identity(_read(manifest), f"the novelty store {str(folder)!r}")
            elif any(folder.iterdir()):
                raise NoveltyError(f"{str(folder)!r} holds files, but no {_MANIFEST}; name an empty folder")
            else:
                fresh = manifest.with_suffix(".new")
                fresh.write_text(json.dumps(self._preparer.identity()))
                fresh.replace(manifest)
        except OSError as e:
            raise NoveltyError(f"cannot use {str(folder)!r} as the novelty store: {e}; name another folder") from e
        self._shard = _open_shard(shard, self._preparer.embedder.dimension)

    def _close(self) -> None:
        self._shard.flush()
        self._shard.close()
        self._shard = None
        self._drop_temporary()

    def _drop_temporary(self) -> None:
        if self._temporary:
            shutil.rmtree(self._temporary, ignore_errors=True)

    def _check(self, prepared: Prepared) -> Decision:
        return self._preparer.decide(prepared, self._nearest(prepared.vector))

    def _check_and_insert(self, prepared: Prepared) -> Decision:
        stored = self._retrieve([prepared.id])
        if stored and stored[0]["owner"] == prepared.item.owner:
            return stored_decision(stored[0])
        decision = self._check(prepared)
        if decision.verdict == "novel":
            self._insert([(prepared, prepared.payload(decision))])
        return decision

    def _nearest(self, vector: list[float]) -> list[tuple[Payload, float]]:
        import qdrant_edge as edge  # noqa: PLC0415  # see _open_shard

        request = edge.QueryRequest(
            limit=NEIGHBOURS,
            query=edge.Query.Nearest(vector),
            with_payload=True,
            params=edge.SearchParams(
                quantization=edge.QuantizationSearchParams(rescore=True, oversampling=RESCORED / NEIGHBOURS)
            ),
        )
        return [(point.payload, point.score) for point in self._shard.query(request)]

    def _retrieve(self, ids: list[str]) -> list[Payload]:
        return [record.payload for record in self._shard.retrieve(ids, True, False)]

    def _vectors(self, items: Sequence[NoveltyItem]) -> list[list[float] | None]:
        ids = [point_id(item) for item in items]
        found = {str(record.id): record.vector for record in self._shard.retrieve(ids, False, True)}
        return [found.get(id_) for id_ in ids]

    def _absent(self, benchmark: str, items: Sequence[NoveltyItem]) -> list[NoveltyItem]:
        by_id = {point_id(item, benchmark): item for item in items}
        there = {str(record.id) for record in self._shard.retrieve(list(by_id), False, False)}
        return [item for id_, item in by_id.items() if id_ not in there]

    def _insert(self, rows: Iterable[tuple[Prepared, Payload]]) -> None:
        import qdrant_edge as edge  # noqa: PLC0415  # see _open_shard

        points = [edge.Point(item.id, item.vector, payload) for item, payload in rows]
        if points:
            self._shard.update(
                edge.UpdateOperation.upsert_points(points, update_mode=edge.UpdateMode.InsertOnly),
            )

    def _count(self) -> dict[str, int]:
        import qdrant_edge as edge  # noqa: PLC0415  # see _open_shard

        kinds = ("accepted", "benchmark")
        requests = [
            edge.CountRequest(filter=edge.Filter(must=[edge.FieldCondition("kind", match=edge.MatchValue(kind))]))
            for kind in kinds
        ]
        return {kind: self._shard.count(request) for kind, request in zip(kinds, requests, strict=True)}


def _read(manifest: Path) -> object:
    try:
        return json.loads(manifest.read_text())
    except ValueError as e:
        raise NoveltyError(f"{str(manifest)!r} is damaged ({e}); restore the folder, or start a new store") from e


def _open_shard(shard: Path, dimension: int) -> Any:
    """Load the shard, or create it beside its place and move it there, so that a kill leaves no half-made one."""
    try:
        import qdrant_edge as edge  # noqa: PLC0415  # only who chose this store needs it
    except ImportError as e:
        raise NoveltyError(f"the edge store needs qdrant-edge-py; {reinstall_command('qdrant-edge-py')}") from e
    scanned = edge.TurboQuantQuantizationConfig(bits=edge.TurboQuantBitSize.Bits4, always_ram=True)
    vectors = edge.EdgeVectorParams(size=dimension, distance=edge.Distance.Cosine, quantization_config=scanned)
    config = edge.EdgeConfig(vectors=vectors, wal_enabled=True, max_search_threads=1)
    try:
        if not shard.is_dir():
            fresh = shard.with_suffix(".new")
            shutil.rmtree(fresh, ignore_errors=True)
            fresh.mkdir()
            edge.EdgeShard.create(str(fresh), config).close()
            fresh.rename(shard)
        return edge.EdgeShard.load(str(shard), config)
    except Exception as e:  # the engine raises bare Exceptions
        if "WouldBlock" in str(e):
            raise NoveltyError(
                f"{str(shard.parent)!r} is in use by another process; stop that run or server (langgraph dev "
                "keeps it open after a run), or share a Qdrant server by --novelty-store"
            ) from e
        raise NoveltyError(f"cannot open {str(shard.parent)!r}: {e}; restore the folder, or start a new store") from e
