"""Machines as they are: locales without UTF-8, paths with any bytes, packages of others under our names."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

from evals.mock_server.server import Script, serve
from graph.own_packages import NAMES
from tests import ROOT
from tests.docs import SAMPLE
from tests.service.command import Ended, command, flags

PLAIN = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii", "PYTHONCOERCECLOCALE": "0"}
"""A locale of ASCII alone."""
UTF8 = {"LC_ALL": "C.UTF-8"}
NO_UTF8 = os.fsdecode(b"l\xe4ufe")

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems take no such paths or locales")


async def run_in(folder: Path, *args: str, module: str = "graph.run", **env: str) -> Ended:
    """Run a command from a folder, in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *args, cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT), **env},
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await asyncio.wait_for(process.communicate(), 240)
    return Ended(process.returncode or 0, out.decode(errors="replace"), err.decode(errors="replace"))


@pytest.mark.parametrize(
    ("env", "runs", "where"),
    [(PLAIN, "läufe", "."), (UTF8, NO_UTF8, "."), pytest.param(UTF8, "runs", NO_UTF8, marks=pytest.mark.slow)],
    ids=["locale of ASCII", "runs in a path of any bytes", "current folder of any bytes"],
)
async def test_a_run_ends_whole_on_any_path_in_any_locale(
    env: dict[str, str], runs: str, where: str, tmp_path: Path
) -> None:
    folder = tmp_path / where
    folder.mkdir(exist_ok=True)
    (folder / NO_UTF8).with_suffix(".jsonl").write_text('{"question": "Why is the sky blue at noon?"}\n')
    (folder / NO_UTF8).with_suffix(".json").write_text('{"hops": {"3": 1, "4": 1}}')
    async with serve(Script(obliging=True)) as server:
        args = flags(server, Path(runs), "--target=1", f"--protect={NO_UTF8}.jsonl", f"--mix={NO_UTF8}.json")
        ended = await run_in(folder, *args, **env)
        assert ended.code == 0, ended.err
        assert "Traceback" not in ended.err
        calls = len(server.calls)
        again = await run_in(folder, *args, **env)
        assert again.code == 0, again.err
        assert len(server.calls) == calls
    written = {file.name for file in (folder / runs / "r").iterdir()}
    assert written >= {"settings.json", "README.md", "report.html", "funnel.json", "refused.jsonl", "dataset.jsonl"}
    for args in (["verify", f"{runs}/r", "--sandbox=process"], ["explain", f"{runs}/r", "0"]):
        ended = await run_in(folder, *args, **env)
        assert ended.code == 0, ended.err


async def test_rows_on_standard_output_are_utf8_in_any_locale(tmp_path: Path) -> None:
    row = json.loads(SAMPLE.read_text(encoding="utf-8"))
    row["messages"][1]["content"] += " Leuchtfeür"
    (tmp_path / "dataset.jsonl").write_text(json.dumps(row, ensure_ascii=False) + "\n", encoding="utf-8")
    ended = await run_in(tmp_path, "dataset.jsonl", module="evals.export", **PLAIN)
    assert ended.code == 0, ended.err
    assert "Leuchtfeür" in ended.out


@pytest.mark.parametrize(
    ("name", "module"),
    [
        *((name, "graph.run") for name in NAMES if name != "graph"),
        ("agents", "graph.serve"),
        ("agents", "evals.export"),
        ("tools", "evals.benchmark"),
    ],
)  # a foreign graph has neither run nor serve to tell of it
async def test_a_foreign_package_under_our_name_is_one_line(name: str, module: str, tmp_path: Path) -> None:
    (tmp_path / name).mkdir()
    (tmp_path / name / "__init__.py").write_text("import os\n")
    ended = await run_in(tmp_path, *(["doctor"] if module == "graph.run" else []), module=module)
    assert ended.code == 2
    assert len(ended.err.splitlines()) == 1
    assert ended.err.startswith(f"{module}: " if module.startswith("graph") else "evals: ")
    assert f"NanoFlux's package {name!r} is hidden or overwritten by {tmp_path / name / '__init__.py'}" in ended.err
    assert "an environment of its own" in ended.err


async def test_doctor_names_an_installed_distribution_that_brings_a_package_of_our_name(tmp_path: Path) -> None:
    metadata = tmp_path / "openai_agents-0.24.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: openai-agents\nVersion: 0.24.0\n")
    (metadata / "top_level.txt").write_text("agents\n")
    offline = ["--attacker=offline:attacker", "--defender=offline:smollm2", "--judge=offline:judge"]
    ended = await command("doctor", *offline, f"--runs-dir={tmp_path}", PYTHONPATH=f"{ROOT}{os.pathsep}{tmp_path}")
    assert ended.code == 0, ended.out
    assert "note: openai-agents installs a package 'agents' too" in ended.out
