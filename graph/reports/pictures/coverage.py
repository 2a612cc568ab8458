"""The coverage map: topics by hops, the warmer the more rows came of a cell, with what was asked and kept in it."""

from __future__ import annotations

import detroit as d3

from graph.reports.pictures.figures import CoverageCell, Figures
from graph.reports.pictures.frame import (
    CHARACTER,
    WIDTH,
    Margins,
    Selection,
    bar,
    cut,
    finished,
    frame,
    label,
    nothing,
)

LINE = 26
HEATS = 5
"""Shades of the map beside that of none."""
MOST_TOPICS = 60
"""Topics that are drawn, those asked for most."""


def coverage_picture(figures: Figures, *, standalone: bool = False) -> str:
    """Draw the map, with a legend of its shades."""
    cells = {(cell.topic, cell.hops): cell for cell in figures.coverage if cell.asked}
    if not cells:
        return nothing("coverage", "Coverage", "no candidate has ended yet", standalone=standalone)
    topics, hops = _topics(list(cells.values())), sorted({cell.hops for cell in cells.values()})
    most = max(cell.kept for cell in cells.values())
    summary = (
        f"{len(cells)} cells of topic and hops were asked for, {sum(cell.kept > 0 for cell in cells.values())} of them "
        f"have kept questions, at most {most}."
    )
    left = min(150.0, 16 + CHARACTER * max(map(len, topics)))
    margins = Margins(top=24, bottom=34, left=left, right=6)
    plot = frame("coverage", "Coverage", summary, len(topics) * LINE + 58, margins)
    columns = d3.scale_band(hops, [plot.left, min(plot.right, plot.left + 64 * len(hops))])
    lines = d3.scale_band(topics, [plot.top, plot.bottom])
    width = float(columns.get_bandwidth())
    label(plot.svg, "hops", (plot.left - 8, plot.top - 8), "soft", "end")
    for count in hops:
        label(plot.svg, str(count), (float(columns(count)) + width / 2, plot.top - 8), "soft", "middle")
    for topic in topics:
        y = float(lines(topic))
        name = label(plot.svg, cut(topic, left - 12), (plot.left - 8, y + LINE / 2 + 4), anchor="end")
        name.append("title").text(cut(topic, 2000))
        for count in hops:
            cell = cells.get((topic, count)) or CoverageCell(
                topic=topic, hops=count, asked=0, kept=0, answers=0, wrong=0
            )
            _cell(plot.svg, cell, (float(columns(count)) + 1, y + 1, width - 2, LINE - 2), most)
    _legend(plot.svg, plot.bottom + 12, most)
    return finished(plot, standalone=standalone)


def _cell(svg: Selection, cell: CoverageCell, box: tuple[float, float, float, float], most: int) -> None:
    """Draw one cell; one that was not asked for stays blank."""
    wrong = f"; the Defender failed in {cell.wrong / cell.answers:.0%}" if cell.answers else ""
    hint = f"{cell.kept} kept of {cell.asked} asked{wrong}" if cell.asked else "not asked for"
    bar(svg, f"heat{heat(cell.kept, most)}", box, f"{cell.topic}, {cell.hops} hops: {hint}")
    if cell.asked:
        middle = (box[0] + box[2] / 2, box[1] + LINE / 2 + 3)
        label(svg, f"{cell.kept}/{cell.asked}", middle, "" if cell.kept else "soft", "middle")


def heat(kept: int, most: int) -> int:
    """Return the shade of a cell, 0 for one without a row."""
    return -(-HEATS * kept // most) if most else 0


def _topics(cells: list[CoverageCell]) -> list[str]:
    """Return the topics in order of the alphabet; of too many, those asked for most."""
    asked: dict[str, int] = {}
    for cell in cells:
        asked[cell.topic] = asked.get(cell.topic, 0) + cell.asked
    return sorted(sorted(asked, key=lambda topic: (-asked[topic], topic))[:MOST_TOPICS])


def _legend(svg: Selection, y: float, most: int) -> None:
    width, x = 20, WIDTH - 6 - 20 * (HEATS + 1) - 30
    label(svg, "kept/asked; rows kept: 0", (x - 6, y + 11), "soft", "end")
    for shade in range(HEATS + 1):
        bar(svg, f"heat{shade}", (x + shade * width, y, width - 1, 14), f"up to {shade * most / HEATS:g} rows")
    label(svg, str(most), (x + (HEATS + 1) * width + 4, y + 11), "soft")
