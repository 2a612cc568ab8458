"""The journal of a candidate's paid calls: what was written is found again, whoever wrote it and however it ended."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from langgraph.store.memory import InMemoryStore

from agents.records import SeatUsage
from graph.storage.journal import CandidateJournal

USAGE = SeatUsage(calls=1, input_tokens=3, output_tokens=2)


class CutOffStore(InMemoryStore):
    """Writes, and then lets its caller be cancelled."""

    async def aput(self, *args: Any, **kwargs: Any) -> None:
        await super().aput(*args, **kwargs)
        raise asyncio.CancelledError


def journal(store: InMemoryStore) -> CandidateJournal:
    return CandidateJournal(store, "r", "c", lambda _: None)


async def test_what_one_node_wrote_the_next_recalls_and_counts() -> None:
    store = InMemoryStore()
    await journal(store).record("k", "judge", USAGE, {"said": 1})
    assert await journal(store).recall("k") == {"said": 1}
    assert await journal(store).recall("other") is None
    assert (await journal(store).usage())["judge"].calls == 1


async def test_two_stores_with_a_run_of_one_name_are_kept_apart() -> None:
    one, other = InMemoryStore(), InMemoryStore()
    await journal(one).record("k", "judge", USAGE, {"said": 1})
    assert await journal(other).recall("k") is None


async def test_a_reply_whose_writer_was_cancelled_is_found() -> None:
    store = CutOffStore()
    assert await journal(store).recall("k") is None
    with pytest.raises(asyncio.CancelledError):
        await journal(store).record("k", "judge", USAGE, {"said": 1})
    assert await journal(store).recall("k") == {"said": 1}
    assert (await journal(store).usage())["judge"].calls == 1


async def test_who_takes_a_candidate_up_again_sees_what_others_wrote() -> None:
    store = InMemoryStore()
    mine = journal(store)
    assert await mine.recall("k") is None
    store.put(("r", "calls", "c"), "k", {"seat": "judge", "usage": USAGE.model_dump(), "reply": {"said": 1}})
    mine.forget()
    assert await journal(store).recall("k") == {"said": 1}
