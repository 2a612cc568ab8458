"""The report is written while a run goes on, and keeps nobody waiting."""

from __future__ import annotations

from pathlib import Path

import pytest

import graph.campaign.folder.run_folder
import graph.campaign.folder.summaries
from evals.mock_server.server import Script, serve
from graph.campaign.campaign import INTERRUPTED, TARGET_REACHED
from graph.campaign.worker import Event
from graph.reports.pictures.figures import Figures, read_figures
from graph.reports.report import GOES_ON
from tests.service.campaign.campaigns import campaign
from tests.service.command import rows
from tools.files.whole import write_whole


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write all the time."""
    for name in ("FIRST_S", "EVERY_S", "REST"):
        monkeypatch.setattr(graph.campaign.folder.summaries, name, 0)


async def test_it_is_there_while_the_run_goes_on_and_tells_the_end_at_the_end(tmp_path: Path) -> None:
    meanwhile: list[tuple[str, Figures]] = []

    def look(events: list[Event]) -> bool:
        found, page = read_figures(tmp_path / "r"), tmp_path / "r" / "report.html"
        if found is not None and events[-1]["type"] == "end":
            meanwhile.append((page.read_text(encoding="utf-8"), found))
        return len(rows(tmp_path)) >= 3

    async with serve(Script(defender_right=0.3, latency_s=0.05)) as server:
        first, _ = await campaign(server, tmp_path, target=8, slots=2, interrupt_at=look)
        assert first.ending == INTERRUPTED
        assert any(GOES_ON in page for page, _ in meanwhile)
        assert all(figures.state == "" for page, figures in meanwhile if GOES_ON in page)
        before = read_figures(tmp_path / "r")
        going, events = await campaign(server, tmp_path, target=8, slots=2)
    assert going.ending == TARGET_REACHED
    assert not [event for event in events if event["type"] == "warning"]
    figures = read_figures(tmp_path / "r")
    assert before is not None
    assert figures is not None
    assert figures.timeline[: len(before.timeline)] == before.timeline, "a later sitting goes on with the time line"
    assert [moment.rows for moment in figures.timeline] == sorted(moment.rows for moment in figures.timeline)
    assert (figures.rows, figures.state, figures.timeline[-1].rows) == (8, TARGET_REACHED, 8)
    assert figures.written == figures.kept + sum(gate.refused for gate in figures.gates)
    assert sum(cell.kept for cell in figures.coverage) == figures.kept
    assert len(figures.dots) == 8
    assert {dot.topic for dot in figures.dots} == {row.topic for row in going.rows}
    for name in ("report.html", "report.md"):
        assert TARGET_REACHED in (tmp_path / "r" / name).read_text(encoding="utf-8")


async def test_a_report_that_cannot_be_written_meanwhile_is_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed: list[Path] = []

    def full(path: Path, text: str) -> None:
        if path.name == "report.html" and GOES_ON in text:
            failed.append(path)
            raise OSError(28, "No space left on device")
        write_whole(path, text)

    monkeypatch.setattr(graph.campaign.folder.run_folder, "write_whole", full)
    async with serve(Script(latency_s=0.05)) as server:
        going, events = await campaign(server, tmp_path, target=2, slots=1)
    assert failed
    assert going.ending == TARGET_REACHED
    warnings = [event["text"] for event in events if event["type"] == "warning"]
    assert any("report could not be written" in text and "No space left" in text for text in warnings)
    assert TARGET_REACHED in (tmp_path / "r" / "report.html").read_text(encoding="utf-8")
