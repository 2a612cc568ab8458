"""Whoever waits for a batch is told what went wrong, whatever it was."""

from __future__ import annotations

import asyncio

import httpx2
import pytest

from agents.models.transport.batches import Batches, BatchFailed, Unhurried

CHAT = httpx2.Request("POST", "http://127.0.0.1:9/v1/chat/completions", json={"messages": []})


def answering(status: int, body: object) -> httpx2.Response:
    return httpx2.Response(status, json=body, request=CHAT)


async def test_a_store_that_fails_leaves_nobody_waiting_and_batches_go_on() -> None:
    async def send(_: httpx2.Request) -> httpx2.Response:
        return answering(200, {"id": "b1"})

    async def note(_: str) -> None:
        raise RuntimeError("the disk is full")

    batches = Batches(0.01)
    with pytest.raises(BatchFailed, match="the disk is full"):
        await asyncio.wait_for(batches.reply(send, CHAT, Unhurried("a", "", note, asyncio.Event())), 10)
    assert not batches.off


@pytest.mark.parametrize(("batch", "off"), [("", True), ("b1", False)])
async def test_a_batch_that_is_gone_is_no_server_without_batches(batch: str, off: bool) -> None:
    async def send(_: httpx2.Request) -> httpx2.Response:
        return answering(404, {"error": "not found"})

    async def note(_: str) -> None:
        pass

    batches = Batches(0.01)
    with pytest.raises(BatchFailed, match="404"):
        await asyncio.wait_for(batches.reply(send, CHAT, Unhurried("a", batch, note, asyncio.Event())), 10)
    assert bool(batches.off) is off
