"""Say what a run with the same flags is likely to take: candidates, calls, tokens, dollars, minutes, each as a range.

    estimate --target 200                  tries 3 candidates, as `preview` does, and reckons from them
    estimate --target 200 --candidates 10  tries more, for a narrower range
    estimate --target 200 --no-calls       reckons from prices alone, and makes no call

What the trial itself costs is said, and --max-usd and the other bounds hold for it; nothing is written.
"""

from __future__ import annotations

import argparse

from agents.errors import SetupError
from agents.records import SEATS
from graph.cli.flags import add_flags, at_least, read_settings
from graph.cli.interrupts import on_interrupt
from graph.cli.output import report
from graph.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take how many candidates to try, and the flags of a run."""
    parser.usage = "%(prog)s [--candidates N | --no-calls] [--flag VALUE ...], with the flags of the run in question"
    parser.add_argument("--candidates", type=at_least(1), default=3, metavar="N", help="candidates to try (default: 3)")
    parser.add_argument("--no-calls", action="store_true", help="reckon from prices alone")
    add_flags(parser)


async def run(args: argparse.Namespace) -> int:
    """Reckon, and print the ranges."""
    from graph.campaign.sample import sample, used_in_all  # noqa: PLC0415  # as above
    from graph.campaign.spending.estimate import from_prices, from_sample  # noqa: PLC0415  # LangGraph loads after --help
    from graph.question.resources import Resources  # noqa: PLC0415  # as above
    from graph.reports.funnel import spent  # noqa: PLC0415  # as above

    settings = read_settings({name: value for name, value in vars(args).items() if name in Settings.model_fields})
    if args.no_calls:
        async with Resources() as resources:
            seats = {name: await resources.seat(settings, name, 0) for name in SEATS}
            found, cost = from_prices(settings, seats), "no call was made"
    else:
        tried = await sample(
            settings,
            args.candidates,
            on_campaign=lambda campaign: on_interrupt(lambda: campaign.drain("interrupted")),
        )
        if not tried.many:
            raise SetupError(f"no candidate came to its end ({tried.ending}), so nothing can be reckoned from it")
        used = used_in_all(tried.usage)
        found, cost = from_sample(settings, tried), f"the trial made {used.calls} calls, {spent(used)}"
    report(args, {"target": settings.target, **found.as_json()}, [*found.lines(settings), cost])
    return 0
