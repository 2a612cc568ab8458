"""A few candidates of a run to be, in a folder that is thrown away: to look at, or to measure what a run will take."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from agents.records import SEATS, SeatName, SeatUsage
from agents.rows import Refusal, Survivor
from graph.campaign.campaign import Campaign
from graph.question.resources import Resources
from graph.settings import Settings
from tools.files.lines import dataset_file


class Sample(NamedTuple):
    """What became of the candidates."""

    kept: list[Survivor]
    refused: list[Refusal]
    usage: dict[SeatName, SeatUsage]
    seconds: float
    ending: str

    @property
    def many(self) -> int:
        """Candidates that came to an end."""
        return len(self.kept) + len(self.refused)


async def sample(
    settings: Settings,
    many: int,
    *,
    attempts: int | None = None,
    on_campaign: Callable[[Campaign], None] = lambda _: None,
) -> Sample:
    """Try candidates as a run with these settings would, all at once; the bounds on money, tokens and time hold.

    Args:
        settings: Of the run to be; its own folder is neither read nor written.
        many: Candidates to try.
        attempts: Questions that the Attacker may write for each; as in the settings if not given.
        on_campaign: Called with the campaign before it starts, so that it can be told to stop.

    Raises:
        SetupError: As where a run cannot begin.
    """
    with tempfile.TemporaryDirectory(prefix="nanoflux-sample-") as folder:
        update = {
            "runs_dir": Path(folder),
            "target": many,
            "max_candidates": many,
            "give_up_after": many + 1,
            "slots": min(many, settings.slots),
            "easy_share": 0.0,
            "max_attempts": attempts or settings.max_attempts,
        }
        trial = settings.model_copy(update=update)
        if trial.novelty_store != "edge":  # a server's store would keep what is offered to it
            trial = trial.model_copy(update={"novelty_store": "edge"})
        async with Resources() as resources:

            async def source() -> Resources:
                return resources

            campaign, began = Campaign(trial, source), time.monotonic()
            on_campaign(campaign)
            async for _ in campaign.events():
                pass
            seconds = time.monotonic() - began
        refused = _refusals(dataset_file(trial.folder).parent / "refused.jsonl")
        return Sample(list(campaign.rows), refused, dict(campaign.funnel.usage), seconds, campaign.ending)


def used_in_all(usage: dict[SeatName, SeatUsage]) -> SeatUsage:
    """Add up the seats."""
    return SeatUsage.sum(usage[seat] for seat in SEATS)


def _refusals(file: Path) -> list[Refusal]:
    lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    return [Refusal.model_validate_json(line) for line in lines]
