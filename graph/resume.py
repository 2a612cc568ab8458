"""What earlier processes of a run left, taken up: its sums, its open candidates, what steering and order learned."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from agents.schema import Refusal, Survivor
from graph.candidate import tidy
from graph.floor import Floor, open_seats
from graph.funnel import Funnel
from graph.order import Order
from graph.settings import Settings, candidate_id
from graph.store import CandidateJournal, read_open, read_refusals, read_survivors
from graph.workshop import seat_specs


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
    survivors, refusals = await read_survivors(floor.store, run), await read_refusals(floor.store, run)
    past = Past(Funnel.of(settings, survivors, refusals), Order.of(settings, refusals))
    everybody: list[Survivor | Refusal] = [*survivors, *refusals]
    for ended in everybody:
        floor.steering.learn(ended, started_here=False)
        floor.done.add(ended.index)
    for wanted in await read_open(floor.store, run):
        if wanted.index not in floor.done:
            floor.begun[wanted.index] = wanted
        else:  # it was killed between its end and the tidying up
            await tidy(floor, run, wanted.index)
    used = [(one.index, one.usage) for one in everybody]
    for index in floor.begun:
        usage = await CandidateJournal(floor.store, run, candidate_id(run, index), lambda _: None).usage()
        past.funnel.add_usage(index, usage)
        used.append((index, usage))
    prices = {seat.label: seat.price for seat in await open_seats(floor.shop, settings)}
    models = ((seat_specs(settings, index), usage) for index, usage in used)
    await floor.ledger.restore(
        ((specs[seat].model, calls) for specs, usage in models for seat, calls in usage.items()), prices
    )
    past.funnel.lost = floor.ledger.lost
    await asyncio.to_thread(floor.folder.add, survivors)
    return past


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
