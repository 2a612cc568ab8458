"""`doctor` asks each seat for one word in each form; it says before what that may cost, and after what came of it."""

from __future__ import annotations

import asyncio

import pytest

import graph.commands.doctor
from agents.records import SEATS
from evals.mock_server.quirks.server import serve_quirks
from evals.mock_server.script import Script
from evals.mock_server.server import serve
from graph.run import main
from graph.settings import OFFLINE_DEFAULTS
from tests.service.command import SEATS as SCRIPTED
from tests.service.command import Ended

Printed = pytest.CaptureFixture[str]
OFFLINE = [f"--{seat}={model}" for seat, model in OFFLINE_DEFAULTS.items()]


@pytest.fixture(autouse=True)
def _only_one_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare `doctor` the sandboxes that no run here uses."""
    monkeypatch.setattr(graph.commands.doctor, "SANDBOXES", ["process"])


async def doctor(capsys: Printed, url: str, *more: str) -> Ended:
    """Ask about a run with all three seats on one server; later flags stand before earlier ones."""
    urls = [f"--{seat}-base-url={url}" for seat in SEATS]
    code = await asyncio.to_thread(main, ["doctor", *SCRIPTED, *urls, *more])
    return Ended(code, *capsys.readouterr())


def quirky() -> list[str]:
    return [f"--{seat}=openai:quirky-{seat}" for seat in SEATS]


async def test_each_seat_is_asked_in_each_form_after_its_cost_was_said(capsys: Printed) -> None:
    prices = ",".join(f"openai:scripted-{seat}=1/2" for seat in SEATS)
    async with serve(Script()) as server:
        ended = await doctor(capsys, server.base_url, f"--prices={prices}", "--max-output-tokens=1000")
        calls = [(call.seat, call.status) for call in server.calls]
    assert ended.code == 0, ended.out + ended.err
    assert calls == [("attacker", 200)] * 3 + [("defender", 200)] * 3 + [("judge", 200)] * 4
    told = [line.strip() for line in ended.out.splitlines()]
    before = "attacker (openai:scripted-attacker): 3 short calls, one in each form (json_schema, tool, prompt), $0.007"
    place = next(number for number, line in enumerate(told) if line.startswith(before))
    assert told[place + 1 : place + 4] == ["json_schema: works", "tool: works", "prompt: works"]
    assert told[place + 4].startswith("used ")


async def test_no_calls_makes_none(capsys: Printed) -> None:
    async with serve(Script()) as server:
        ended = await doctor(capsys, server.base_url, "--no-calls")
        assert not server.calls
    assert ended.code == 0, ended.out + ended.err


async def test_a_model_that_the_server_does_not_list_is_named_with_those_that_are_like_it(
    capsys: Printed,
) -> None:
    async with serve(Script()) as server:
        ended = await doctor(capsys, server.base_url, "--judge=openai:scripted-judgy")
    assert ended.code == 1
    assert "does not list 'scripted-judgy'; it lists scripted-judge" in ended.out
    assert ended.out.startswith("a run can start: no: the judge (openai:scripted-judgy)")


async def test_a_form_that_a_server_refuses_is_named_and_another_is_enough(capsys: Printed) -> None:
    async with serve_quirks() as server:
        ended = await doctor(capsys, server.url("schema-400"), *quirky())
    assert ended.code == 0, ended.out + ended.err
    assert "json_schema: the attacker (openai:quirky-attacker) refused" in ended.out
    assert ended.out.count("tool: works") == len(SEATS)


async def test_a_reply_bound_that_the_context_has_no_room_for_is_named(capsys: Printed) -> None:
    async with serve_quirks() as server:
        ended = await doctor(capsys, server.url("context-listed"), *quirky(), "--max-output-tokens=9000", "--no-calls")
    assert "a context of 8192 tokens: --max-output-tokens 9000 leaves nothing to the question" in ended.out


@pytest.mark.parametrize(
    ("flag", "remedy"),
    [
        ("--novelty-store=http://127.0.0.1:9", "start it, or use edge"),
        ("--protect=nowhere.jsonl", "cannot read 'nowhere.jsonl'"),
        ("--topics=alchemy", "no topic 'alchemy'"),
    ],
)
def test_doctor_says_what_a_run_with_the_same_flags_would_stop_at(flag: str, remedy: str, capsys: Printed) -> None:
    assert main(["doctor", *OFFLINE, flag]) == 1
    verdict = capsys.readouterr().out.splitlines()[0]
    assert verdict.startswith("a run can start: no: ")
    assert remedy in verdict


def test_doctor_finds_nothing_wrong_with_the_offline_run(capsys: Printed) -> None:
    assert main(["doctor", *OFFLINE]) == 0
    assert capsys.readouterr().out.startswith("a run can start: yes\n")


def test_doctor_refuses_a_bad_flag_like_a_run(capsys: Printed) -> None:
    assert main(["doctor", "--target=0"]) == 2
    assert "--target '0': give 1 or more" in capsys.readouterr().err
