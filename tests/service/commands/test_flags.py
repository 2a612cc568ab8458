"""Flags, variables and `.env` through the command line: what counts as set, and one clear line for what is wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from graph.run import main
from graph.settings import Settings
from tests import ROOT


def refusal(args: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """Run a command line that is refused before anything is done, and return its one line."""
    assert main(args) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    (line,) = printed.err.splitlines()
    return line


@pytest.mark.parametrize(
    ("args", "line"),
    [
        (["--max-usdd=3"], "graph.run: '--max-usdd' is not known; did you mean --max-usd?"),
        (["--max-us", "3"], "graph.run: '--max-us' is not known; did you mean --max-usd?"),
        (["--alt"], "graph.run: '--alt' is not known; did you mean --alternate?"),
        (["--zzz"], "graph.run: '--zzz' is not known; --help lists what there is"),
        (["--target"], "graph.run: --target: expected one argument"),
        (["--alternate=3"], "graph.run: --alternate/--no-alternate: ignored explicit argument '3'"),
        (["--runs-dir="], "graph.run: --runs-dir is empty; give a value, or leave the flag out"),
        (["--mix", ""], "graph.run: --mix is empty; give a value, or leave the flag out"),
        (["doctor", "--targe=3"], "graph.run: '--targe' is not known; did you mean --target?"),
        (["novelty", "near", "x", "--runs=r"], "graph.run: '--runs' is not known; did you mean --runs-dir?"),
        (["novelty", "near", "x", "--threads=0"], "graph.run: --threads: '0': give 1 or more"),
        (["verify", "d.jsonl", "--concurrency=x"], "graph.run: --concurrency: invalid whole number value: 'x'"),
        (["verify", ""], "graph.run: dataset: the path is empty"),
        (["explain", "r"], "graph.run: the following arguments are required: id"),
        (["explain", "r", "1", "2"], "graph.run: '2' is not known; --help lists what there is"),
    ],
)
def test_a_flag_that_is_none_is_refused_in_one_line(
    args: list[str], line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert refusal(args, capsys) == line


@pytest.mark.parametrize(
    ("name", "value", "remedy"),
    [
        ("max_usd", "inf", "give a finite number"),
        ("easy_share", "nan", "give a finite number"),
        ("call_timeout_s", "1e6", "give 86400 or less"),
        ("max_minutes", "1e9", "give 100000 or less"),
        ("target", "1e3", "give a whole number"),
        ("target", "9" * 5000, "give a smaller number"),
        ("target", "100001", "give 100000 or less"),
        ("pass_rate", "0..nan", "LOW must not be above HIGH"),
        ("pass_rate", "20..80", "shares of right answers lie within 0 to 1"),
        ("hops", "3..inf", "both finite numbers"),
        ("hops", "6..3", "LOW must not be above HIGH"),
        ("prices", "m=inf/1", "prices are not negative"),
        ("alternate", "perhaps", "give true or false"),
        ("runs_dir", "~nobody-of-that-name/x", "write the path in full"),
    ],
)
def test_an_impossible_value_is_refused_by_the_name_under_which_it_came(
    name: str, value: str, remedy: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if name != "alternate":
        line = refusal([f"--{name.replace('_', '-')}={value}"], capsys)
        assert line.startswith(f"graph.run: --{name.replace('_', '-')} ")
        assert remedy in line
    monkeypatch.setenv(f"NANOFLUX_{name.upper()}", value)
    line = refusal([], capsys)
    assert line.startswith(f"graph.run: NANOFLUX_{name.upper()} ")
    assert remedy in line


@pytest.mark.parametrize("name", Settings.model_fields)
def test_an_empty_variable_is_an_unset_one(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    unset = Settings().resolved()
    monkeypatch.setenv(f"NANOFLUX_{name.upper()}", "")
    assert Settings().resolved() == unset


def test_with_empty_variables_a_command_works_as_without_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.setenv(f"NANOFLUX_{name.upper()}", "")
    assert "there is no run 'r' in 'runs'" in refusal(["explain", "r", "1"], capsys)


def test_a_boolean_variable_gives_way_to_the_flag_that_denies_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NANOFLUX_ALTERNATE", "true")
    assert Settings().alternate
    assert not Settings(alternate=False).alternate


def test_a_tilde_is_the_home_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert f"in {str(tmp_path / 'mine')!r}" in refusal(["explain", "r", "1", "--runs-dir=~/mine"], capsys)
    assert str(tmp_path / "d.jsonl") in refusal(["verify", "~/d.jsonl"], capsys)
    assert f"--mix {tmp_path}/m.json" in refusal(["--mix=~/m.json", "--sandbox=process"], capsys)
    assert f"{str(tmp_path / 'b.jsonl')!r}" in refusal(["--protect=~/b.jsonl", "--sandbox=process"], capsys)
    monkeypatch.setenv("NANOFLUX_RUNS_DIR", "~/yours")
    assert f"in {str(tmp_path / 'yours')!r}" in refusal(["explain", "r", "1"], capsys)


def run_in(folder: Path) -> str:
    """Run a command line with a bad flag from a folder, in a process of its own: `.env` goes into the environment."""
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "graph.run", "--slots=0"]
    ended = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 2
    (line,) = ended.stderr.splitlines()
    return line


def test_dotenv_is_that_of_the_current_folder_and_of_no_folder_above(tmp_path: Path) -> None:
    below = tmp_path / "below"
    below.mkdir()
    (tmp_path / ".env").write_text("NANOFLUX_TARGET=many\n")
    assert "NANOFLUX_TARGET 'many'" in run_in(tmp_path)
    assert "--slots '0'" in run_in(below)
    (below / ".env").write_text("NANOFLUX_TARGET=\n")
    assert "--slots '0'" in run_in(below)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le"])
def test_a_dotenv_that_is_no_utf_8_is_one_line(tmp_path: Path, encoding: str) -> None:
    (tmp_path / ".env").write_text("NANOFLUX_TARGET=3\n", encoding=encoding)
    assert f"cannot read {tmp_path / '.env'}" in run_in(tmp_path)


def test_help_groups_every_flag(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--help"])
    assert left.value.code == 0
    shown = capsys.readouterr().out
    for heading, flag in (
        ("the run:", "--domain str"),
        ("the seats:", "--attacker str"),
        ("what is kept:", "--max-attempts int"),
        ("bounds, prices and pace:", "--give-up-after int"),
        ("programs and novelty:", "--sandbox str"),
    ):
        assert f"\n{heading}\n  {flag}" in shown
    assert "--alternate, --no-alternate" in shown
    assert "(default: 12)" in shown
    assert "(default: )" not in shown
    assert "null" not in shown
