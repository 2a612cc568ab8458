"""A disk that runs full ends a run in time and by name, and the same command goes on with all that was paid for."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import graph.campaign.watch
from evals.mock_server.server import Script, serve
from graph.run import main
from graph.settings import OFFLINE_DEFAULTS
from tests.service.campaign.campaigns import campaign
from tests.service.command import assert_true_and_unique, command, flags, paid_again, rows

MIB = 1024**2
OFFLINE = [*(f"--{seat}={model}" for seat, model in OFFLINE_DEFAULTS.items()), "--sandbox=process"]


class Usage(NamedTuple):
    """What `shutil.disk_usage` returns."""

    total: int
    used: int
    free: int


class Disk:
    """A disk whose free space a test sets."""

    free = 500 * MIB

    def usage(self, _: Path) -> Usage:
        return Usage(10**9, 10**9 - self.free, self.free)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    """The disk that every run of the test writes to, looked at often."""
    made = Disk()
    monkeypatch.setattr(shutil, "disk_usage", made.usage)
    monkeypatch.setattr(graph.campaign.watch, "LOOK_EVERY_S", 0.02)
    return made


@pytest.mark.parametrize("command_line", [["doctor", *OFFLINE], OFFLINE])
def test_a_run_does_not_begin_on_a_disk_that_is_nearly_full(
    command_line: list[str], disk: Disk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    disk.free = 99 * MIB
    assert main([*command_line, f"--runs-dir={tmp_path / 'runs'}"]) == (1 if "doctor" in command_line else 2)
    printed = capsys.readouterr()
    [line] = [line for line in (printed.out + printed.err).splitlines() if "MiB are free" in line]
    assert "99 MiB are free" in line
    assert "less than the 200 of --min-free-mb; make room" in line
    assert not (tmp_path / "runs").exists()


async def test_a_disk_that_fills_drains_the_run_and_nothing_paid_is_lost(disk: Disk, tmp_path: Path) -> None:
    script = Script()
    async with serve(script) as server:

        def fill(events: list[dict[str, object]]) -> bool:
            if any(event["type"] == "end" for event in events):
                disk.free = 150 * MIB
            return False

        going, _ = await campaign(server, tmp_path, interrupt_at=fill, target=200, slots=2)
        assert going.ending.startswith("150 MiB are free on the disk of")
        assert going.ending.endswith("the same command goes on once there is room")
        assert 0 < len(going.rows) < 200
        assert paid_again(server, tmp_path) == 0
        disk.free = 500 * MIB
        again, _ = await campaign(server, tmp_path, target=len(going.rows) + 2, slots=2)
        assert again.ending == "target reached"
        assert paid_again(server, tmp_path) == 0
    assert_true_and_unique(rows(tmp_path), script)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 160 MiB; the novelty store takes up to 64 of them when it is opened again."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = os.geteuid() == 0 and sys.platform == "linux" and shutil.which("mount") is not None
    if (
        not mounted
        or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=160m", "tmpfs", place], check=False).returncode
    ):
        pytest.skip("mounting a small file system takes root")
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)


async def test_a_real_disk_that_fills_ends_the_command_with_the_reason(small_disk: Path) -> None:
    script = Script(latency_s=0.05)
    more = ["--target=500", "--slots=2", "--min-free-mb=20"]
    async with serve(script) as server:
        (small_disk / "ballast").write_bytes(bytes(10 * MIB))
        filler = subprocess.Popen(
            ["sh", "-c", f"sleep 12; head -c {134 * MIB} /dev/zero > {small_disk}/more"], stderr=subprocess.DEVNULL
        )
        ended = await command(*flags(server, small_disk / "runs", *more))
        filler.wait()
        assert ended.code == 3, ended.err
        assert "less than the 20 of --min-free-mb" in ended.last
        assert "Traceback" not in ended.err
        assert paid_again(server, small_disk / "runs") == 0
        kept = len(rows(small_disk / "runs"))
        refused = await command(*flags(server, small_disk / "runs", *more))
        assert refused.code == 2
        (small_disk / "more").unlink()
        more[0] = f"--target={kept + 1}"
        again = await command(*flags(server, small_disk / "runs", *more))
        assert again.code == 0, again.err
        assert paid_again(server, small_disk / "runs") == 0
    assert_true_and_unique(rows(small_disk / "runs"), script)
