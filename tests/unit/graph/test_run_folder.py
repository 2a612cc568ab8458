"""The run's folder: exactly the target's rows, whatever happened to the file and however many write at once."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path

import pytest

from agents.errors import SetupError
from agents.rows import SCHEMA_VERSION, Survivor
from graph.campaign.folder.run_folder import RunFolder
from graph.settings import Settings
from tests import ROOT

SAMPLE = Survivor.model_validate_json((ROOT / "docs" / "sample_row.json").read_text())
ROWS = [SAMPLE.model_copy(update={"id": f"{number:016}", "index": number}) for number in range(200)]


@pytest.fixture
def reopen(tmp_path: Path) -> Iterator[Callable[[int], RunFolder]]:
    opened: list[RunFolder] = []

    def open_again(target: int) -> RunFolder:
        for folder in opened:
            folder.close()
        opened.append(RunFolder.open(Settings(target=target, runs_dir=tmp_path), force=False))
        return opened[-1]

    yield open_again
    opened[-1].close()


def test_many_writers_at_once_write_the_target_and_no_more(reopen: Callable[[int], RunFolder]) -> None:
    folder = reopen(50)
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda row: folder.add([row]), ROWS))
    assert len(folder.rows) == 50
    assert reopen(50).rows == folder.rows


def test_a_larger_target_takes_the_reserve_and_moves_no_row(reopen: Callable[[int], RunFolder]) -> None:
    reopen(3).add(ROWS)
    before = reopen(5).dataset.read_bytes()
    folder = reopen(5)
    folder.add(ROWS)
    assert folder.rows == ROWS[:5]
    assert folder.dataset.read_bytes().startswith(before)


def test_a_lower_target_is_not_crossed_by_the_rows_of_one_kind(tmp_path: Path) -> None:
    easy_share = [row.model_copy(update={"easy": True}) for row in ROWS[:20]]

    def opened(target: int) -> RunFolder:
        return RunFolder.open(Settings(target=target, easy_share=0.5, runs_dir=tmp_path), force=False)

    folder = opened(10)
    folder.add(easy_share)
    folder.close()
    folder = opened(6)
    assert folder.add(ROWS[20:]) == 1
    folder.close()
    assert len(folder.rows) == 6


def test_a_target_below_the_rows_that_are_there_is_refused_and_changes_nothing(
    reopen: Callable[[int], RunFolder],
) -> None:
    folder = reopen(5)
    folder.add(ROWS)
    folder.record()
    recorded = (folder.path / "settings.json").read_bytes()
    with pytest.raises(SetupError, match=r"--target 4: .* already has 5 rows"):
        reopen(4)
    assert reopen(5).rows == ROWS[:5]
    assert (folder.path / "settings.json").read_bytes() == recorded


def test_a_torn_last_line_is_cut_off_and_comes_back_from_the_store(reopen: Callable[[int], RunFolder]) -> None:
    folder = reopen(3)
    folder.add(ROWS)
    whole = folder.dataset.read_bytes()
    folder.dataset.write_bytes(whole[:-20])
    torn = reopen(3)
    assert torn.rows == ROWS[:2]
    torn.add(ROWS[:3])
    assert torn.dataset.read_bytes() == whole


def test_half_a_row_on_a_full_disk_does_not_spoil_the_next(reopen: Callable[[int], RunFolder]) -> None:
    folder = reopen(5)
    folder.add(ROWS[:1])
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (folder.dataset.stat().st_size + 500, hard))
    try:
        with pytest.raises(OSError, match="too large"):
            folder.add(ROWS[1:2])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    folder.add(ROWS[2:3])
    assert reopen(5).rows == [ROWS[0], ROWS[2]]


def test_a_foreign_line_is_named(reopen: Callable[[int], RunFolder]) -> None:
    folder = reopen(3)
    folder.add(ROWS)
    folder.dataset.write_text('{"not": "ours"}\n')
    with pytest.raises(SetupError, match="line 1"):
        reopen(3)


def test_a_folder_in_use_is_refused(reopen: Callable[[int], RunFolder]) -> None:
    folder = reopen(3)
    for attempt in (lambda: RunFolder.open(folder.settings, force=False), lambda: RunFolder.check(folder.settings)):
        with pytest.raises(SetupError, match=r"run 'math' is in use by another process; .* choose another --name"):
            attempt()


def test_whatever_ends_a_run_lets_the_next_have_its_folder(reopen: Callable[[int], RunFolder]) -> None:
    folder = reopen(3)
    folder.add(ROWS)
    with ThreadPoolExecutor(1) as thread:  # another than the one that opened it
        thread.submit(folder.close).result()
    with pytest.raises(SetupError, match="already has 3 rows"):
        RunFolder.open(folder.settings.model_copy(update={"target": 2}), force=False)
    assert reopen(3).rows == ROWS[:3]


def test_a_folder_is_free_again_once_its_process_was_killed(tmp_path: Path) -> None:
    code = f"""
from graph.campaign.folder.run_folder import RunFolder
from graph.settings import Settings
folder = RunFolder.open(Settings(runs_dir={str(tmp_path)!r}), force=False)
print("open", flush=True)
input()
"""
    settings = Settings(runs_dir=tmp_path)
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        with pytest.raises(SetupError, match="another process"):
            RunFolder.open(settings, force=False)
        other.kill()
    RunFolder.open(settings, force=False).close()


def test_a_check_finds_what_opening_would_and_changes_nothing(reopen: Callable[[int], RunFolder]) -> None:
    folder = reopen(5)
    folder.add(ROWS)
    folder.record()
    folder.dataset.write_bytes(folder.dataset.read_bytes() + b'{"torn')
    folder.close()
    before = {file: file.read_bytes() for file in folder.path.iterdir()}
    RunFolder.check(folder.settings)
    for change, line in (({"target": 4}, "already has 5 rows"), ({"seed": 9}, "seed: was 0, now 9")):
        with pytest.raises(SetupError, match=line):
            RunFolder.check(folder.settings.model_copy(update=change))
    assert {file: file.read_bytes() for file in folder.path.iterdir()} == before


def test_a_check_of_a_run_to_come_leaves_nothing(tmp_path: Path) -> None:
    RunFolder.check(Settings(runs_dir=tmp_path / "runs" / "deep"))
    assert list(tmp_path.iterdir()) == []
    for folder in (Path("/proc/nowhere"), tmp_path / "file" / "below"):
        (tmp_path / "file").touch()
        with pytest.raises(SetupError, match=f"cannot write to {folder}/math: .*; choose another --runs-dir"):
            RunFolder.check(Settings(runs_dir=folder))


def test_settings_are_recorded_with_the_versions_that_began_the_run(reopen: Callable[[int], RunFolder]) -> None:
    folder = reopen(3)
    folder.record()
    recorded = json.loads((folder.path / "settings.json").read_text())
    assert (recorded["schema_version"], recorded["nanoflux_version"]) == (SCHEMA_VERSION, version("nanoflux"))
    assert folder.settings.differences(recorded) == []
    assert reopen(3).path == folder.path


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("{}", r"run 'math' was begun by an earlier version of NanoFlux \(schema version 1, and this program has 5\)"),
        ('{"schema_version": 99, "nanoflux_version": "0.9"}', r"begun by NanoFlux 0\.9 \(schema version 99"),
        ('{"schema_version": "2"}', r"schema version '2'"),
        ("[]", r"settings\.json holds no JSON object"),
        ("null", r"settings\.json holds no JSON object"),
        ('{"schema', r"settings\.json is not valid JSON; restore it, or choose another --name"),
    ],
)
@pytest.mark.parametrize("force", [False, True])
def test_a_run_of_another_version_is_refused_also_by_force(
    reopen: Callable[[int], RunFolder], text: str, line: str, force: bool
) -> None:
    folder = reopen(3)
    (folder.path / "settings.json").write_text(text)
    folder.close()
    with pytest.raises(SetupError, match=line) as refused:
        RunFolder.open(folder.settings, force=force)
    assert "choose another --name" in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1
    assert (folder.path / "settings.json").read_text() == text
