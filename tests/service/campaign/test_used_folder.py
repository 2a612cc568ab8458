"""What the commands make of a run folder that is already there: other settings, in use, damaged, another version."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

import graph.commands.doctor
from agents.errors import SetupError
from agents.rows import SCHEMA_VERSION, Survivor
from graph.campaign.folder.run_folder import RunFolder
from graph.cli.flags import read_settings
from graph.reports.card import data_card
from graph.reports.funnel import Funnel
from graph.reports.run_summary import RunSummary
from graph.run import main
from graph.settings import OFFLINE_DEFAULTS
from tests.docs import SAMPLE
from tools.novelty.registry import open_novelty

Printed = pytest.CaptureFixture[str]
OFFLINE = [*(f"--{seat}={model}" for seat, model in OFFLINE_DEFAULTS.items()), "--sandbox=process"]
OLD = f"run 'r' was begun by an earlier version of NanoFlux (schema version 1, and this program has {SCHEMA_VERSION}); "


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """The folder of a run that has kept a row."""
    seats: dict[str, Any] = dict(OFFLINE_DEFAULTS.items())
    given = {**seats, "name": "r", "sandbox": "process", "runs_dir": tmp_path}
    folder = RunFolder.open(read_settings(given), force=False)
    folder.add([Survivor.model_validate_json(SAMPLE.read_text())])
    folder.record()
    folder.close()
    (folder.path / "novelty").mkdir()
    return folder.path


def record(folder: Path, change: Callable[[dict[str, object]], object]) -> None:
    file = folder / "settings.json"
    settings = json.loads(file.read_text())
    change(settings)
    file.write_text(json.dumps(settings))


def contents(folder: Path) -> dict[Path, bytes]:
    return {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}


@pytest.mark.parametrize(
    ("args", "remedy"),
    [
        ([*OFFLINE, "--name=r"], "finish it with that version, or choose another --name"),
        ([*OFFLINE, "--name=r", "--force"], "finish it with that version, or choose another --name"),
        (["explain", "r", "0"], "read it with that version"),
        (["novelty", "near", "a text", "--run", "r"], "read it with that version"),
    ],
)
def test_a_run_of_an_earlier_version_is_refused_in_one_line(
    run: Path, args: list[str], remedy: str, capsys: Printed
) -> None:
    record(run, lambda settings: [settings.pop(name) for name in ("schema_version", "nanoflux_version")])
    before = contents(run)
    assert main([*args, f"--runs-dir={run.parent}"]) == 2
    expected = f"graph.run: {OLD}{remedy}; verify and export still read its dataset\n"
    assert capsys.readouterr().err == expected
    assert contents(run) == before
    assert main(["verify", str(run), "--sandbox=process"]) == 0


@pytest.mark.parametrize("text", ["[]", "null", "{"])
@pytest.mark.parametrize(
    "args", [[*OFFLINE, "--name=r"], ["explain", "r", "0"], ["novelty", "near", "a text", "--run", "r"]]
)
def test_damaged_settings_are_one_clear_line(run: Path, args: list[str], text: str, capsys: Printed) -> None:
    (run / "settings.json").write_text(text)
    assert main([*args, f"--runs-dir={run.parent}"]) == 2
    assert capsys.readouterr().err.endswith("; restore it, or choose another --name\n")


@pytest.mark.parametrize(
    ("name", "value"), [("prompts and domain pack", "0" * 16), ("sympy", "0.1"), ("python", "2.7.18")]
)
def test_a_changed_prompt_or_package_is_refused_unless_forced_and_then_told(
    run: Path, name: str, value: str, capsys: Printed
) -> None:
    record(run, lambda recorded: cast(dict[str, str], recorded["made_with"]).update({name: value}))
    seats: dict[str, Any] = dict(OFFLINE_DEFAULTS.items())
    settings = read_settings({**seats, "name": "r", "sandbox": "process", "runs_dir": run.parent})
    with pytest.raises(SetupError, match=f"{name}: was {value}, now .*--force"):
        RunFolder.open(settings, force=False)
    folder = RunFolder.open(settings, force=True)
    folder.close()
    assert folder.forced[0].startswith(f"{name}: was {value}")
    again = RunFolder.open(settings, force=False)  # the record is that of the run as it goes on
    again.close()
    assert again.forced == folder.forced
    assert f"{name}: was {value}" in data_card(
        RunSummary(settings, again.rows, [], [], Funnel(settings), forced=again.forced)
    )


def verdict(args: list[str], capsys: Printed) -> str:
    """Return what `doctor` says of a run with these flags, and require that it is what the run says."""
    assert main(["doctor", "--no-calls", *args]) == 1
    line = capsys.readouterr().out.splitlines()[0].removeprefix("a run can start: no: ")
    assert main(args) == 2
    assert capsys.readouterr().err == f"graph.run: {line}\n"
    return line


@pytest.fixture
def _only_one_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare `doctor` the sandboxes that this run does not use."""
    monkeypatch.setattr(graph.commands.doctor, "SANDBOXES", ["process"])


@pytest.mark.usefixtures("_only_one_sandbox")
def test_doctor_says_of_an_existing_run_what_the_run_would_say(run: Path, capsys: Printed) -> None:
    args = [*OFFLINE, f"--runs-dir={run.parent}", "--name=r", "--target=12"]
    before = contents(run)
    assert main(["doctor", *args]) == 0
    assert capsys.readouterr().out.startswith("a run can start: yes\n")
    assert "seed: was 0, now 9" in verdict([*args, "--seed=9"], capsys)
    assert "127.0.0.1:9 does not answer" in verdict([*args, "--novelty-store=http://127.0.0.1:9"], capsys)
    assert contents(run) == before


@pytest.mark.usefixtures("_only_one_sandbox")
def test_doctor_says_of_an_earlier_versions_run_what_the_run_would_say(tmp_path: Path, capsys: Printed) -> None:
    (tmp_path / "math").mkdir()
    (tmp_path / "math" / "settings.json").write_text("{}")
    assert "an earlier version of NanoFlux" in verdict([*OFFLINE, f"--runs-dir={tmp_path}"], capsys)


@pytest.mark.usefixtures("_only_one_sandbox")
async def test_doctor_leaves_a_novelty_store_that_is_open_alone(tmp_path: Path, capsys: Printed) -> None:
    async with open_novelty("edge", path=tmp_path / "math" / "novelty"):
        before = contents(tmp_path)
        args = ["doctor", *OFFLINE, f"--runs-dir={tmp_path}"]
        assert await asyncio.to_thread(main, args) == 0, "in a loop of its own, as in its own process"
        assert contents(tmp_path) == before
    assert capsys.readouterr().out.startswith("a run can start: yes\n")
