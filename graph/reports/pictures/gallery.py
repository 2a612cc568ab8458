"""The table of pictures, and the tiles: what a page about a run shows above everything else."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from graph.reports.pictures.coverage import coverage_picture
from graph.reports.pictures.figures import Figures
from graph.reports.pictures.funnel import funnel_picture
from graph.reports.pictures.histograms import hops_picture, pass_rate_picture, quality_picture
from graph.reports.pictures.novelty import novelty_picture
from graph.reports.pictures.over_time import in_words, over_time_picture


class Picture(NamedTuple):
    """One picture: its heading, one line that says how to read it, and the function that draws it."""

    title: str
    caption: str
    draw: Callable[..., str]


PICTURES: dict[str, Picture] = {
    "funnel": Picture(
        "Funnel", "What each check left of the questions that were written, in the order of the checks.", funnel_picture
    ),
    "over_time": Picture(
        "Rows and money over time", "Breaks between two sittings of the run are left out.", over_time_picture
    ),
    "coverage": Picture("Coverage", "Questions kept of those asked for, by topic and hops.", coverage_picture),
    "novelty": Picture(
        "Novelty",
        "Kept questions by their embeddings in two dimensions (principal components): near is alike.",
        novelty_picture,
    ),
    "quality": Picture("Quality", "How the Judge graded the explanations of the kept questions.", quality_picture),
    "pass_rate": Picture(
        "Pass rate", "How often the Defender was right, where it was asked; 0% are the hardest.", pass_rate_picture
    ),
    "hops": Picture("Hops", "Reasoning steps of the kept questions.", hops_picture),
}
"""Name, as in `pictures/NAME.svg`: the picture, in the order of a page."""


class Tile(NamedTuple):
    """One large figure."""

    label: str
    value: str
    note: str


def tiles(figures: Figures) -> list[Tile]:
    """Return what matters first: how far, how well, how dear, how long."""
    share = f"{figures.kept / figures.candidates:.0%}" if figures.candidates else "–"
    dear, spent = "–", "nothing was paid" if figures.usd is not None else "prices are unknown"
    if figures.usd:
        spent = f"${figures.usd:,.2f} in all"
        dear = f"${figures.usd / figures.kept:,.4f}" if figures.kept else "–"
    elif figures.usd == 0 and figures.kept:
        dear = "$0"
    pace = f"{60 * figures.rows / figures.seconds:.1f} rows a minute" if figures.seconds and figures.rows else "of work"
    return [
        Tile("rows kept", f"{figures.rows:,}", f"of {figures.target:,} wanted"),
        Tile("yield", share, f"{figures.kept:,} of {figures.candidates:,} candidates"),
        Tile("money a row", dear, spent),
        Tile("time", in_words(figures.seconds), pace),
        Tile("model calls", f"{figures.calls:,}", f"{figures.tokens:,} tokens"),
    ]


def draw(name: str, figures: Figures, *, standalone: bool = False) -> str:
    """Draw one picture of the table; KeyError where there is none of that name.

    Args:
        name: Its name in `PICTURES`.
        figures: Of the run.
        standalone: As a file of its own, with its colours in it.
    """
    return PICTURES[name].draw(figures, standalone=standalone)
