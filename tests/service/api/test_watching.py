"""Watching costs a run nothing that grows with the watchers: one look at the state goes to all of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from graph.service.running import watching
from graph.service.running.watching import END, Channel, Reading


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "BEAT_S", 0.01)


async def all_of(events: AsyncIterator[bytes]) -> list[bytes]:
    return [event async for event in events]


async def test_one_reader_tells_two_hundred_watchers(quick: None) -> None:
    states = iter(range(10))

    async def look() -> Reading:
        state = next(states)
        return Reading(str(state), final=state == 9)

    channel = Channel(look)
    received = await asyncio.gather(*(all_of(channel.events()) for _ in range(200)))
    assert channel.reads == 10, "however many watch"
    assert {events[-1] for events in received} == {END}
    assert {events[-2] for events in received} == {b"event: state\nid: 10\ndata: 9\n\n"}
    assert channel.watchers == 0


async def test_a_slow_watcher_gets_the_present_state_and_nothing_queues_up(quick: None) -> None:
    states = iter(range(1000))

    async def look() -> Reading:
        return Reading(str(next(states)), final=False)

    channel = Channel(look)
    async with aclosing(channel.events()) as events:
        await anext(events)
        await asyncio.sleep(0.2)
        late = await anext(events)
        assert int(late.split(b"data: ")[1]) > 2
    reads = channel.reads
    await asyncio.sleep(0.1)
    assert channel.reads <= reads + 1, "where nobody watches, nobody looks"


async def test_an_unreadable_state_lets_the_watchers_go(quick: None, caplog: pytest.LogCaptureFixture) -> None:
    async def look() -> Reading:
        raise OSError("the disk is gone")

    channel = Channel(look)
    assert await all_of(channel.events()) == [END]
    assert "cannot be read" in caplog.text
    assert channel.closed
