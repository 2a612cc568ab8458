"""The frame that all pictures share: size, accessible name, axes, and how text gets in.

Scales, axes and ticks are detroit's, a port of D3. Colours are classes of `pictures.css`, which follows the reader's
light or dark; nothing is a `style` attribute, so a page with a strict content security policy may hold the pictures.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import detroit as d3

WIDTH = 420
"""Of every picture, in its own units; a phone shows them at about their size."""
CHARACTER = 6.3
"""Width of a character of a label, roughly."""

Selection = Any
"""Elements of a drawing; detroit has no types."""


class Margins(NamedTuple):
    """Room around a plot for its labels."""

    top: float = 12
    right: float = 14
    bottom: float = 40
    left: float = 44


class Plot(NamedTuple):
    """A picture that is being drawn, and the rectangle in which its data goes."""

    svg: Selection
    left: float
    right: float
    top: float
    bottom: float


def frame(name: str, title: str, summary: str, height: float, margins: Margins = Margins()) -> Plot:  # noqa: B008  # immutable
    """Begin a picture.

    Args:
        name: Unique on a page; the ids hang on it.
        title: What the picture is, in a few words.
        summary: What it shows, in a sentence with the main figures, for readers who do not see it.
        height: In the picture's units.
        margins: Around the data.
    """
    svg = (
        d3.create("svg")
        .attr("viewBox", f"0 0 {WIDTH} {height:g}")
        .attr("class", "picture")
        .attr("role", "img")
        .attr("aria-labelledby", f"{name}-title {name}-text")
    )
    svg.append("title").attr("id", f"{name}-title").text(clean(title))
    svg.append("desc").attr("id", f"{name}-text").text(clean(summary))
    return Plot(svg, margins.left, WIDTH - margins.right, margins.top, height - margins.bottom)


def finished(plot: Plot, *, standalone: bool = False) -> str:
    """Return the picture as text.

    Args:
        plot: The picture.
        standalone: Put the colours into it, for a file of its own or an `<img>`; a page has them in its stylesheet.
    """
    if standalone:
        plot.svg.append("style").text(stylesheet())
    return str(plot.svg)


@lru_cache
def stylesheet() -> str:
    """Return `pictures.css`."""
    return Path(__file__).with_name("pictures.css").read_text(encoding="utf-8")


def clean(text: str) -> str:
    """Replace what XML cannot hold, and characters that cannot be seen; markup needs no care, as text is text."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def cut(text: str, width: float) -> str:
    """Shorten a label to about a width."""
    text, most = " ".join(clean(text).split()), max(4, int(width / CHARACTER))
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def label(parent: Selection, text: str, at: tuple[float, float], kind: str = "", anchor: str = "start") -> Selection:
    """Write a text; `kind` is a class of the stylesheet."""
    written = parent.append("text").attr("x", rounded(at[0])).attr("y", rounded(at[1])).attr("text-anchor", anchor)
    if kind:
        written.attr("class", kind)
    return written.text(clean(text))


def bar(parent: Selection, kind: str, box: tuple[float, float, float, float], hint: str) -> Selection:
    """Draw a rectangle (x, y, width, height) with what a pointer is told over it."""
    x, y, width, height = (rounded(number) for number in box)
    drawn = parent.append("rect").attr("class", kind).attr("x", x).attr("y", y)
    drawn.attr("width", max(0, width)).attr("height", max(0, height))
    drawn.append("title").text(clean(hint))
    return drawn


def x_axis(plot: Plot, scale: Any, title: str, values: list[Any] | None = None, form: Any = None) -> None:
    """Draw the axis below the data."""
    axis = d3.axis_bottom(scale).set_tick_size_outer(0)
    _ticked(axis, values, form)
    plot.svg.append("g").attr("class", "axis").attr("transform", f"translate(0,{plot.bottom:g})").call(axis)
    label(plot.svg, title, ((plot.left + plot.right) / 2, plot.bottom + 33), "soft", "middle")


def y_axis(plot: Plot, scale: Any, values: list[Any] | None = None, form: Any = None, *, right: bool = False) -> None:
    """Draw the axis on the left or the right of the data; on the left with lines through the data."""
    axis = (d3.axis_right if right else d3.axis_left)(scale).set_tick_size_outer(0)
    if not right:
        axis.set_tick_size_inner(plot.left - plot.right)
    _ticked(axis, values, form)
    x = plot.right if right else plot.left
    plot.svg.append("g").attr("class", "axis lines").attr("transform", f"translate({x:g},0)").call(axis)


def _ticked(axis: Any, values: list[Any] | None, form: Any) -> None:
    if values is not None:
        axis.set_tick_values(values)
    if form is not None:
        axis.set_tick_format(form)


def nothing(name: str, title: str, why: str, *, standalone: bool) -> str:
    """Return a low picture that says why there is nothing to see yet."""
    plot = frame(name, title, why, 60, Margins(left=8, right=8))
    label(plot.svg, why, (WIDTH / 2, 34), "soft", "middle")
    return finished(plot, standalone=standalone)


def whole_ticks(most: int, count: int = 4) -> list[int]:
    """Return about so many whole numbers from 0 on, for an axis that counts."""
    return [int(tick) for tick in d3.ticks(0, max(1, most), count) if tick == int(tick)]


def rounded(number: float) -> float:
    """Round to a tenth of a unit, which no eye can tell and every file is shorter for."""
    return round(float(number), 1)
