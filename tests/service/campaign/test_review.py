"""Questions that wait for a person: the run goes on meanwhile, and a decision is carried out whether or not it does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from agents.errors import SetupError
from agents.reviews import Decision, ReviewCase
from agents.rows import Refusal, Survivor
from evals.mock_server.server import Script, ScriptedServer, serve
from graph.campaign.campaign import INTERRUPTED, TARGET_REACHED
from graph.campaign.worker import Event
from graph.question.resources import Resources
from graph.question.row_checks import field_faults, read_row
from graph.review.cases import list_cases
from graph.review.decide import Decided, decide, settings_of
from graph.run import main
from graph.storage.reviews import write_decision
from graph.storage.sqlite import open_store
from tests.service.campaign.campaigns import campaign
from tests.service.campaign.test_campaign import assert_sums_match
from tests.service.command import assert_true_and_unique, command, flags, paid_again, rows

Decide = Callable[..., Awaitable[Decided]]


def decision(word: str, **more: Any) -> Decision:
    return Decision.model_validate({"decision": word, "by": "ann", **more})


@asynccontextmanager
async def reviewer(runs: Path) -> AsyncIterator[Decide]:
    """Decide several cases of a run, with sandbox and novelty gate opened once."""
    async with Resources() as resources:

        async def source() -> Resources:
            return resources

        async def decided(case: ReviewCase, word: str, **more: Any) -> Decided:
            return await decide(runs / "r", str(case.index), decision(word, **more), source=source)

        yield decided


def funnel(runs: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((runs / "r" / "funnel.json").read_text())
    return told


async def run(server: ScriptedServer, runs: Path, **settings: Any) -> str:
    going, _ = await campaign(server, runs, target=4, **settings)
    assert_sums_match(going, runs / "r")
    return going.ending


async def test_every_case_is_decided_and_the_run_goes_on_to_its_target(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with serve(Script(split_rubric=0.5)) as server:
        waits = "4 cases wait for review: python -m graph.run review"
        assert (await run(server, tmp_path, review="all")).startswith(waits)
        calls, cases = len(server.calls), await list_cases(tmp_path / "r")
        assert (len(cases), rows(tmp_path), funnel(tmp_path)["waiting"]) == (4, [], 4)

        for page in ("README.md", "report.html"):
            assert "waiting for review" in (tmp_path / "r" / page).read_text()
        async with reviewer(tmp_path) as decided:
            await approve_and_reject(tmp_path, cases[0], cases[1], decided)
            await edit(tmp_path, cases[2], cases[3], decided)
        assert (funnel(tmp_path)["kept"], len(server.calls)) == (2, calls), "a review takes no model call"
        assert "wait for review" in await run(server, tmp_path, review="all", slots=2)
        async with reviewer(tmp_path) as decided:
            for case in await list_cases(tmp_path / "r"):
                assert (await decided(case, "approve")).ended is not None
        assert paid_again(server, tmp_path) == 0
        assert await run(server, tmp_path, review="all") == TARGET_REACHED
        assert_true_and_unique(rows(tmp_path), server.script)
    for line in (tmp_path / "r" / "dataset.jsonl").read_bytes().splitlines():
        read = read_row(line)
        assert read.row is not None
        assert [*read.faults, *field_faults(read.row)] == []
    assert "A person reviewed 4 of 4 rows (approved 3, edited 1)" in (tmp_path / "r" / "README.md").read_text()
    assert "Approved by ann, " in (tmp_path / "r" / "report.html").read_text()
    await explained(tmp_path, cases[0], cases[1], capsys)


async def test_who_holds_what_a_decision_takes_is_named_and_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async with serve(Script()) as server:
        await campaign(server, tmp_path, target=1, review="all")
    (case,) = await list_cases(tmp_path / "r")
    approve = ["review", "r", str(case.index), "--approve", f"--runs-dir={tmp_path}"]

    async with Resources() as server_of_others:  # as langgraph dev, which keeps the gate open after a run
        await server_of_others.novelty(settings_of(tmp_path / "r"))
        assert await asyncio.to_thread(main, approve) == 0
    printed = capsys.readouterr().out
    assert "approve is recorded, and not carried out yet" in printed
    assert "stop that run or server" in printed
    assert "this command again, or the run's own, carries it out" in printed

    with monkeypatch.context() as brief, FileLock(tmp_path / "r" / "lock", thread_local=False):  # another process's run
        brief.setattr("graph.review.decide.PATIENCE_S", 0.5)
        assert await asyncio.to_thread(main, approve) == 0
    waiting = capsys.readouterr()
    assert waiting.err.startswith("run r goes on in another process, which takes the decision up; waiting for it")
    assert "the run that goes on has not taken it up yet" in waiting.out
    assert rows(tmp_path) == []

    assert await asyncio.to_thread(main, approve) == 0
    assert len(rows(tmp_path)) == 1


async def approve_and_reject(runs: Path, approved: ReviewCase, rejected: ReviewCase, decided: Decide) -> None:
    done = await decided(approved, "approve", note="read twice")
    assert isinstance(done.ended, Survivor)
    assert rows(runs) == [done.ended]
    review = done.ended.review
    assert review is not None
    assert (review.decision, review.by, review.note, review.doubts) == (
        "approved",
        "ann",
        "read twice",
        approved.doubts,
    )
    assert review.when.endswith("+00:00")

    done = await decided(rejected, "reject", note="two readings")
    assert isinstance(done.ended, Refusal)
    assert (done.ended.outcome, done.ended.reason) == ("rejected_in_review", "two readings")
    assert funnel(runs)["outcomes"]["rejected_in_review"] == 1
    for name, word in ((str(rejected.index), "no case"), ("99", "there is")):
        with pytest.raises(SetupError, match=word):
            await decide(runs / "r", name, decision("approve"))


async def edit(runs: Path, wrong: ReviewCase, edited: ReviewCase, decided: Decide) -> None:
    """Edit two cases: an edit that the checks refuse leaves its case waiting, any other is proved and kept."""
    steps = edited.question.steps
    for refused, fault in (
        ({"answer_kind": "text"}, "'answer_kind' cannot be edited"),
        ({"steps": ["\ud800"]}, "unicode string"),
        ({"inputs": [{"value": 10**30}]}, "inputs"),
        ({"answer": "7"}, "not in the stated answer 7"),
        ({"program": edited.question.program.replace("return ", "return 2 * ")}, "but the stated answer is"),
    ):
        done = await decided(edited, "edit", edit=refused)
        assert done.ended is None
        assert fault in done.fault
    assert (await list_cases(runs / "r"))[-1].fault == done.fault

    done = await decided(edited, "approve", edit={"steps": steps[1:]})
    assert (done.ended, done.fault) == (None, "approve changes no field; the decision edit does")

    better = [*steps[:-1], f"At last, {steps[-1]}"]
    done = await decided(edited, "edit", edit={"steps": better})
    assert isinstance(done.ended, Survivor), done
    assert (done.ended.steps, done.ended.judge_program) == (better, edited.judge_program)
    assert done.ended.review is not None
    assert (done.ended.review.decision, done.ended.review.edited) == ("edited", ["steps"])
    assert (await decided(wrong, "reject")).ended is not None


async def explained(runs: Path, approved: ReviewCase, rejected: ReviewCase, capsys: pytest.CaptureFixture[str]) -> None:
    for case, line in ((approved, "approved by ann, "), (rejected, "rejected by ann, ")):
        assert await asyncio.to_thread(main, ["explain", "r", str(case.index), f"--runs-dir={runs}"]) == 0
        told = capsys.readouterr().out
        assert line in told
        assert "  doubt: " in told


async def test_only_what_is_doubtful_waits_and_no_row_too_many_is_kept(tmp_path: Path) -> None:
    async with serve(Script(split_rubric=0.6)) as server:
        ending = await run(server, tmp_path, review="doubtful", slots=3)
        cases, kept = await list_cases(tmp_path / "r"), rows(tmp_path)
        assert "wait for review" in ending or "waits for review" in ending
        assert kept
        assert len(kept) + len(cases) == 4
        assert all(case.doubts == ["the rubric is split: correctness 5, structure 3"] for case in cases)
        assert all(row.review is None for row in kept)
        async with reviewer(tmp_path) as decided:
            for case in cases:
                assert (await decided(case, "approve")).ended is not None
        assert await run(server, tmp_path, review="doubtful") == TARGET_REACHED
    assert {row.index for row in rows(tmp_path)} == {row.index for row in kept} | {case.index for case in cases}


async def test_of_two_reviewers_the_first_decides_and_the_other_is_told(tmp_path: Path) -> None:
    async with serve(Script()) as server:
        await run(server, tmp_path, review="all")
    first, second, *_ = await list_cases(tmp_path / "r")
    async with open_store(tmp_path / "r" / "store.sqlite") as store:
        await write_decision(store, "r", first.candidate, decision("reject", note="two readings"))
    async with reviewer(tmp_path) as decided:
        with pytest.raises(SetupError, match="is decided: reject, by ann, not carried out yet"):
            await decided(first, "approve", by="ben")
        ours = await decided(first, "approve")
        assert isinstance(ours.ended, Survivor), "who decided may think again"

        both = (decided(second, "approve", by="ben"), decided(second, "reject", by="eve"))
        told = await asyncio.gather(*both, return_exceptions=True)
        [done] = [one for one in told if isinstance(one, Decided)]
        [lost] = [one for one in told if isinstance(one, SetupError)]
    assert done.ended is not None
    assert done.ended.review is not None
    assert "case 1 was " in str(lost) or "case 1 is decided" in str(lost)
    assert done.ended.review.by in str(lost)


async def test_a_run_in_flight_takes_a_decision_up(tmp_path: Path) -> None:
    deciding: list[asyncio.Task[Decided]] = []

    def decide_at_once(events: list[Event]) -> bool:
        if events[-1]["type"] == "wait" and not deciding:
            given = decide(tmp_path / "r", str(events[-1]["index"]), decision("approve"))
            deciding.append(asyncio.ensure_future(given))
        return False

    async with serve(Script(latency_s=0.3)) as server:
        _, events = await campaign(
            server, tmp_path, target=4, slots=1, review="all", interrupt_at=decide_at_once, max_candidates=4
        )
    done = await deciding[0]
    assert isinstance(done.ended, Survivor)
    ended = next(place for place, event in enumerate(events) if event["type"] == "end" and event["outcome"] == "kept")
    assert any(event["type"] == "call" for event in events[ended:]), "the run went on"
    assert [row.id for row in rows(tmp_path)] == [done.ended.id]


async def test_what_waits_survives_an_interrupt_and_a_change_of_hands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def once_one_waits(events: list[Event]) -> bool:
        return bool(events[-1]["type"] == "wait")

    async with serve(Script()) as server:
        going, _ = await campaign(server, tmp_path, target=2, slots=1, review="all", interrupt_at=once_one_waits)
        assert going.ending == INTERRUPTED
        [before] = await list_cases(tmp_path / "r")
        again = await command(*flags(server, tmp_path, "--target=2", "--slots=1", "--review=all"))
        assert again.code == 3, again.err
        assert "2 cases wait for review: python -m graph.run review " in again.last
        assert paid_again(server, tmp_path) == 0
    first, second = await list_cases(tmp_path / "r")
    assert first == before
    await asyncio.to_thread(by_the_command, tmp_path, first, second, capsys)
    assert [row.review.by for row in rows(tmp_path) if row.review] == ["ann"]


def by_the_command(runs: Path, first: ReviewCase, second: ReviewCase, capsys: pytest.CaptureFixture[str]) -> None:
    """List, show and decide with the command line."""

    def review(*args: str) -> tuple[int, str, str]:
        code = main(["review", "r", *args, f"--runs-dir={runs}"])
        told = capsys.readouterr()
        return code, told.out, (told.out + told.err).strip().splitlines()[-1]

    assert review()[2] == "2 cases wait for review"
    shown = review(first.candidate)[1]
    assert "doubt: every question is reviewed" in shown
    assert "verdict: well posed" in shown
    code, _, last = review(str(first.index), "--approve", "--by=ann")
    assert (code, last.startswith(f"candidate {first.index}: kept as ")) == (0, True)
    file = runs / "edit.json"
    file.write_text('{"answer": "1"}')
    code, _, last = review(str(second.index), "--edit", str(file))
    assert (code, "refused, and waits on: " in last) == (1, True)
    assert review("77", "--reject")[::2] == (
        2,
        f"graph.run: no case '77' waits for review; there is {second.index}",
    )
    assert review("--note=x")[0] == review("--approve")[0] == 2
    code, _, last = review(str(second.index), "--reject", "--note=unclear")
    assert (code, last) == (0, f"candidate {second.index}: rejected_in_review: unclear")
