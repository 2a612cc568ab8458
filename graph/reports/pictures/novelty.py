"""The novelty map: kept questions by their embeddings in two dimensions, so that crowds and gaps show."""

from __future__ import annotations

from collections import Counter, defaultdict

import detroit as d3

from graph.reports.pictures.figures import Dot, Figures
from graph.reports.pictures.frame import WIDTH, Margins, cut, finished, frame, label, nothing

PLOT = 300
"""Height of the map itself."""
COLOURS = 7
"""Topics with a colour of their own; the smaller ones share one."""
LEGEND_WIDTH = 200
OTHER = "other topics"


def novelty_picture(figures: Figures, *, standalone: bool = False) -> str:
    """Draw one dot a question, in the colour of its topic."""
    if not figures.dots:
        return nothing("novelty", "Novelty", "fewer than three questions are kept so far", standalone=standalone)
    colours = _colours(figures.dots)
    legend = 20 * -(-len(colours) // 2)
    sample = f", of {figures.rows}" if len(figures.dots) < figures.rows else ""
    summary = (
        f"{len(figures.dots)} kept questions{sample}, as near to each other as their embeddings are, as far as two "
        f"dimensions can tell: these show {figures.dots_share:.0%} of the spread."
    )
    margins = Margins(top=8, bottom=legend + 14, left=8, right=8)
    plot = frame("novelty", "Novelty", summary, PLOT + legend + 22, margins)
    plot.svg.append("rect").attr("class", "field").attr("x", 1).attr("y", 1).attr("width", WIDTH - 2).attr(
        "height", plot.bottom + 6
    )
    x = d3.scale_linear([0, 1], [plot.left + 4, plot.right - 4])
    y = d3.scale_linear([0, 1], [plot.bottom - 4, plot.top + 4])
    by_colour: defaultdict[str, list[Dot]] = defaultdict(list)
    for dot in figures.dots:
        by_colour[dot.topic if dot.topic in colours else OTHER].append(dot)
    size = "small" if len(figures.dots) > 500 else "large"
    for place, (topic, count) in enumerate(colours.items()):
        # one path of round points for a topic: thousands of elements would slow every reader
        path = "".join(f"M{float(x(dot.x)):.1f},{float(y(dot.y)):.1f}h0" for dot in by_colour[topic])
        drawn = plot.svg.append("path").attr("class", f"dots {size} c{place}").attr("d", path)
        drawn.append("title").text(f"{cut(topic, 2000)}: {count}")
        at = 8 + (place % 2) * (LEGEND_WIDTH + 4), plot.bottom + 26 + 20 * (place // 2)
        key = plot.svg.append("path").attr("class", f"dots large c{place}")
        key.attr("d", f"M{at[0] + 4:g},{at[1] - 4:g}h0")
        label(plot.svg, f"{cut(topic, LEGEND_WIDTH - 60)} {count:,}", (at[0] + 14, at[1]), "soft")
    return finished(plot, standalone=standalone)


def _colours(dots: list[Dot]) -> dict[str, int]:
    """Return the topics that get a colour, largest first, and what is left of the others."""
    counts = Counter(dot.topic for dot in dots)
    ranked = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    shown = dict(ranked[:COLOURS])
    if len(ranked) > COLOURS:
        shown[OTHER] = shown.get(OTHER, 0) + sum(count for _, count in ranked[COLOURS:])
    return shown
