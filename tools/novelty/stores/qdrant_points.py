"""One collection of a Qdrant server: the reads and conditional writes that the claim protocol needs.

Every write is conditional and does not report whether it applied, so callers read back; writes are idempotent, so what
fails in transit is retried. `ordering` and `consistency` matter with replicas only; on one node
they cost nothing.
"""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any, cast

from qdrant_client import AsyncQdrantClient, models
from qdrant_client.common.client_exceptions import QdrantException
from qdrant_client.http.exceptions import ApiException, UnexpectedResponse
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from tools.novelty.port import NoveltyError, NoveltyOptions
from tools.novelty.rules.decision import NEIGHBOURS
from tools.novelty.stores.stored_item import Payload, Prepared, Preparer

OLDEST = (1, 19)
"""Before this, a replayed write could choose other points by its filter than it first did."""
_INDEXED = {"state": "keyword", "owner": "keyword", "kind": "keyword", "lease": "float"}
_STRONG = models.WriteOrdering.STRONG
_ALL = models.ReadConsistencyType.ALL
_TIMEOUT_S = 30


class _Unavailable(NoveltyError):
    """The server does not answer, or answers that it is overloaded or failing; a retry may succeed."""


_retried = retry(
    retry=retry_if_exception_type(_Unavailable),
    wait=wait_random_exponential(0.25, max=4),
    stop=stop_after_attempt(6),
    reraise=True,
)
"""Retries for a few seconds, less than a lease."""


class QdrantPoints:
    """One collection of a server."""

    def __init__(self, options: NoveltyOptions) -> None:
        self._url = options.store
        self._collection = options.collection
        self._client = AsyncQdrantClient(
            url=options.store, api_key=options.api_key, timeout=_TIMEOUT_S, check_compatibility=False
        )

    @asynccontextmanager
    async def _server_errors(self) -> AsyncIterator[None]:
        try:
            yield
        except UnexpectedResponse as e:
            message = " ".join(str(e).split())
            if e.status_code == HTTPStatus.TOO_MANY_REQUESTS or (e.status_code or 0) >= 500:
                raise _Unavailable(f"the Qdrant server at {self._url} is failing: {message}") from e
            hint = "; pass the right API key" if e.status_code in (401, 403) else ""
            raise NoveltyError(f"the Qdrant server at {self._url} refused: {message}{hint}") from e
        except (ApiException, QdrantException, OSError) as e:
            raise _Unavailable(f"the Qdrant server at {self._url} does not answer ({e}); start it, or use edge") from e

    async def open(self, preparer: Preparer) -> None:
        """Check the server's version and the collection's identity; make the collection where there is none.

        Raises:
            NoveltyError: Out of reach, too old, or the collection was made with another embedder.
        """
        async with self._server_errors():
            version = (await self._client.info()).version
            if tuple(map(int, re.findall(r"\d+", version)[:2])) < OLDEST:
                oldest = ".".join(map(str, OLDEST))
                raise NoveltyError(f"the Qdrant server at {self._url} is {version}; use {oldest} or later")
            if not await self._client.collection_exists(self._collection):
                await self._create(preparer)
            config = (await self._client.get_collection(self._collection)).config
        where = f"the collection {self._collection!r} at {self._url}"
        preparer.require_identity(config.metadata, where)
        size = getattr(config.params.vectors, "size", None)
        if size != preparer.embedder.dimension:
            raise NoveltyError(f"{where} holds vectors of size {size}, not {preparer.embedder.dimension}; name another")

    async def _create(self, preparer: Preparer) -> None:
        vectors = models.VectorParams(size=preparer.embedder.dimension, distance=models.Distance.COSINE)
        try:
            await self._client.create_collection(self._collection, vectors_config=vectors, metadata=preparer.identity())
        except UnexpectedResponse as e:
            if e.status_code not in (400, 409):  # another process made it meanwhile
                raise
        for field, schema in _INDEXED.items():
            await self._client.create_payload_index(self._collection, field, models.PayloadSchemaType(schema))

    async def close(self) -> None:
        """Close the connection."""
        await self._client.close()

    @_retried
    async def nearest(
        self, vector: list[float], *, state: str, without: str | None = None
    ) -> list[tuple[str, Payload, float]]:
        """Return id, payload and cosine of the nearest points in that state, one id left out; searched exactly."""
        wanted = models.Filter(
            must=[_is("state", state)], must_not=[models.HasIdCondition(has_id=[without])] if without else None
        )
        async with self._server_errors():
            found = await self._client.query_points(
                self._collection,
                query=vector,
                query_filter=wanted,
                search_params=models.SearchParams(exact=True),  # an index may miss the near-duplicate
                limit=NEIGHBOURS,
                with_payload=True,
                consistency=_ALL,
            )
        return [(str(point.id), point.payload or {}, point.score) for point in found.points]

    @_retried
    async def read(self, ids: Sequence[str]) -> dict[str, Payload]:
        """Return the payloads of those points that exist."""
        async with self._server_errors():
            records = await self._client.retrieve(self._collection, list(ids), with_payload=True, consistency=_ALL)
        return {str(record.id): record.payload or {} for record in records}

    @_retried
    async def vectors(self, ids: Sequence[str]) -> dict[str, list[float]]:
        """Return the vectors of those points that are accepted."""
        async with self._server_errors():
            records = await self._client.retrieve(
                self._collection, list(ids), with_payload=["state"], with_vectors=True, consistency=_ALL
            )
        accepted = [record for record in records if (record.payload or {}).get("state") == "accepted"]
        return {str(record.id): list(cast(list[float], record.vector)) for record in accepted}

    @_retried
    async def insert(self, rows: Sequence[tuple[Prepared, Payload]]) -> None:
        """Insert points; those that exist stay as they are."""
        if not rows:
            return
        points = [models.PointStruct(id=item.id, vector=item.vector, payload=payload) for item, payload in rows]
        async with self._server_errors():
            await self._client.upsert(
                self._collection, points, wait=True, ordering=_STRONG, update_mode=models.UpdateMode.INSERT_ONLY
            )

    @_retried
    async def change(self, id_: str, owner: str, payload: Payload) -> None:
        """Set fields of the owner's own pending claim; nothing where it is gone or no longer pending."""
        async with self._server_errors():
            await self._client.set_payload(
                self._collection, payload, points=_claim(id_, owner), wait=True, ordering=_STRONG
            )

    @_retried
    async def withdraw(self, id_: str, owner: str) -> None:
        """Delete the owner's own claim, if it is still pending."""
        async with self._server_errors():
            selector = models.FilterSelector(filter=_claim(id_, owner))
            await self._client.delete(self._collection, selector, wait=True, ordering=_STRONG)

    @_retried
    async def expire(self, id_: str) -> None:
        """Delete a claim whose lease is over; it stays if its owner confirmed or renewed it meanwhile."""
        over = models.FieldCondition(key="lease", range=models.Range(lt=time.time()))
        wanted = models.Filter(must=[models.HasIdCondition(has_id=[id_]), _is("state", "pending"), over])
        async with self._server_errors():
            selector = models.FilterSelector(filter=wanted)
            await self._client.delete(self._collection, selector, wait=True, ordering=_STRONG)

    @_retried
    async def count(self, kind: str) -> int:
        """Count the settled points of a kind."""
        wanted = models.Filter(must=[_is("kind", kind), _is("state", "accepted")])
        async with self._server_errors():
            return (await self._client.count(self._collection, wanted, exact=True)).count


def _is(key: str, value: str) -> models.FieldCondition:
    return models.FieldCondition(key=key, match=models.MatchValue(value=value))


def _claim(id_: str, owner: str) -> models.Filter:
    conditions: list[Any] = [models.HasIdCondition(has_id=[id_]), _is("owner", owner), _is("state", "pending")]
    return models.Filter(must=conditions)
