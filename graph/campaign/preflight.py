"""Open all that a candidate will need before anything is written or paid."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from agents.errors import SetupError
from agents.models.seat import Seat
from agents.records import SEATS
from graph.campaign.watch import require_space
from graph.curriculum.bandit import Steering
from graph.question.pass_rate import Band, all_finished
from graph.question.resources import Resources, gate_knobs
from graph.settings import Settings
from tools.novelty.registry import open_novelty


async def _try_gate(settings: Settings) -> None:
    """Connect to the server that the run will use; for a store in a folder yet to be made, open a temporary one.

    A store that is there already is opened by the run itself, before its first call.
    """
    if settings.novelty_store == "edge" and await asyncio.to_thread(settings.folder.exists):
        return
    async with open_novelty(settings.novelty_store, **dict(gate_knobs(settings, temporary=True))):
        pass


async def open_seats(resources: Resources, settings: Settings) -> list[Seat]:
    """Open every model in every role that it plays."""
    players = [(name, index) for index in range(2 if settings.alternate else 1) for name in SEATS]
    return await all_finished(resources.seat(settings, name, index) for name, index in players)


async def preflight(resources: Resources, settings: Settings) -> Steering:
    """Open all that a candidate will need, so that what is missing shows before anything is written."""
    steering = Steering.of(await resources.domain(settings.domain), settings)
    if not Band.of(settings).holds_some(settings.defender_samples):
        raise SetupError(
            f"--pass-rate {settings.pass_rate}: no share of --defender-samples {settings.defender_samples} lies in it; "
            "widen it, or ask for more samples"
        )
    await asyncio.to_thread(require_space, settings)
    seats, *_ = await asyncio.gather(
        open_seats(resources, settings),
        resources.sandbox(settings),
        resources.protected(settings),
        _try_gate(settings),
    )
    _check_prices(settings, seats)
    return steering


def _check_prices(settings: Settings, seats: Sequence[Seat]) -> None:
    """Refuse a price of nobody's, and a cap on dollars where a price is not known."""
    labels = sorted({seat.label for seat in seats})
    if strange := [price.model for price in settings.price_table if price.model not in labels]:
        raise SetupError(f"--prices: {strange[0]!r} sits in no seat; there sit {', '.join(labels)}")
    unknown = sorted({seat.label for seat in seats if seat.price(1, 1, 0) is None})
    if settings.max_usd is not None and unknown:
        stated = ",".join(f"{label}=0.5/2" for label in unknown)
        raise SetupError(
            f"--max-usd needs the price of {', '.join(unknown)}, which is not known; "
            f"state it in dollars per million tokens in/out: --prices {stated}"
        )


def held_back(settings: Settings, seats: Sequence[Seat]) -> str:
    """Say so where much of the money may stay unspent, held for what calls might cost."""
    cap, slots = settings.max_usd, settings.slots
    worst = max((seat.price(0, seat.max_output, 0) or 0.0 for seat in seats), default=0.0)
    if cap is None or slots * worst <= cap / 4:
        return ""
    held = f"${worst:.4f} for a reply at worst, times {slots} in flight"
    return (
        f"{held}: as much of --max-usd {cap:g} is held back and may stay unspent; lower --max-output-tokens or --slots"
    )
