"""What earlier processes of a run left, taken up: its sums, its open candidates, what steering and order learned."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from agents.errors import SetupError
from agents.records import SeatName, SeatUsage
from agents.rows import Refusal, Survivor
from graph.campaign.call_order import CallOrder
from graph.campaign.context import RunContext
from graph.campaign.ledger import priced
from graph.campaign.preflight import open_seats
from graph.campaign.worker import clean_up
from graph.question.resources import seat_specs
from graph.question.survivor import novelty_item
from graph.reports.funnel import Funnel
from graph.settings import Settings, candidate_id
from graph.storage.journal import CandidateJournal
from graph.storage.records import read_open, read_refusals, read_survivors

Usage = dict[SeatName, SeatUsage]


class Past(NamedTuple):
    """What a run had come to; the rest stands on its floor."""

    funnel: Funnel
    order: CallOrder


async def resume(context: RunContext, settings: Settings) -> Past:
    """Read the run's store into the floor's ledger, steering, dataset, and lists of candidates."""
    with _uncollected():
        return await _resume(context, settings)


async def _resume(context: RunContext, settings: Settings) -> Past:
    run = settings.run_name
    prices = {seat.label: seat.price for seat in await open_seats(context.resources, settings)}

    def at_todays(index: int, usage: Usage) -> Usage:
        if all(calls.usd is not None for calls in usage.values()):
            return usage
        specs = seat_specs(settings, index)
        return {seat: priced(calls, [prices[specs[seat].model]]) for seat, calls in usage.items()}

    survivors, refusals = await read_survivors(context.store, run), await read_refusals(context.store, run)
    if missing := {row.id for row in context.folder.rows} - {survivor.id for survivor in survivors}:
        raise SetupError(
            f"{context.folder.path} was damaged: store.sqlite lacks {len(missing)} rows of dataset.jsonl; "
            "restore it, or choose another --name"
        )
    everybody: list[Survivor | Refusal] = [*survivors, *refusals]
    used = {ended.index: at_todays(ended.index, ended.usage) for ended in everybody}
    past = Past(Funnel.of(settings, everybody, used), CallOrder.of(settings, refusals))
    for ended in everybody:
        context.steering.learn(ended, started_here=False)
        context.done.add(ended.index)
    for wanted in await read_open(context.store, run):
        if wanted.index not in context.done:
            context.begun[wanted.index] = wanted
        else:  # it was killed between its end and the tidying up
            await clean_up(context, run, wanted.index)
    for index in context.begun:
        usage = await CandidateJournal(context.store, run, candidate_id(run, index), lambda _: None).usage()
        used[index] = at_todays(index, usage)
        past.funnel.add_usage(index, used[index])
    await context.ledger.restore((calls for usage in used.values() for calls in usage.values()), prices.values())
    past.funnel.lost = context.ledger.lost
    await asyncio.to_thread(context.folder.add, survivors)
    return past


async def reindex(context: RunContext, settings: Settings, kept: int) -> int:
    """Offer all survivors again to a novelty store that has fewer; return how many it lacked."""
    gate = await context.resources.novelty(settings)
    lost = max(0, kept - (await gate.count())["accepted"])
    if lost:
        for survivor in await read_survivors(context.store, settings.run_name):
            await gate.admit(novelty_item(survivor, candidate_id(settings.run_name, survivor.index)))
    return lost


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep the garbage collector off: among thousands of rows, all of them alive, it takes as long as the reading."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
