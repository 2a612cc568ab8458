"""The campaign's promises: exactly the target, never above a cap, aimed as asked, and a clear stop where it must."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest

import graph.campaign.campaign
from agents.errors import SetupError
from agents.records import SEATS
from agents.rows import Refusal
from evals.mock_server.server import Script, serve
from graph.campaign import worker as candidate
from graph.campaign.campaign import TARGET_REACHED, Campaign
from graph.campaign.context import RunContext
from graph.campaign.worker import Event
from tests.service.campaign.campaigns import campaign
from tests.service.command import assert_true_and_unique, command, flags, paid_again, rows
from tools.sandbox.execution import unavailable
from tools.sandbox.port import Execution, Limits
from tools.sandbox.process import ProcessSandbox

PRICES = ",".join(f"openai:scripted-{seat}=1/10" for seat in ("attacker", "defender", "judge"))


def assert_sums_match(going: Campaign, folder: Path) -> None:
    """The funnel's sums are those of the rows and refusals, by seat, model and outcome."""
    funnel = json.loads((folder / "funnel.json").read_text())
    refused = [Refusal.model_validate_json(line) for line in (folder / "refused.jsonl").read_text().splitlines()]
    for outcome, count in funnel["outcomes"].items():
        if outcome not in ("kept", "stopped"):
            assert count == sum(refusal.outcome == outcome for refusal in refused), outcome
    assert funnel["kept"] == len(going.rows) + funnel["reserve"]
    assert sum(funnel["outcomes"].values()) == funnel["candidates"]
    for outcome, usage in funnel["usage_by_outcome"].items():
        assert funnel["outcomes"][outcome] or not usage["calls"], f"calls of {outcome} candidates, and none of these"
    for sums in ("usage", "usage_by_model", "usage_by_outcome"):
        for what in ("calls", "input_tokens", "output_tokens"):
            assert sum(part[what] for part in funnel[sums].values()) == getattr(going.funnel.total, what), (sums, what)


async def fuzz_one_run(seed: int, folder: Path) -> None:
    rng = Random(seed)
    script = Script(
        seed=seed, wrong_answer=rng.uniform(0, 0.3), duplicates=rng.uniform(0, 0.2), malformed=rng.uniform(0, 0.1),
        http_500=rng.uniform(0, 0.1), defender_right=rng.uniform(0, 0.5), low_quality=rng.uniform(0, 0.2),
        judge_lazy=rng.uniform(0, 0.2), latency_s=rng.choice([0.0, 0.01, 0.05]),
    )  # fmt: skip
    target, samples = rng.randint(1, 12), rng.randint(1, 3)
    asked: dict[str, Any] = {
        "slots": rng.randint(1, 32),
        "defender_samples": samples,
        "seed": seed,
        "pass_rate": "0..0.5",
    }
    async with serve(script) as server:
        going, events = await campaign(server, folder, target=target, **asked)
        assert going.ending == TARGET_REACHED
        assert len(rows(folder)) == len(going.rows) == target
        assert_true_and_unique(rows(folder), script)
        assert_sums_match(going, folder / "r")
        kept = [number for number, event in enumerate(events) if event.get("outcome") == "kept"]
        begun = {event["index"] for event in events[kept[target - 1] :] if event["type"] == "call"}
        ended = {event["index"] for event in events if event["type"] == "end"}
        assert begun <= ended, "once the target is met no candidate starts"
        more, _ = await campaign(server, folder, target=target + 3, **asked)
    assert len(rows(folder)) == target + 3
    assert more.funnel.total.calls >= going.funnel.total.calls


@pytest.mark.parametrize("seed", range(2))
async def test_a_fuzzed_run_hits_its_target_exactly(seed: int, tmp_path: Path) -> None:
    await fuzz_one_run(seed, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 200))
async def test_a_hundred_fuzzed_runs_hit_their_target_exactly(seed: int, tmp_path: Path) -> None:
    await fuzz_one_run(seed, tmp_path)


async def test_reserve_is_used_before_anything_is_paid(tmp_path: Path) -> None:
    async with serve(Script(latency_s=0.05)) as server:
        first, _ = await campaign(server, tmp_path, target=6, slots=6)
        calls = len(server.calls)
        again, _ = await campaign(server, tmp_path, target=6 + max(0, first.funnel.kept - 6), slots=6)
    assert again.ending == TARGET_REACHED
    assert len(server.calls) == calls


async def test_token_and_money_caps_hold_and_count_over_sittings(tmp_path: Path) -> None:
    async with serve(Script(malformed=0.1)) as server:
        cap = 60_000
        for _ in range(2):  # the cap counts what earlier sittings used
            going, _ = await campaign(server, tmp_path, target=50, max_tokens=cap, max_output_tokens=500)
            assert f"--max-tokens {cap}" in going.ending
            assert 0.5 * cap < going.funnel.tokens <= cap
        one_more = f"--target={len(rows(tmp_path)) + 1}"
        more = flags(server, tmp_path, one_more, "--max-usd=2", f"--prices={PRICES}", "--max-output-tokens=500")
        assert (await command(*more)).code == 0
        stopped = flags(server, tmp_path, "--target=50", "--max-usd=.01", f"--prices={PRICES}")
        ended = await command(*stopped)
        assert ended.code == 3
        assert "--max-usd 0.01" in ended.last


def after(calls: int) -> Callable[[list[Event]], bool]:
    return lambda events: sum(told["type"] == "call" for told in events) == calls


@pytest.mark.parametrize("stop", ["interrupt", "cap"])
async def test_what_stops_within_a_step_goes_on_later_and_is_no_failure(stop: str, tmp_path: Path) -> None:
    async with serve(Script(wrong_answer=0.3, defender_right=0.3, latency_s=0.02)) as server:
        asked: dict[str, Any] = {"slots": 4, "defender_samples": 4, "max_output_tokens": 500, "target": 8}
        for sitting in range(4):
            stopped: dict[str, Any] = {"max_tokens": 10_000 + 5_000 * sitting}
            if stop == "interrupt":
                stopped = {"interrupt_at": after(7 + sitting)}
            going, _ = await campaign(server, tmp_path, **asked, **stopped)
            assert going.ending != TARGET_REACHED
            assert_sums_match(going, tmp_path / "r")
        going, _ = await campaign(server, tmp_path, **asked)
        assert paid_again(server, tmp_path) == 0
    assert going.ending == TARGET_REACHED
    assert going.funnel.outcomes["failed"] == 0
    with closing(sqlite3.connect(tmp_path / "r" / "checkpoints.sqlite")) as left:
        threads = {thread for (thread,) in left.execute("SELECT thread_id FROM checkpoints")}
    with closing(sqlite3.connect(tmp_path / "r" / "store.sqlite")) as left:
        unfinished = {key for (key,) in left.execute("SELECT key FROM store WHERE prefix = 'r.open'")}
    assert threads <= unfinished, "what has ended leaves no steps behind"


async def test_a_sitting_without_prices_does_not_hide_its_spending_from_a_later_cap(tmp_path: Path) -> None:
    async with serve(Script()) as server:
        await campaign(server, tmp_path, target=3)
        calls = len(server.calls)
        capped, _ = await campaign(server, tmp_path, target=9, max_usd=0.001, prices=PRICES, max_output_tokens=500)
        assert len(server.calls) == calls, "what was used at no price is worth more than the cap"
        assert capped.ending.endswith("; raise it"), "a shorter reply would not help any more"
        priced = capped.funnel.total.usd
        assert priced is not None
        assert f"${priced:.4f} are spent" in capped.ending, "what the funnel says"
        assert_sums_match(capped, tmp_path / "r")


async def test_a_cap_that_may_stay_unspent_is_told_at_the_start(tmp_path: Path) -> None:
    async with serve(Script()) as server:
        for max_usd, told in ((0.1, True), (100, False)):
            asked: dict[str, Any] = {"name": f"r{told}", "max_usd": max_usd, "prices": PRICES, "slots": 2}
            _, events = await campaign(server, tmp_path, target=1, **asked)
            notes = [event["text"] for event in events if event["type"] == "warning"]
            assert any("$0.1638 for a reply at worst, times 2" in note for note in notes) is told


async def test_a_cap_on_money_wants_to_know_the_prices_first(tmp_path: Path) -> None:
    async with serve(Script()) as server:
        with pytest.raises(SetupError, match="--prices openai:scripted-attacker="):
            await campaign(server, tmp_path, max_usd=1.0)
        assert server.calls == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("bound", "said"),
    [({"max_candidates": 5}, "5 candidates were tried"), ({"max_minutes": 0.02}, "0.02 minutes are over")],
)
async def test_a_run_that_falls_short_names_its_bound(bound: dict[str, Any], said: str, tmp_path: Path) -> None:
    async with serve(Script(latency_s=0.1, defender_right=0.5)) as server:
        going, _ = await campaign(server, tmp_path, target=50, **bound)
    assert said in going.ending
    assert_sums_match(going, tmp_path / "r")
    if "max_candidates" in bound:
        assert going.funnel.ended == 5, "those in flight come to their end"


async def test_a_target_out_of_reach_is_told_early(tmp_path: Path) -> None:
    async with serve(Script(defender_right=0.8)) as server:
        _, events = await campaign(server, tmp_path, target=40, max_candidates=50, max_attempts=1)
    warnings = [event["text"] for event in events if event["type"] == "warning"]
    assert len(warnings) == 1
    assert "--max-candidates will be met" in warnings[0]
    told = next(number for number, event in enumerate(events) if event["type"] == "warning")
    assert sum(event["type"] == "end" for event in events[:told]) < 30


async def test_topics_and_steps_are_what_was_asked_and_the_map_says_so(tmp_path: Path) -> None:
    async with serve(Script(defender_right=0.3)) as server:
        going, _ = await campaign(server, tmp_path, target=8, topics="dates,geometry", hops="3..4")
    assert {row.asked.topic for row in going.rows} == {"dates", "geometry"}
    assert {row.asked.hops for row in going.rows} <= {3, 4}
    coverage = json.loads((tmp_path / "r" / "coverage.json").read_text())
    assert sum(cell["kept"] for cell in coverage) == going.funnel.kept
    assert sum(cell["candidates"] for cell in coverage) == going.funnel.ended
    assert set(going.funnel.mix["actual"]["topic"]) == {"dates", "geometry"}


async def test_easy_rows_are_kept_for_their_share_and_marked(tmp_path: Path) -> None:
    async with serve(Script(defender_right=0.5)) as server:
        going, _ = await campaign(server, tmp_path, target=12, easy_share=0.25)
    assert going.ending == TARGET_REACHED
    assert sum(row.easy for row in going.rows) == 3
    for row in going.rows:
        assert (row.defender.passed == row.defender.samples) is row.easy


async def test_where_only_easy_rows_are_missing_every_candidate_may_be_one(tmp_path: Path) -> None:
    async with serve(Script(defender_right=0.3, latency_s=0.03)) as server:
        going, events = await campaign(server, tmp_path, target=8, easy_share=0.5, slots=8, max_attempts=20)
    assert going.ending == TARGET_REACHED
    refused = [event for event in events if event["type"] == "attempt"]
    none_easy = {event["index"] for event in refused if event["outcome"] == "too_easy"}
    not_hard = {event["index"] for event in refused if "only easier ones are missing" in event["reason"]}
    assert not_hard, "easy rows were missing alone"
    assert not none_easy & not_hard


@pytest.mark.parametrize(("right", "rows_had"), [(0.0, 2), (1.0, 2)])
async def test_a_kind_of_row_that_never_comes_ends_the_run_and_the_other_is_not_paid_for_in_vain(
    right: float, rows_had: int, tmp_path: Path
) -> None:
    async with serve(Script(defender_right=right)) as server:
        going, _ = await campaign(
            server, tmp_path, target=4, easy_share=0.5, give_up_after=8, max_attempts=1, slots=3, max_candidates=60
        )
        judged = sum(call.task == "grade" for call in server.calls)
    assert "8 candidates in a row added no row" in going.ending
    assert len(going.rows) == rows_had
    assert going.funnel.reserve <= 2, "those in flight when the last of their kind was kept"
    assert judged == going.funnel.kept


async def test_sampling_stops_once_the_verdict_stands(tmp_path: Path) -> None:
    async with serve(Script(defender_right=1.0)) as server:
        going, _ = await campaign(
            server, tmp_path, target=2, max_candidates=4, defender_samples=8, max_attempts=1, give_up_after=50
        )
        defended = [call for call in server.calls if call.task == "defend"]
    assert going.funnel.outcomes["too_easy"] == 4
    assert len(defended) == 4, "one right answer decides where none is allowed"


@pytest.mark.parametrize(("dear", "between"), [("defender", True), ("judge", False)])
async def test_the_judge_comes_between_two_samples_where_that_is_cheaper(
    dear: str, between: bool, tmp_path: Path
) -> None:
    prices = ",".join(f"openai:scripted-{seat}={'100/100' if seat == dear else '.1/.1'}" for seat in SEATS)
    script = Script(wrong_answer=0.4, defender_right=0.2)
    async with serve(script) as server:
        going, _ = await campaign(server, tmp_path, target=8, slots=1, defender_samples=4, prices=prices)
        tasks = [call.task for call in server.calls]
    assert_true_and_unique(rows(tmp_path), script)
    assert all((row.defender.samples, row.defender.passed) == (4, 0) for row in going.rows), "no sample is spared"
    late = sum(pair == ("solve", "defend") for pair in pairwise(tasks))
    assert late >= 6 if between else late == 0


@pytest.mark.parametrize("prints", [0.0, 1.0])
async def test_a_printed_answer_is_no_solution_and_costs_the_judge_a_turn(prints: float, tmp_path: Path) -> None:
    script = Script(judge_prints=prints, judge_wrong=0.3)
    async with serve(script) as server:
        going, events = await campaign(server, tmp_path, target=6, slots=1)
        solved = sum(call.task == "solve" for call in server.calls)
    assert_true_and_unique(rows(tmp_path), script)
    told = [event["reason"] for event in events if event["type"] == "attempt"]
    judged = sum("an independent" in reason for reason in told)
    assert judged, "a wrong program is believed no more than a wrong reply"
    assert solved == (judged + going.funnel.kept) * (2 if prints else 1)


async def test_a_solution_may_be_submitted_in_the_judges_last_turn(tmp_path: Path) -> None:
    async with serve(Script(judge_lazy=1)) as server:
        going, _ = await campaign(server, tmp_path, target=3, slots=1, judge_turns=2)
    assert going.funnel.kept == going.funnel.ended == 3


async def test_prompts_begin_alike_and_what_the_server_had_at_hand_costs_less(tmp_path: Path) -> None:
    prices = ",".join(f"openai:scripted-{seat}=10/10/1" for seat in SEATS)
    async with serve(Script(wrong_answer=0.3, defender_right=0.3)) as server:
        going, _ = await campaign(server, tmp_path, target=10, slots=1, prices=prices)
        calls = {task: [call for call in server.calls if call.task == task] for task in ("attack", "defend", "grade")}
    for task in ("attack", "defend"):  # all but the first know the system prompt
        assert [call.cached > 0 for call in calls[task]] == [False] + [True] * (len(calls[task]) - 1), task
    solved = {call.cached for call in server.calls if call.task == "solve"}
    assert min(call.cached for call in calls["grade"]) > min(solved - {0}), "the grade goes on in the same conversation"
    total, cached = going.funnel.total, sum(call.cached for call in server.calls)
    assert total.usd == pytest.approx((10 * (going.funnel.tokens - cached) + cached) / 1e6)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("openai:m=1", "IN/OUT"),
        ("openai:m=1/2/x", "IN/OUT"),
        ("openai:m=-1/2", "negative"),
        ("openai:m=1/2/3", "cached"),
    ],
)
async def test_a_price_that_cannot_be_is_refused(text: str, fault: str, tmp_path: Path) -> None:
    ended = await command(f"--prices={text}", f"--runs-dir={tmp_path}")
    assert ended.code != 0
    assert fault in ended.err
    assert text in ended.err, "the error names the value"


async def test_an_outage_parks_the_run_and_the_same_command_goes_on(tmp_path: Path) -> None:
    async with serve(Script(latency_s=0.05)) as server:
        port = int(server.base_url.rsplit(":", 1)[1].split("/")[0])
        going = asyncio.create_task(campaign(server, tmp_path, target=40, slots=4, outage_minutes=0.03))
        while len(server.calls) < 30:
            await asyncio.sleep(0.02)
    parked, _ = await going
    assert "nothing got through for" in parked.ending
    kept = parked.funnel.kept
    async with serve(Script(latency_s=0.05), port=port) as again:
        onward, _ = await campaign(again, tmp_path, target=kept + 4, slots=4, outage_minutes=0.03)
    assert onward.ending == TARGET_REACHED
    assert onward.funnel.outcomes["failed"] == 0, "waiting is no failure, and what it interrupted goes on"


@pytest.mark.parametrize("file", ["novelty", "store.sqlite", "checkpoints.sqlite"])
async def test_what_is_lost_of_a_run_is_made_again_or_named(file: str, tmp_path: Path) -> None:
    async with serve(Script(duplicates=0.5)) as server:
        first, _ = await campaign(server, tmp_path, target=6)
        lost = tmp_path / "r" / file
        if file == "novelty":
            shutil.rmtree(lost)
            more, events = await campaign(server, tmp_path, target=14)
            told = [event["text"] for event in events if event["type"] == "warning"]
            assert "the novelty store lacked 6 of 6 kept questions; all were offered to it again" in told
            assert more.funnel.kept == len(more.rows) + more.funnel.reserve
            assert len({row.question for row in more.rows}) == 14
        else:
            lost.write_bytes(b"no database" * 1000)
            with pytest.raises(SetupError, match=f"{file} is no store of a run, or was damaged"):
                await campaign(server, tmp_path, target=14)
    assert rows(tmp_path)[:6] == first.rows


async def test_a_dataset_whose_store_is_gone_is_left_alone(tmp_path: Path) -> None:
    async with serve(Script()) as server:
        first, _ = await campaign(server, tmp_path, target=2)
        (tmp_path / "r" / "store.sqlite").unlink()
        with pytest.raises(SetupError, match=r"store\.sqlite lacks 2 rows"):
            await campaign(server, tmp_path, target=4)
    assert rows(tmp_path) == first.rows


async def test_a_sandbox_that_goes_away_stops_the_run_and_no_candidate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, gone = ProcessSandbox.run, False

    async def running(self: ProcessSandbox, code: str, *, limits: Limits | None = None) -> Execution:
        return unavailable(code, "process", "the cloud is away") if gone else await run(self, code, limits=limits)

    monkeypatch.setattr(ProcessSandbox, "run", running)
    async with serve(Script(latency_s=0.02)) as server:
        await campaign(server, tmp_path, target=3)
        gone = True
        stopped, _ = await campaign(server, tmp_path, target=9)
        assert stopped.ending.endswith("the cloud is away")
        gone = False
        onward, _ = await campaign(server, tmp_path, target=9)
    assert (onward.ending, onward.funnel.outcomes["failed"]) == (TARGET_REACHED, 0)


async def test_a_target_that_is_reached_is_no_interruption(tmp_path: Path) -> None:
    async with serve(Script()) as server:
        going, _ = await campaign(
            server, tmp_path, target=1, slots=1, interrupt_at=lambda events: events[-1].get("outcome") == "kept"
        )
    assert going.ending == TARGET_REACHED


@pytest.mark.parametrize("where", ["dataset.jsonl", "clean_up"])
async def test_stopped_at_once_an_end_is_counted_where_it_is_written(
    where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop, ending = asyncio.get_running_loop(), asyncio.Event()

    def slow_fsync(file: int, fsync: Callable[[int], None] = os.fsync) -> None:
        loop.call_soon_threadsafe(ending.set)
        time.sleep(0.05)
        fsync(file)

    async def slow_clean_up(context: RunContext, run: str, index: int, clean_up: Any = candidate.clean_up) -> None:
        ending.set()
        await asyncio.sleep(0.05)
        await clean_up(context, run, index)

    if where == "clean_up":
        monkeypatch.setattr(graph.campaign.campaign, "clean_up", slow_clean_up)
    else:
        monkeypatch.setattr(os, "fsync", slow_fsync)
    async with serve(Script()) as server:
        going = asyncio.create_task(campaign(server, tmp_path, target=3, slots=1))
        await ending.wait()
        going.cancel()
        with pytest.raises(asyncio.CancelledError):
            await going
    funnel = json.loads((tmp_path / "r" / "funnel.json").read_text())
    assert (funnel["candidates"], funnel["kept"], len(rows(tmp_path))) == (1, 1, 1)


async def test_a_full_disk_stops_the_run_in_one_line_and_nothing_is_lost(tmp_path: Path) -> None:
    async with serve(Script()) as server:
        await campaign(server, tmp_path, target=2)
        args = flags(server, tmp_path, "--target=16", "--slots=4")
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        used = (tmp_path / "r" / "store.sqlite").stat().st_size
        resource.setrlimit(resource.RLIMIT_FSIZE, (used + 100_000, hard))  # children may write no longer file
        try:
            full = await command(*args)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert full.code == 3, full.err + full.out
        assert "Traceback" not in full.err
        before = rows(tmp_path)
        assert (await command(*args)).code == 0
    assert rows(tmp_path)[: len(before)] == before
    assert len(rows(tmp_path)) == 16


async def test_a_locked_database_stops_the_run_in_one_line(tmp_path: Path) -> None:
    async with serve(Script()) as server:
        await campaign(server, tmp_path, target=2)
        other = sqlite3.connect(tmp_path / "r" / "store.sqlite", isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        locked = await command(*flags(server, tmp_path, "--target=4"))
        other.execute("ROLLBACK")
        other.close()
        assert locked.code == 3, locked.err + locked.out
        assert "locked" in locked.err + locked.last
        assert "Traceback" not in locked.err
        await campaign(server, tmp_path, target=4)
    assert len(rows(tmp_path)) == 4
