"""Histograms: the rubric's mean, the hops and the Defender's pass rate of the questions that were kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import detroit as d3

from graph.reports.pictures.figures import Bar, Figures
from graph.reports.pictures.frame import Selection, bar, finished, frame, label, nothing, whole_ticks, x_axis, y_axis

HEIGHT = 220


class Axis(NamedTuple):
    """The values a histogram counts: from, to, and how wide one bar is."""

    low: float
    high: float
    step: float
    percent: bool = False

    def shown(self, value: float) -> str:
        """Write a value as the axis does."""
        return f"{value:.0%}" if self.percent else f"{value:g}"


def quality_picture(figures: Figures, *, standalone: bool = False) -> str:
    """Draw how the Judge graded the kept questions, mean of five criteria, by steps of a fifth."""
    axis = Axis(1, 5, 0.2)
    return _histogram(("quality", "Quality", "mean score of the rubric"), figures.quality, axis, standalone)


def hops_picture(figures: Figures, *, standalone: bool = False) -> str:
    """Draw how many reasoning steps the kept questions took."""
    most = max((one.value for one in figures.hops), default=1)
    return _histogram(("hops", "Hops", "reasoning steps"), figures.hops, Axis(1, max(5, most), 1), standalone)


def pass_rate_picture(figures: Figures, *, standalone: bool = False) -> str:
    """Draw how often the Defender was right: on kept questions, and stacked on them on refused ones."""
    names = ("pass-rate", "Pass rate", "share of the Defender's samples that were right")
    return _histogram(names, figures.pass_rate, Axis(0, 1, 0.05, percent=True), standalone)


def _histogram(names: tuple[str, str, str], found: Sequence[Bar], axis: Axis, standalone: bool) -> str:
    name, title, what = names
    bins = _binned(found, axis)
    kept, refused = sum(one.kept for one in found), sum(one.refused for one in found)
    summary = f"{title} of {kept} kept questions" + (f" and {refused} refused ones" if refused else "")
    if top := max(bins, key=lambda one: one.kept + one.refused, default=None):
        summary += f"; most often {axis.shown(top.value)}, {top.kept + top.refused} times"
    if not kept + refused:
        return nothing(name, title, "no question has come this far yet", standalone=standalone)
    plot = frame(name, title, f"{summary}.", HEIGHT)
    half = axis.step / 2
    most = max(one.kept + one.refused for one in bins)
    x = d3.scale_linear([axis.low - half, axis.high + half], [plot.left, plot.right])
    y = d3.scale_linear([0, most], [plot.bottom, plot.top + 14 * bool(refused)])
    y_axis(plot, y, whole_ticks(most), lambda tick: f"{tick:,}")
    for one in bins:
        left, right = float(x(one.value - half)) + 1, float(x(one.value + half)) - 1
        middle, end = float(y(one.kept)), float(y(one.kept + one.refused))
        shown = axis.shown(one.value)
        if one.kept:
            box = (left, middle, right - left, plot.bottom - middle)
            bar(plot.svg, "kept", box, f"{shown}: {one.kept} kept")
        if one.refused:
            bar(plot.svg, "refused", (left, end, right - left, middle - end), f"{shown}: {one.refused} refused")
    steps = round((axis.high - axis.low) / axis.step)
    every = -(-steps // 10) if axis.step >= 1 else 4 if axis.percent else round(1 / axis.step)
    ticks = [round(axis.low + place * axis.step, 4) for place in range(0, steps + 1, max(1, every))]
    x_axis(plot, x, what, ticks, axis.shown)
    if refused:
        _legend(plot.svg, plot.right)
    return finished(plot, standalone=standalone)


def _binned(found: Sequence[Bar], axis: Axis) -> list[Bar]:
    """Put each value to the nearest bar."""
    sums: dict[int, tuple[int, int]] = {}
    for one in found:
        place = round((min(max(one.value, axis.low), axis.high) - axis.low) / axis.step)
        kept, refused = sums.get(place, (0, 0))
        sums[place] = kept + one.kept, refused + one.refused
    return [
        Bar(value=round(axis.low + place * axis.step, 4), kept=kept, refused=refused)
        for place, (kept, refused) in sorted(sums.items())
    ]


def _legend(svg: Selection, right: float) -> None:
    bar(svg, "kept", (right - 118, 4, 10, 10), "kept questions")
    label(svg, "kept", (right - 104, 13), "soft")
    bar(svg, "refused", (right - 66, 4, 10, 10), "refused questions")
    label(svg, "refused", (right - 52, 13), "soft")
