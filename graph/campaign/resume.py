"""What earlier processes of a run left, taken up: its sums, its open candidates, what steering and order learned."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from agents.errors import SetupError
from agents.records import Refusal, SeatName, SeatUsage, Survivor
from graph.campaign.call_order import Order
from graph.campaign.context import Floor
from graph.campaign.ledger import priced
from graph.campaign.preflight import open_seats
from graph.campaign.worker import tidy
from graph.question.resources import seat_specs
from graph.question.survivor import offer
from graph.reports.funnel import Funnel
from graph.settings import Settings, candidate_id
from graph.storage.journal import CandidateJournal
from graph.storage.records import read_open, read_refusals, read_survivors

Usage = dict[SeatName, SeatUsage]


class Past(NamedTuple):
    """What a run had come to; the rest stands on its floor."""

    funnel: Funnel
    order: Order


async def take_up(floor: Floor, settings: Settings) -> Past:
    """Read the run's store into the floor's ledger, steering, dataset, and lists of candidates."""
    with _uncollected():
        return await _take_up(floor, settings)


async def _take_up(floor: Floor, settings: Settings) -> Past:
    run = settings.run_name
    prices = {seat.label: seat.price for seat in await open_seats(floor.shop, settings)}

    def at_todays(index: int, usage: Usage) -> Usage:
        if all(calls.usd is not None for calls in usage.values()):
            return usage
        specs = seat_specs(settings, index)
        return {seat: priced(calls, [prices[specs[seat].model]]) for seat, calls in usage.items()}

    survivors, refusals = await read_survivors(floor.store, run), await read_refusals(floor.store, run)
    if missing := {row.id for row in floor.folder.rows} - {survivor.id for survivor in survivors}:
        raise SetupError(
            f"{floor.folder.path} was damaged: store.sqlite lacks {len(missing)} rows of dataset.jsonl; "
            "restore it, or choose another --name"
        )
    everybody: list[Survivor | Refusal] = [*survivors, *refusals]
    used = {ended.index: at_todays(ended.index, ended.usage) for ended in everybody}
    past = Past(Funnel.of(settings, everybody, used), Order.of(settings, refusals))
    for ended in everybody:
        floor.steering.learn(ended, started_here=False)
        floor.done.add(ended.index)
    for wanted in await read_open(floor.store, run):
        if wanted.index not in floor.done:
            floor.begun[wanted.index] = wanted
        else:  # it was killed between its end and the tidying up
            await tidy(floor, run, wanted.index)
    for index in floor.begun:
        usage = await CandidateJournal(floor.store, run, candidate_id(run, index), lambda _: None).usage()
        used[index] = at_todays(index, usage)
        past.funnel.add_usage(index, used[index])
    await floor.ledger.restore((calls for usage in used.values() for calls in usage.values()), prices.values())
    past.funnel.lost = floor.ledger.lost
    await asyncio.to_thread(floor.folder.add, survivors)
    return past


async def restock(floor: Floor, settings: Settings, kept: int) -> int:
    """Offer all survivors again to a novelty store that has fewer; return how many it lacked."""
    gate = await floor.shop.novelty(settings)
    lost = max(0, kept - (await gate.count())["accepted"])
    if lost:
        for survivor in await read_survivors(floor.store, settings.run_name):
            await gate.admit(offer(survivor, candidate_id(settings.run_name, survivor.index)))
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
