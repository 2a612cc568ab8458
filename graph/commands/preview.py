"""Show a few questions as a run with the same flags would make them, before a run; nothing is written.

    preview          3 candidates
    preview 5 --domain medicine --defender openai:my-model

Each candidate gets one attempt. What is kept is shown with its reference and the Defender's wrong answer, what is
refused with the reason. The calls are real and cost what they cost; --max-usd and the other bounds hold. Exit code 1 if
nothing was kept.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.panel import Panel
from rich.text import Text

from agents.rows import Refusal, Survivor
from graph.cli.flags import add_flags, at_least, read_settings
from graph.cli.interrupts import on_interrupt
from graph.cli.output import report
from graph.reports.progress import one_line, printable
from graph.settings import Settings

MOST = 50
"""Candidates that are still a look and no run."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take how many, and the flags of a run."""
    parser.usage = "%(prog)s [N] [--flag VALUE ...], with the flags of the run in question"
    parser.add_argument("many", type=at_least(1), nargs="?", default=3, metavar="N", help="candidates (default: 3)")
    add_flags(parser)


async def run(args: argparse.Namespace) -> int:
    """Try the candidates, and show what became of them."""
    from graph.campaign.sample import sample, used_in_all  # noqa: PLC0415  # LangGraph loads after --help
    from graph.reports.funnel import spent  # noqa: PLC0415  # as above

    settings = read_settings({name: value for name, value in vars(args).items() if name in Settings.model_fields})
    tried = await sample(
        settings,
        min(args.many, MOST),
        attempts=1,
        on_campaign=lambda campaign: on_interrupt(lambda: campaign.drain("interrupted")),
    )
    used = used_in_all(tried.usage)
    summary = f"{len(tried.kept)} of {tried.many} kept; {used.calls} calls, {spent(used)}; nothing was written"
    result = {
        "kept": [row.model_dump(mode="json") for row in tried.kept],
        "refused": [one.model_dump(mode="json") for one in tried.refused],
        "usage": {seat: usage.model_dump() for seat, usage in tried.usage.items()},
        "seconds": round(tried.seconds, 1),
    }
    report(args, result, [*_panels(tried.kept, tried.refused), summary])
    return 0 if tried.kept else 1


def _panels(kept: Sequence[Survivor], refused: Sequence[Refusal]) -> Iterator[RenderableType]:
    """Show each candidate in a frame; all text is a model's."""
    for row in kept:
        wrong = row.defender.wrong_answer
        parts = [
            row.question,
            *(f"  {chr(ord('A') + place)}) {choice}" for place, choice in enumerate(row.choices)),
            "",
            *(f"{number}. {step}" for number, step in enumerate(row.steps, start=1)),
            f"ANSWER: {row.answer}",
            f"the defender answered: {wrong.answer if wrong else 'right'}",
        ]
        title = f"kept: {row.topic}, {row.hops} steps, {row.level}, proof {row.proof.grade if row.proof else 'none'}"
        yield Panel(Text("\n".join(map(printable, parts))), title=Text(printable(title)), title_align="left")
    for one in refused:
        text = one.question.question if one.question else "no question"
        title = f"{one.outcome}: {one_line(one.reason, 200)}" if one.reason else one.outcome
        yield Panel(Text(printable(text)), title=Text(title), title_align="left")
