"""The run itself, which is what the command line does without a command: generate, or resume."""

from __future__ import annotations

import argparse
import asyncio
import sys
from itertools import count

from graph.cli.interrupts import on_interrupt
from graph.cli.output import report
from graph.cli.running import INTERRUPTED, REACHED, SHORT
from graph.settings import Settings


async def generate(settings: Settings, args: argparse.Namespace) -> int:
    """Run the campaign under signals and a progress display; return the exit code."""
    from graph.campaign.campaign import INTERRUPTED as INTERRUPTED_ENDING  # noqa: PLC0415  # LangGraph loads after --help
    from graph.campaign.campaign import TARGET_REACHED, Campaign  # noqa: PLC0415  # as above
    from graph.question.resources import Resources  # noqa: PLC0415  # as above
    from graph.reports.card import remarks  # noqa: PLC0415  # as above
    from graph.reports.progress import one_line, open_progress  # noqa: PLC0415  # as above
    from tools.tracing import start_tracing  # noqa: PLC0415  # as above

    start_tracing()
    async with Resources() as resources:

        async def source() -> Resources:
            return resources

        campaign = Campaign(settings, source, force=args.force)
        task, interrupts = asyncio.current_task(), count(1)

        def interrupt() -> None:
            campaign.drain(INTERRUPTED_ENDING)
            if next(interrupts) == 1:
                print(f"{campaign.waiting()}; once more stops at once", file=sys.stderr, flush=True)
            elif task is not None:
                task.cancel()

        on_interrupt(interrupt)
        with open_progress(settings, quiet=args.quiet, verbose=args.verbose, aside=args.json) as progress:
            async for event in campaign.events():
                progress.show(event)
    codes = {TARGET_REACHED: REACHED, INTERRUPTED_ENDING: INTERRUPTED}
    code = codes.get(campaign.ending, SHORT)
    last = f"{settings.folder / 'dataset.jsonl'}: {len(campaign.rows)} rows, {one_line(campaign.ending)}"
    result = {
        "run": settings.run_name,
        "folder": str(settings.folder),
        "rows": len(campaign.rows),
        "ending": campaign.ending,
        "exit_code": code,
        "funnel": campaign.funnel.as_json(),
    }
    report(args, result, [*campaign.funnel.lines(), *remarks(settings, campaign.rows), last])
    if args.quiet:
        print(last)
    return code
