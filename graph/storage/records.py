"""What lasts of a run, in LangGraph's own store: survivors, refusals, and the candidates that have begun.

Any `BaseStore` will do (SQLite on one machine, Postgres for many, memory in tests, the server's under
`langgraph dev`). Every write has a key of its own, so a node that runs twice writes the same thing twice.

Namespaces: `(run, "survivors")` by survivor id, `(run, "refused")` by candidate, `(run, "calls", candidate)` by the
hash of the request, `(run, "attempts", candidate)` by number, `(run, "open")` by candidates that have begun and not
ended, and the ledger's `(run, "held")`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from langgraph.store.base import BaseStore, Item

from agents.records import CandidateInput
from agents.rows import Refusal, Survivor

PAGE = 20_000
"""Items read at once: a page in the middle costs the store as much as all pages before it."""


async def read_calls(store: BaseStore, run: str, candidate: str) -> list[dict[str, Any]]:
    """Return the journal of a candidate, in the order in which its calls ended; calls without a time come first."""
    calls = [item.value async for item in scan(store, (run, "calls", candidate))]
    return sorted(calls, key=lambda call: float(call.get("ended", 0)))


async def scan(store: BaseStore, namespace: tuple[str, ...]) -> AsyncIterator[Item]:
    """Go through all items of a namespace; one of more than a page must not be written to meanwhile."""
    offset = 0
    more = True
    while more:
        page = await store.asearch(namespace, limit=PAGE, offset=offset)
        for item in page:
            yield item
        offset += len(page)
        more = len(page) == PAGE


async def write_survivor(store: BaseStore, run: str, survivor: Survivor) -> None:
    """Keep a survivor under its id."""
    await store.aput((run, "survivors"), survivor.id, survivor.model_dump(mode="json"), index=False)


async def write_refusal(store: BaseStore, run: str, refusal: Refusal) -> None:
    """Keep a refusal under its candidate."""
    await store.aput((run, "refused"), refusal.id, refusal.model_dump(mode="json"), index=False)


async def read_survivor(store: BaseStore, run: str, survivor: str) -> Survivor:
    """Return one survivor by its id; KeyError where the run has none of that id."""
    item = await store.aget((run, "survivors"), survivor)
    if item is None:
        raise KeyError(survivor)
    return Survivor.model_validate(item.value)


async def read_refusal(store: BaseStore, run: str, candidate: str) -> Refusal:
    """Return one refusal by its candidate; KeyError where the run has none."""
    item = await store.aget((run, "refused"), candidate)
    if item is None:
        raise KeyError(candidate)
    return Refusal.model_validate(item.value)


async def write_open(store: BaseStore, run: str, candidate: str, wanted: CandidateInput) -> None:
    """Note that a candidate has begun, and what it is asked for."""
    await store.aput((run, "open"), candidate, wanted.model_dump(), index=False)


async def delete_open(store: BaseStore, run: str, candidate: str) -> None:
    """Note that a candidate has ended, and that all of its end is written."""
    await store.adelete((run, "open"), candidate)


async def read_open(store: BaseStore, run: str) -> list[CandidateInput]:
    """Return the candidates that have begun and not ended, in their order."""
    begun = [CandidateInput.model_validate(item.value) async for item in scan(store, (run, "open"))]
    return sorted(begun, key=lambda wanted: wanted.index)


async def read_survivors(store: BaseStore, run: str) -> list[Survivor]:
    """Return all survivors of a run, by candidate number."""
    rows = [Survivor.model_validate(item.value) async for item in scan(store, (run, "survivors"))]
    return sorted(rows, key=lambda row: row.index)


async def read_refusals(store: BaseStore, run: str) -> list[Refusal]:
    """Return all refusals of a run, by candidate number."""
    rows = [Refusal.model_validate(item.value) async for item in scan(store, (run, "refused"))]
    return sorted(rows, key=lambda row: row.index)
