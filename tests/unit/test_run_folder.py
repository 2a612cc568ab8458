"""The run's folder: exactly the target's rows, whatever happened to the file and however many write at once."""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from agents.errors import SetupError
from agents.records import Survivor
from graph.campaign.run_folder import RunFolder
from graph.settings import Settings

SAMPLE = Survivor.model_validate_json((Path(__file__).parents[2] / "docs" / "sample_row.json").read_text())
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
    with pytest.raises(SetupError, match="another process"):
        RunFolder.open(folder.settings, force=False)
