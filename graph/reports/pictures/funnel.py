"""The funnel: how many questions were written, what each check took of them, and how many were kept."""

from __future__ import annotations

import detroit as d3

from graph.reports.pictures.figures import Figures
from graph.reports.pictures.frame import WIDTH, Margins, bar, finished, frame, label, nothing

LINE = 30
"""Height of one bar with its room."""


def funnel_picture(figures: Figures, *, standalone: bool = False) -> str:
    """Draw one bar a check, as long as what was left after it; what the check took is hatched."""
    if not figures.written:
        return nothing("funnel", "Funnel", "no question has been written yet", standalone=standalone)
    gates, written = figures.gates, figures.written
    took = ", ".join(f"{gate.name.replace('_', ' ')} {gate.refused}" for gate in gates)
    summary = f"{figures.kept} of {written} questions were kept; refused were: {took or 'none'}."
    lines = len(gates) + 2
    plot = frame("funnel", "Funnel", summary, lines * LINE + 12, Margins(top=6, bottom=6, left=112, right=58))
    scale = d3.scale_linear([0, written], [plot.left, plot.right])
    band = d3.scale_band(list(range(lines)), [plot.top, plot.bottom]).set_padding_inner(0.3)
    rows = [("written", written, 0), *((gate.name, gate.left, gate.refused) for gate in gates)]
    rows.append(("kept", figures.kept, 0))
    for place, (name, left, refused) in enumerate(rows):
        y, height = float(band(place)), float(band.get_bandwidth())
        middle = y + height / 2 + 4
        label(plot.svg, name.replace("_", " "), (plot.left - 8, middle), anchor="end")
        end = float(scale(left))
        kind = "kept" if place == len(rows) - 1 else "left"
        bar(plot.svg, kind, (plot.left, y, end - plot.left, height), f"{left} of {written} questions left")
        if refused:
            gone = float(scale(left + refused)) - end
            bar(plot.svg, "refused", (end, y, gone, height), f"{refused} refused: {name.replace('_', ' ')}")
        figure = f"−{refused:,}" if refused else f"{left:,}"
        label(plot.svg, figure, (WIDTH - 4, middle), "strong" if not refused else "", "end")
    return finished(plot, standalone=standalone)
