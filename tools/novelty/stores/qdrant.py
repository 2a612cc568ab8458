"""The novelty gate over a Qdrant server that many machines share.

A server has no critical section, so an item is first inserted as a claim: a pending point. Whoever claims second finds
the first. Of two pending near-duplicates the one with the smaller id proceeds; the other withdraws. A claim is
confirmed only while it exists, pending and its owner's: one that expired and was removed cannot come back. So two
near-duplicates are never both accepted, whichever process stalls or dies; at worst neither is.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Self

from tools.extras import reinstall_command
from tools.novelty.embedder import Embedder
from tools.novelty.port import Decision, Nearby, NoveltyError, NoveltyItem, NoveltyOptions
from tools.novelty.stores.stored_item import Payload, Prepared, Preparer, chunks, point_id, stored_decision

if TYPE_CHECKING:
    from tools.novelty.stores.qdrant_points import QdrantPoints

LEASE_S = 20.0
"""How long a claim lasts after its owner's last write; far above a round trip, since clocks may differ."""
_PAUSE_S = (0.02, 0.5)
"""First and longest pause while a rival's claim is settled."""
VECTORS_AT_ONCE = 500
"""Vectors asked for in one request; 384 numbers each are about 2 MB of JSON."""
_MOST_LEASES = 6
"""Leases after which an item stops waiting and fails."""


class QdrantNovelty:
    """A `Novelty` over a collection of a Qdrant server."""

    def __init__(self, options: NoveltyOptions, embedder: Embedder | None = None, *, lease_s: float = LEASE_S) -> None:
        self._options = options
        self._preparer = Preparer(options, embedder)
        self._lease_s = lease_s
        self._points: QdrantPoints | None = None

    @property
    def embedder(self) -> str:
        """Name and fingerprint of the model; the bare name before the store is open."""
        return self._preparer.embedder.name

    async def __aenter__(self) -> Self:
        """Connect; see `QdrantPoints.open` for what may be wrong."""
        await self._preparer.load()
        points = await asyncio.to_thread(_connect, self._options)
        try:
            await points.open(self._preparer)
        except BaseException:
            await points.close()
            raise
        self._points = points
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._points is not None:
            await self._points.close()
            self._points = None

    @property
    def _server(self) -> QdrantPoints:
        if self._points is None:
            raise NoveltyError("the novelty store is not open; enter it with `async with`")
        return self._points

    async def look(self, item: NoveltyItem) -> Decision:
        """See `Novelty.look`."""
        server = self._server
        return await self._settled(server, await self._preparer.one(item))

    async def admit(self, item: NoveltyItem) -> Decision:
        """See `Novelty.admit`."""
        server = self._server
        mine = await self._preparer.one(item)
        give_up = time.monotonic() + _MOST_LEASES * self._lease_s
        pause = _PAUSE_S[0]
        while True:
            decision = await self._attempt(server, mine)
            if decision is not None:
                return decision
            if time.monotonic() > give_up:
                raise NoveltyError(f"the claims near {item.question[:80]!r} did not settle; offer it again")
            await asyncio.sleep(pause)
            pause = min(2 * pause, _PAUSE_S[1])

    async def protect(self, benchmark: str, items: Sequence[NoveltyItem]) -> int:
        """See `Novelty.protect`; an item that repeats another of its benchmark counts once."""
        server, added = self._server, 0
        for part in chunks(items):
            by_id = {point_id(item, benchmark): item for item in part}
            there = await server.read(list(by_id))
            new = [item for id_, item in by_id.items() if id_ not in there]
            await server.insert([(item, item.payload()) for item in await self._preparer.many(new, benchmark)])
            added += len(new)
        return added

    async def near(self, item: NoveltyItem) -> list[Nearby]:
        """See `Novelty.near`."""
        server, prepared = self._server, await self._preparer.one(item)
        found = await server.nearest(prepared.vector, state="accepted")
        return self._preparer.nearby(prepared, [(payload, cosine) for _, payload, cosine in found])

    async def vectors(self, items: Sequence[NoveltyItem]) -> list[list[float] | None]:
        """See `Novelty.vectors`."""
        ids = await asyncio.to_thread(lambda: [point_id(item) for item in items])
        found: dict[str, list[float]] = {}
        for at in range(0, len(ids), VECTORS_AT_ONCE):
            found |= await self._server.vectors(ids[at : at + VECTORS_AT_ONCE])
        return [found.get(id_) for id_ in ids]

    async def count(self) -> dict[str, int]:
        """See `Novelty.count`."""
        return {kind: await self._server.count(kind) for kind in ("accepted", "benchmark")}

    # --- the protocol ------------------------------------------------------------------------------------------

    async def _settled(self, server: QdrantPoints, mine: Prepared) -> Decision:
        """Decide against accepted points alone, without claims."""
        found = await server.nearest(mine.vector, state="accepted", without=mine.id)
        same = (await server.read([mine.id])).get(mine.id)
        rows = [(payload, cosine) for _, payload, cosine in found]
        if same and same["state"] == "accepted":
            rows.insert(0, (same, 1.0))
        return self._preparer.decide(mine, rows)

    async def _attempt(self, server: QdrantPoints, mine: Prepared) -> Decision | None:
        """Claim and try to confirm once; None where it must wait for a rival's claim."""
        owner = mine.item.owner
        stored = (await server.read([mine.id])).get(mine.id)
        if stored and stored["owner"] == owner and stored["state"] == "accepted":
            return stored_decision(stored)
        decision = await self._settled(server, mine)
        if decision.verdict != "novel":
            await server.withdraw(mine.id, owner)
            return decision
        if stored and stored["owner"] != owner:  # the same text is being claimed by somebody else
            await self._expire(server, mine.id, stored)
            return None
        lease = time.time() + self._lease_s
        await server.insert([(mine, mine.payload(state="pending", lease=lease))])
        await server.change(mine.id, owner, {"lease": lease})
        rival = await self._rival(server, mine)
        if rival is not None:
            return rival if rival.verdict != "novel" else None
        decision = await self._settled(server, mine)  # after the claims: one that was just confirmed is in neither else
        if decision.verdict != "novel":
            await server.withdraw(mine.id, owner)
            return decision
        found = mine.payload(decision)["decision"]
        await server.change(mine.id, owner, {"state": "accepted", "lease": 0.0, "decision": found})
        stored = (await server.read([mine.id])).get(mine.id)
        return (
            stored_decision(stored) if stored and stored["owner"] == owner and stored["state"] == "accepted" else None
        )

    async def _rival(self, server: QdrantPoints, mine: Prepared) -> Decision | None:
        """Compare with pending claims: a refusal where a near-duplicate comes first, "novel" to wait, None to go on."""
        wait: Decision | None = None
        for id_, payload, cosine in await server.nearest(mine.vector, state="pending", without=mine.id):
            decision = self._preparer.decide(mine, [(payload, cosine)])
            if decision.verdict == "novel":
                continue
            if await self._expire(server, id_, payload) or id_ > mine.id:
                wait = Decision(verdict="novel")
                continue
            await server.withdraw(mine.id, mine.item.owner)
            return decision
        return wait

    async def _expire(self, server: QdrantPoints, id_: str, claim: Payload) -> bool:
        """Remove a claim whose lease is over; return whether it was."""
        over = claim["state"] == "pending" and float(claim["lease"]) < time.time()
        if over:
            await server.expire(id_)
        return over


def _connect(options: NoveltyOptions) -> QdrantPoints:
    """Import the client, which reads files, and make one, which reads certificates: off the event loop."""
    try:
        from tools.novelty.stores.qdrant_points import QdrantPoints  # noqa: PLC0415  # see above
    except ImportError as e:
        raise NoveltyError(f"a Qdrant server needs qdrant-client; {reinstall_command('qdrant-client')}") from e
    return QdrantPoints(options)
