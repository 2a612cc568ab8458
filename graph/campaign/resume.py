"""What earlier processes of a run left, taken up: its sums, its open candidates, what steering and order learned."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from agents.errors import SetupError
from agents.models.seat import Seat
from agents.models.transport.usage import Price
from agents.records import SeatName, SeatUsage
from agents.rows import Refusal, Survivor
from graph.campaign.context import RunContext
from graph.campaign.spending.call_order import CallOrder
from graph.campaign.spending.ledger import priced
from graph.campaign.worker import clean_up
from graph.question.resources import seat_specs
from graph.question.survivor import novelty_item
from graph.reports.funnel import Funnel
from graph.settings import Settings, candidate_id
from graph.storage.collector import uncollected
from graph.storage.journal import CandidateJournal
from graph.storage.records import read_open, read_refusals, read_survivors
from graph.storage.reviews import read_cases, read_decided

Usage = dict[SeatName, SeatUsage]


class Past(NamedTuple):
    """What a run had come to; the rest is in its context."""

    funnel: Funnel
    order: CallOrder


async def resume(context: RunContext, settings: Settings, seats: Sequence[Seat]) -> Past:
    """Read the run's store into the context's ledger, steering, dataset, and lists of candidates.

    Args:
        context: What the run stands on.
        settings: The run's.
        seats: Those whose prices usage without a price is counted at.
    """
    with uncollected():
        return await _resume(context, settings, {seat.label: seat.price for seat in seats})


async def _resume(context: RunContext, settings: Settings, prices: Mapping[str, Price]) -> Past:
    run = settings.run_name

    def at_todays(index: int, usage: Usage) -> Usage:
        if all(calls.usd is not None for calls in usage.values()):
            return usage
        specs = seat_specs(settings, index)
        known = {seat: [price] for seat in usage if (price := prices.get(specs[seat].model))}
        return {seat: priced(calls, known.get(seat, [])) for seat, calls in usage.items()}

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
    cases = {case.index: case for case in await read_cases(context.store, run)}
    for wanted in await read_open(context.store, run):
        if wanted.index not in context.done:
            context.begun[wanted.index] = wanted
            if wanted.index in cases:
                context.waiting[wanted.index] = cases[wanted.index]
                context.steering.begin(wanted.cell)
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


async def find_decided(context: RunContext, settings: Settings) -> None:
    """Note about which of the cases that wait reviewers have decided."""
    if context.waiting:
        decided = await read_decided(context.store, settings.run_name)
        context.decided.update(index for index, case in context.waiting.items() if case.candidate in decided)


async def reindex(context: RunContext, settings: Settings, kept: int) -> int:
    """Offer all survivors again to a novelty store that has fewer; return how many it lacked."""
    gate = await context.resources.novelty(settings)
    lost = max(0, kept - (await gate.count())["accepted"])
    if lost:
        for survivor in await read_survivors(context.store, settings.run_name):
            await gate.admit(novelty_item(survivor, candidate_id(settings.run_name, survivor.index)))
    return lost
