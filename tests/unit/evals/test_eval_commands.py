"""What every command of `evals/` has in common: its flags, its one line for what is wrong, its results as JSON."""

from __future__ import annotations

import argparse
import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import evals
from agents.errors import SetupError
from evals import gallery
from graph.cli.output import report, tell
from graph.cli.running import Command, run_command

FILES = sorted(Path(evals.__path__[0]).glob("*.py"))
NAMES = [file.stem for file in FILES if "\ndef main(" in file.read_text(encoding="utf-8")]
Printed = pytest.CaptureFixture[str]


@pytest.mark.parametrize("name", NAMES)
def test_every_command_takes_the_output_flags(name: str, capsys: Printed) -> None:
    command: Any = import_module(f"evals.{name}")
    with pytest.raises(SystemExit) as left:
        command.main(["--help"])
    shown = capsys.readouterr().out
    assert left.value.code == 0
    assert f"usage: python -m evals.{name}" in shown
    assert all(f"--{flag}" in shown for flag in ("json", "quiet", "verbose"))


@pytest.mark.parametrize("name", NAMES)
def test_an_unknown_flag_is_one_line(name: str, capsys: Printed) -> None:
    command: Any = import_module(f"evals.{name}")
    assert command.main(["--no-such-flag"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"evals.{name}: ")


def made_up(ending: BaseException | None = None) -> Command:
    def run(args: argparse.Namespace) -> int:
        tell("half of it is done")
        if ending is not None:
            raise ending
        report(args, {"rows": 3}, ["three rows"])
        return 0

    return Command("evals.made_up", "Do something.", lambda _: None, run, "the same command goes on")


@pytest.mark.parametrize(
    ("flags", "out", "err"),
    [
        ([], "three rows\n", "half of it is done\n"),
        (["--json"], '{\n  "rows": 3\n}\n', "half of it is done\n"),
        (["--quiet"], "", ""),
    ],
)
def test_results_go_to_standard_output_and_progress_does_not(
    flags: list[str], out: str, err: str, capsys: Printed
) -> None:
    assert run_command(made_up(), flags) == 0
    assert capsys.readouterr() == (out, err)


@pytest.mark.parametrize(
    ("ending", "code", "line"),
    [
        (SetupError("name a file"), 2, "evals.made_up: name a file"),
        (FileNotFoundError("nothing there"), 2, "evals.made_up: nothing there"),
        (KeyboardInterrupt(), 130, "evals.made_up: interrupted; the same command goes on"),
    ],
)
def test_what_ends_a_command_is_one_line(ending: BaseException, code: int, line: str, capsys: Printed) -> None:
    assert run_command(made_up(ending), ["--quiet"]) == code
    assert capsys.readouterr() == ("", f"{line}\n")
    if code == 2:
        assert run_command(made_up(ending), ["--verbose"]) == code
        assert "Traceback" in capsys.readouterr().err


def test_what_nobody_foresaw_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        run_command(made_up(ZeroDivisionError()), [])


def test_a_result_is_json_where_asked(capsys: Printed) -> None:
    assert gallery.main(["--domain=medicine", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["gallery"].startswith("## medicine: ")
