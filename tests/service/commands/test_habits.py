"""What every command has in common, and the small ones: list, init, validate, preview, estimate, completion."""

from __future__ import annotations

import asyncio
import io
import json
import os
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from rich.console import Console
from rich.live import Live

from agents.records import SEATS, SeatUsage
from evals.mock_server.server import Script, serve
from graph.campaign.sample import Sample
from graph.campaign.spending.estimate import Span, from_sample
from graph.campaign.watch import awaited
from graph.cli.parsers import COMMANDS, build_command_parser
from graph.commands.init import settings_text
from graph.reports.progress import LAST, LiveProgress
from graph.run import main
from graph.settings import OFFLINE_DEFAULTS, Settings
from graph.storage.recorded_settings import recorded_text
from prompts.domain import load_domain
from tests.docs import SAMPLE
from tests.service.command import SEATS as SCRIPTED
from tests.service.command import Ended, flags

Printed = pytest.CaptureFixture[str]
OFFLINE = [f"--{seat}={model}" for seat, model in OFFLINE_DEFAULTS.items()]


async def scripted(capsys: Printed, script: Script, *args: str) -> Ended:
    """Carry out a command whose three seats are on one scripted server."""
    async with serve(script) as server:
        urls = [f"--{seat}-base-url={server.base_url}" for seat in SEATS]
        prices = ",".join(f"openai:scripted-{seat}=1/2" for seat in SEATS)
        code = await asyncio.to_thread(main, [*args, *SCRIPTED, *urls, f"--prices={prices}"])
    return Ended(code, *capsys.readouterr())


def dataset(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "dataset.jsonl").write_text(json.dumps(json.loads(SAMPLE.read_text())) + "\n")
    return folder


def run_folder(runs: Path, name: str, target: int) -> Path:
    folder = dataset(runs / name)
    (folder / "settings.json").write_text(recorded_text(Settings(name=name, target=target).resolved()))
    (folder / "funnel.json").write_text(json.dumps({"usage": {"attacker": {"usd": 0.25}, "judge": {"usd": 0.5}}}))
    return folder


def test_the_version_is_told(capsys: Printed) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--version"])
    assert left.value.code == 0
    assert capsys.readouterr().out.startswith("NanoFlux ")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_takes_the_output_flags(name: str) -> None:
    shown = build_command_parser(name).format_help()
    assert all(f"--{flag}" in shown for flag in ("json", "quiet", "verbose"))


def test_json_and_quiet_go_not_together(capsys: Printed) -> None:
    assert main(["list", "--json", "--quiet"]) == 2
    assert capsys.readouterr().err == "graph.run: --quiet: not allowed with argument --json\n"


def test_verbose_shows_where_an_error_came_from(capsys: Printed) -> None:
    assert main(["explain", "r", "1", "--verbose"]) == 2
    printed = capsys.readouterr().err
    assert printed.startswith("Traceback")
    assert printed.splitlines()[-1].startswith("graph.run: there is no run 'r'")


def test_list_tells_how_each_run_stands(tmp_path: Path, capsys: Printed) -> None:
    for name, target in (("done", 1), ("stopped", 5), ("going", 5)):
        run_folder(tmp_path, name, target)
    dataset(tmp_path / "empty")
    (dataset(tmp_path / "older") / "settings.json").write_text("[]")
    with FileLock(tmp_path / "going" / "lock"):
        assert main(["list", f"--runs-dir={tmp_path}", "--json"]) == 0
        runs = {run["name"]: run for run in json.loads(capsys.readouterr().out)["runs"]}
        assert main(["list", f"--runs-dir={tmp_path}"]) == 0
        table = capsys.readouterr().out
    states = {name: run["state"] for name, run in runs.items()}
    wanted = {"done": "finished", "stopped": "stopped", "going": "running", "empty": "empty", "older": "unreadable"}
    assert states == wanted
    assert (runs["done"]["rows"], runs["done"]["target"], runs["done"]["usd"]) == (1, 1, 0.75)
    assert all(name in table and state in table for name, state in wanted.items())
    assert "$0.7500" in table
    assert main(["list", f"--runs-dir={tmp_path}", "--quiet"]) == 0
    assert capsys.readouterr().out == ""
    assert main(["list"]) == 0
    assert capsys.readouterr().out == "there is no run in runs\n"


def test_init_writes_every_setting_at_its_default(capsys: Printed) -> None:
    assert main(["init"]) == 0
    text = Path("nanoflux.toml").read_text()
    assert tomllib.loads(text) == {}
    set_by_default = [
        line[1:] for line in text.splitlines() if line.startswith("#") and " = " in line[:40] and line[1] != " "
    ]
    stated = tomllib.loads("\n".join(line for line in set_by_default if "# unset" not in line))
    assert Settings(**stated) == Settings()
    assert stated.keys() | {line.split()[0] for line in set_by_default} == Settings.model_fields.keys()
    assert main(["init"]) == 2
    assert "nanoflux.toml is there already; --force writes over it" in capsys.readouterr().err
    assert main(["init", "--force"]) == 0
    assert Path("nanoflux.toml").read_text() == settings_text()


def test_a_new_pack_is_a_domain_at_once(capsys: Printed) -> None:
    assert main(["init", "--domain=chemistry"]) == 0
    assert load_domain("chemistry").topics
    assert main(["validate", "--domain=chemistry", *SCRIPTED]) == 0
    assert "ok     domains/chemistry.toml: domain pack with 1 topics" in capsys.readouterr().out
    assert main(["init", "--domain=../up"]) == 2
    assert "it becomes a folder's name" in capsys.readouterr().err


def test_validate_says_of_each_file_what_is_wrong(tmp_path: Path, capsys: Printed) -> None:
    assert main(["init", "--domain=chemistry"]) == 0
    pack = Path("domains/chemistry.toml")
    pack.write_text(pack.read_text().replace("hops = [2, 6]", "hops = [2, 60]"))
    (tmp_path / "settings.toml").write_text("targets = 3\n")
    (tmp_path / "rows.jsonl").write_text('{"id": 1}\n')
    good = dataset(tmp_path / "good")
    files = [str(pack), *map(str, (tmp_path / "settings.toml", tmp_path / "rows.jsonl", good))]
    capsys.readouterr()
    assert main(["validate", *files, "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert [check["ok"] for check in found["checked"]] == [False, False, False, True]
    details = [check["details"] for check in found["checked"]]
    assert "hops must lie within 1 to 8" in details[0]
    assert "'targets' is no setting; did you mean target?" in details[1]
    assert "rows.jsonl', line 1, is not a row of a dataset" in details[2]
    assert details[3].startswith("1 rows")
    assert main(["validate", "--pass-rate=0.5"]) == 1
    assert "WRONG  settings: --pass-rate 0.5 holds no share of 1 samples" in capsys.readouterr().out


def test_the_settings_file_is_below_variables_and_flags(monkeypatch: pytest.MonkeyPatch, capsys: Printed) -> None:
    Path("nanoflux.toml").write_text(
        'target = 7\nmax-attempts = 4\ndomain = "medicine"\nslots = 2\ntopics = ["dosing"]\n'
    )
    monkeypatch.setenv("NANOFLUX_DOMAIN", "genomics")
    monkeypatch.setenv("NANOFLUX_TOPICS", "")
    assert main(["validate", "--target=9"]) == 1
    assert "no topic 'dosing'" in capsys.readouterr().out
    assert main(["validate", "--target=9", "--topics="]) == 0
    assert "run 'genomics' of 9 rows in the domain 'genomics'" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("target = 0\n", "nanoflux.toml: target 0: give 1 or more"),
        ("tarket = 3\n", "nanoflux.toml: 'tarket' is no setting; did you mean target?"),
        ("target = \n", "nanoflux.toml: not valid TOML"),
        ('attacker_base_url = "http://x/v1"\n', "belongs to no model"),
    ],
)
def test_a_wrong_settings_file_is_one_line(text: str, line: str, capsys: Printed) -> None:
    Path("nanoflux.toml").write_text(text)
    assert main([]) == 2
    printed = capsys.readouterr().err
    assert line in printed
    assert len(printed.splitlines()) == 1


def test_results_are_json_where_asked(tmp_path: Path, capsys: Printed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graph.commands.doctor.SANDBOXES", ["process"])
    good = str(dataset(tmp_path / "good"))
    for args, key in (
        (["doctor", *OFFLINE, "--json"], "can_start"),
        (["verify", good, "--sandbox=process", "--json"], "failures"),
        (["novelty", "audit", good, "--json"], "findings"),
        (["export", good, f"--out={tmp_path / 'rows.jsonl'}", "--json"], "written"),
        (["init", "--json"], "written"),
    ):
        assert main(args) in (0, 1)
        assert key in json.loads(capsys.readouterr().out), args


@pytest.mark.parametrize("args", [["verify"], ["validate"], ["novelty", "audit"], ["export"]], ids=" ".join)
def test_a_run_is_called_by_its_name(args: list[str], capsys: Printed) -> None:
    dataset(Path("runs/mine"))
    assert main([*args, "mine", "--quiet"]) == 0, capsys.readouterr().err
    assert main([*args, "yours", "--quiet"]) in (1, 2)


async def test_preview_shows_questions_and_writes_nothing(tmp_path: Path, capsys: Printed) -> None:
    ended = await scripted(capsys, Script(), "preview", "2", f"--runs-dir={tmp_path}")
    assert ended.code == 0, ended.err
    assert "the defender answered:" in ended.out
    assert "ANSWER: " in ended.out
    question = ended.out.partition("kept: ")[2].partition("1. ")[0]
    assert "?" in question or question.count("│") > 4, "long questions are shown to their end"
    assert ended.last.endswith("nothing was written")
    assert list(tmp_path.iterdir()) == []
    assert list(Path().iterdir()) == []


async def test_preview_says_why_nothing_was_kept(capsys: Printed) -> None:
    ended = await scripted(capsys, Script(defender_right=1.0), "preview", "2")
    assert ended.code == 1
    assert "too_easy" in ended.out
    assert "0 of 2 kept" in ended.last


async def test_estimate_reckons_from_a_few_candidates(tmp_path: Path, capsys: Printed) -> None:
    args = ("estimate", "--target=1000", "--max-usd=1", f"--runs-dir={tmp_path}")
    ended = await scripted(capsys, Script(obliging=True), *args)
    assert ended.code == 0, ended.err
    assert "1000 rows are likely to take (from 3 candidates that were tried, 3 of them kept)" in ended.out
    assert "--max-usd 1 will be met before the target" in ended.out
    assert ended.last.startswith("the trial made ")
    assert list(tmp_path.iterdir()) == []
    ended = await scripted(capsys, Script(), "estimate", "--target=100", "--no-calls", "--json")
    told = json.loads(ended.out)
    assert 100 < told["candidates"]["low"] < told["candidates"]["high"]
    assert 0 < told["usd"]["low"] < told["usd"]["high"]
    assert told["minutes"] is None


@pytest.mark.parametrize(("kept", "refused"), [(3, 0), (1, 9), (0, 3), (40, 60)])
def test_an_estimate_is_a_range_round_the_mean(kept: int, refused: int) -> None:
    settings, many = Settings(target=50, slots=4), kept + refused
    each = SeatUsage(calls=many, input_tokens=100 * many, output_tokens=10 * many, usd=0.01 * many)
    rows: Any = [None]
    found = from_sample(settings, Sample(rows * kept, rows * refused, dict.fromkeys(SEATS, each), 60.0, ""))
    if kept:
        mean = settings.target * many / kept
        assert found.candidates.low <= mean <= found.candidates.high
        assert found.usd is not None
        assert found.usd.low <= 0.03 * mean <= found.usd.high
    assert found.candidates.high <= 2 * settings.give_up_after * settings.target, (
        "where nothing was kept, still a number"
    )
    assert str(Span(1234.5, 98765)) == "1,200 to 99,000"


async def test_a_run_prints_its_result_alone(tmp_path: Path, capsys: Printed) -> None:
    async with serve(Script(obliging=True)) as server:

        async def going(*args: str) -> Ended:
            code = await asyncio.to_thread(main, flags(server, tmp_path, *args))
            return Ended(code, *capsys.readouterr())

        ended = await going("--target=2", "--json")
        assert ended.code == 0, ended.err
        told = json.loads(ended.out)
        assert (told["rows"], told["ending"], told["funnel"]["kept"]) == (2, "target reached", 2)
        assert "candidate 0: kept" in ended.err
        ended = await going("--target=2", "--quiet")
        assert ended.out == f"{tmp_path / 'r' / 'dataset.jsonl'}: 2 rows, target reached\n"
        ended = await going("--target=3", "--verbose")
    assert ": judge, " in ended.out
    assert ": attempt kept, defender right in 0 of 1" in ended.out


def test_completion_is_a_script_that_knows_commands_and_flags(capsys: Printed) -> None:
    assert main(["completion", "bash"]) == 0
    script = capsys.readouterr().out
    subprocess.run(["bash", "-n"], input=script, text=True, check=True, env={"PATH": os.environ["PATH"]})
    assert all(name in script for name in COMMANDS)
    assert "--max-usd" in script


def test_the_panel_leaves_the_last_candidates_standing() -> None:
    screen = io.StringIO()
    with Live(console=Console(file=screen, force_terminal=True, width=100)) as live:
        progress = LiveProgress(Settings(target=9).resolved(), live)
        for index in range(LAST + 3):
            event = {"type": "end", "index": index, "outcome": "kept", "reason": "", "rows": index + 1, "waiting": 0}
            progress.show(event)
    left = screen.getvalue().rpartition("kept 8/9")[2]
    assert [index for index in range(LAST + 3) if f"candidate {index}: kept" in left] == list(range(3, LAST + 3))


def test_a_run_that_was_stopped_says_what_it_waits_for() -> None:
    class Busy:
        def waiting(self) -> str:
            return "the judge has not replied for 3 s"

    seats: Any = [Busy()]
    assert awaited(seats, 2) == "finishing the steps of 2 candidates in flight (the judge has not replied for 3 s)"
    assert awaited([], 0) == "finishing the files of the run"
