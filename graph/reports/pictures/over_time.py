"""Rows and money over the time of work; where nothing was paid, tokens take the place of money."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import detroit as d3

from graph.reports.pictures.figures import Figures, Moment
from graph.reports.pictures.frame import Margins, Plot, finished, frame, label, nothing, whole_ticks, x_axis, y_axis

HEIGHT = 240
UNITS = ((2 * 86400, 86400, "days"), (2 * 3600, 3600, "hours"), (120, 60, "minutes"), (0, 1, "seconds"))
"""From so many seconds on, time is counted in such a unit."""


def over_time_picture(figures: Figures, *, standalone: bool = False) -> str:
    """Draw rows on the left scale and what they cost on the right one."""
    if len(figures.timeline) < 2:
        return nothing("over-time", "Rows and money over time", "no candidate has ended yet", standalone=standalone)
    moments, paid = figures.timeline, bool(figures.usd)
    cost = f"${figures.usd:.2f}" if figures.usd else f"{figures.tokens:,} tokens"
    summary = f"{figures.rows} rows and {cost} after {in_words(figures.seconds)} of work."
    margins = Margins(top=26, left=44, right=58)
    plot = frame("over-time", "Rows and money over time", summary, HEIGHT, margins)
    _, size, unit = next(row for row in UNITS if figures.seconds >= row[0])
    spent = [(moment.usd or 0.0) if paid else float(moment.tokens) for moment in moments]
    x = d3.scale_linear([0, max(figures.seconds, 1e-9) / size], [plot.left, plot.right])
    most = max(1, *(moment.rows for moment in moments))
    rows = d3.scale_linear([0, most], [plot.bottom, plot.top])
    money = d3.scale_linear([0, max(spent) or 1.0], [plot.bottom, plot.top])
    y_axis(plot, rows, whole_ticks(most), lambda tick: f"{tick:,}")
    ticks = list(d3.ticks(0, max(spent) or 1.0, 4))
    y_axis(plot, money, ticks, short_money if paid else short_count, right=True)
    _curve(plot, "cost", [(float(x(m.seconds / size)), float(money(s))) for m, s in zip(moments, spent, strict=True)])
    _curve(plot, "rows", _stairs([(float(x(m.seconds / size)), float(rows(m.rows))) for m in moments]))
    x_axis(plot, x, f"{unit} of work", list(d3.ticks(0, figures.seconds / size, 6)), lambda tick: f"{tick:g}")
    label(plot.svg, "rows", (4, 14), "rows-text")
    label(plot.svg, "dollars" if paid else "tokens", (plot.right + 54, 14), "cost-text", "end")
    return finished(plot, standalone=standalone)


def _curve(plot: Plot, kind: str, points: Sequence[tuple[float, float]]) -> None:
    line = d3.line().x(lambda point: round(point[0], 1)).y(lambda point: round(point[1], 1))
    plot.svg.append("path").attr("class", f"curve {kind}").attr("d", line(list(points)))


def _stairs(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Keep a count at its value until it changes."""
    path = list(points[:1])
    for (_, before), (x, y) in pairwise(points):
        if y != before:
            path.append((x, before))
        path.append((x, y))
    return path


def in_words(seconds: float) -> str:
    """Say a duration."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 2 * 3600:
        return f"{seconds / 60:.0f} min"
    if seconds < 2 * 86400:
        return f"{seconds / 3600:.1f} h"
    return f"{seconds / 86400:.1f} days"


def short_money(usd: float) -> str:
    """Write an amount for an axis."""
    return f"${usd:,.0f}" if usd == int(usd) else f"${usd:.2g}" if usd < 0.01 else f"${usd:.4g}"


def short_count(count: float) -> str:
    """Write a large count for an axis."""
    for size, sign in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if count >= size:
            return f"{count / size:g}{sign}"
    return f"{count:g}"


def thinned(moments: Sequence[Moment], most: int) -> list[Moment]:
    """Drop every other moment until there are few enough; the first and the last stay."""
    kept = list(moments)
    while len(kept) > most:
        kept = [*kept[:-1:2], kept[-1]]
    return kept
