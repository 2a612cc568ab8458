"""What can wait goes in half-price batches; a stopped or killed run fetches the replies, and nothing is paid twice."""

from __future__ import annotations

import asyncio
import json
import signal
from pathlib import Path

import pytest

from evals.mock_server.server import Script, ScriptedServer, serve
from graph.campaign.campaign import TARGET_REACHED
from tests.service.campaign.campaigns import campaign
from tests.service.command import assert_true_and_unique, command, flags, paid_again, rows, start

PRICES = ",".join(f"openai:scripted-{seat}=100/100" for seat in ("attacker", "defender", "judge"))
BATCH = ("--batch", "--batch-collect-s=.3", f"--prices={PRICES}")


def batched(server: ScriptedServer) -> set[str]:
    return {call.seat for call in server.calls if call.batched}


async def test_what_can_wait_goes_in_batches_at_half_the_price(tmp_path: Path) -> None:
    script = Script(batches=True, wrong_answer=0.3)
    async with serve(script) as server:
        ended = await command(*flags(server, tmp_path, "--target=6", "--slots=6", *BATCH))
        assert ended.code == 0, ended.err
        assert paid_again(server, tmp_path) == 0
    assert_true_and_unique(rows(tmp_path), script)
    assert batched(server) == {"attacker", "defender"}
    again = [call for call in server.calls if call.seat == "attacker" and not call.batched]
    assert again, "an attempt after a refusal is urgent"
    usage = json.loads((tmp_path / "r" / "funnel.json").read_text())["usage"]
    for seat, share in (("defender", 0.5), ("judge", 1.0)):
        tokens = usage[seat]["input_tokens"] + usage[seat]["output_tokens"]
        assert usage[seat]["usd"] == pytest.approx(tokens * share * 100 / 1e6)


async def test_a_server_without_batches_is_asked_at_once_and_that_is_said(tmp_path: Path) -> None:
    async with serve(Script()) as server:
        going, events = await campaign(server, tmp_path, target=2, batch=True)
    assert going.ending == TARGET_REACHED
    told = [event["text"] for event in events if event["type"] == "warning"]
    assert [text for text in told if "--batch changes nothing" in text]


async def test_what_expires_in_a_batch_is_asked_at_once(tmp_path: Path) -> None:
    async with serve(Script(batches=True, batch_expires=0.5)) as server:
        going, _ = await campaign(server, tmp_path, target=4, slots=6, batch=True, batch_collect_s=0.3)
    assert going.ending == TARGET_REACHED
    assert {call.batched for call in server.calls if call.seat == "defender"} == {True, False}


async def test_a_reply_of_no_use_is_not_fetched_again(tmp_path: Path) -> None:
    async with serve(Script(batches=True, http_500=0.5, refuse_json_schema=True)) as server:
        going, _ = await campaign(server, tmp_path, target=4, slots=6, batch=True, batch_collect_s=0.3)
    assert going.ending == TARGET_REACHED


async def test_a_run_that_stops_or_dies_while_a_batch_is_worked_fetches_its_replies(tmp_path: Path) -> None:
    script = Script(batches=True, batch_s=600)
    async with serve(script) as server:
        args = flags(server, tmp_path, "--target=4", "--slots=4", *BATCH)
        for stop in (signal.SIGINT, signal.SIGKILL):
            process, before = await start(*args), server.batch_api.looks
            while server.batch_api.looks == before and process.returncode is None:
                await asyncio.sleep(0.05)
            process.send_signal(stop)
            await process.communicate()
        assert len(server.batch_api) == 1, "the second process waits for the first one's"
        server.batch_api.takes_s = 0
        assert (await command(*args)).code == 0
        assert paid_again(server, tmp_path) == 0
    assert len(rows(tmp_path)) == 4
