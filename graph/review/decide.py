"""Decide a case: record the decision, and see it carried out, by the run that goes on or by a short sitting of its own.

The graph's node `review` carries it out, and has all that checks an edit.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from langgraph.store.base import BaseStore
from pydantic import ValidationError

from agents.errors import SetupError
from agents.records import describe
from agents.reviews import PAST, Decision, ReviewCase
from agents.rows import Refusal, Survivor
from graph.campaign.folder.run_folder import FolderInUse
from graph.question.nodes.reviewing import RefusedDecision, apply_decision
from graph.question.resources import Resources, ResourcesSource
from graph.reports.progress import one_line
from graph.review.cases import find_case
from graph.review.settling import Settling
from graph.settings import Settings
from graph.storage.recorded_settings import read_recorded
from graph.storage.records import read_refusal, read_survivors
from graph.storage.reviews import read_cases, read_decided, read_decision, write_decision
from graph.storage.sqlite import open_store
from tools.novelty.port import NoveltyError
from tools.sandbox.port import SandboxError

PATIENCE_S = 60.0
"""Seconds that one waits for a run in flight to carry a decision out."""
LOOK_EVERY_S = 0.2


class Decided(NamedTuple):
    """What became of a decision; where neither `ended` nor `fault` is there, it is recorded and not carried out yet."""

    case: ReviewCase
    ended: Survivor | Refusal | None = None
    """The row or the refusal that the candidate ended as; a row may be in reserve, where the target is met."""
    fault: str = ""
    """Why it was refused, as an edit that does not pass the checks; the case waits for another."""
    pending: str = ""
    """Why it is not carried out yet."""


async def decide(
    folder: Path,
    name: str,
    decision: Decision,
    *,
    source: ResourcesSource | None = None,
    patience_s: float = PATIENCE_S,
) -> Decided:
    """Decide the case of a candidate of a run, whether or not the run is going on.

    A run in flight takes the decision up within about a second. Otherwise it is carried out here, without any model: an
    edit is proved again, what is approved is offered to the novelty gate, and dataset, funnel, card and report follow.
    A decision that is not carried out yet stands against other reviewers, and is replaced by a later one of the same
    reviewer, so the same call goes on after a kill.

    Args:
        folder: The run's folder.
        name: Number or id of the candidate.
        decision: What is decided.
        source: Where sandbox and novelty gate come from; they are opened for this call if not given.
        patience_s: Seconds to wait for a run in flight.

    Raises:
        SetupError: There is no such run or case, another reviewer was first, or another version began the run.
    """
    settings = await asyncio.to_thread(settings_of, folder)
    case = await find_case(folder, name)
    try:
        apply_decision(case.question, decision)  # else a store might be given what it cannot hold
    except RefusedDecision as refused:
        return Decided(case, fault=str(refused))
    async with open_store(folder / "store.sqlite") as store:
        await _require_undecided(store, folder.name, case, decision)
        await write_decision(store, folder.name, case.candidate, decision)
        pending = ""
        with suppress(TimeoutError):
            async with asyncio.timeout(patience_s):
                while (done := await _outcome(store, folder.name, case)) is None and not pending:
                    pending = await _settle(settings, source)
                    await asyncio.sleep(0 if pending else LOOK_EVERY_S)
        done = await _outcome(store, folder.name, case)
    if done is not None and done.ended is not None:
        _require_carried_out(done, decision)
    return done or Decided(case, pending=pending or "the run that goes on has not taken it up yet")


async def _require_undecided(store: BaseStore, run: str, case: ReviewCase, decision: Decision) -> None:
    """Refuse to decide where another reviewer has."""
    first = await read_decision(store, run, case.candidate)
    if first is not None and first.by != decision.by:
        raise SetupError(
            f"case {case.index} is decided: {first.decision}, by {one_line(first.by, 100)}, not carried out yet; "
            "only the same reviewer may change that"
        )


def _require_carried_out(done: Decided, decision: Decision) -> None:
    """Refuse to pass off as carried out what lost to a decision of the same moment."""
    review = done.ended.review if done.ended else None
    if review is not None and (review.by, review.decision) != (decision.by, PAST[decision.decision]):
        raise SetupError(
            f"case {done.case.index} was {review.decision} by {one_line(review.by, 100)} at the same moment; "
            f"{decision.decision} came to nothing"
        )


def settings_of(folder: Path) -> Settings:
    """Return the settings that a run's folder records.

    Raises:
        SetupError: It records none, or another version's.
    """
    record = read_recorded(folder)
    if record is None:
        raise SetupError(f"{str(folder)!r} records no run's settings; nothing was asked of a model there")
    fields = {name: value for name, value in record.items() if name in Settings.model_fields}
    try:
        return Settings(**{**fields, "name": folder.name, "runs_dir": folder.parent})
    except ValidationError as error:
        raise SetupError(f"the settings in {str(folder)!r} cannot be read: {describe(error)}") from error


async def _outcome(store: BaseStore, run: str, case: ReviewCase) -> Decided | None:
    """Return what became of a decision, None while it is not carried out."""
    now = next((one for one in await read_cases(store, run) if one.candidate == case.candidate), None)
    if now is not None:
        over = case.candidate not in await read_decided(store, run)
        return Decided(now, fault=now.fault) if over else None
    with suppress(KeyError):
        return Decided(case, await read_refusal(store, run, case.candidate))
    return Decided(case, next(row for row in await read_survivors(store, run) if row.index == case.index))


async def _settle(settings: Settings, source: ResourcesSource | None) -> str:
    """Carry out what is decided; return why that could not be, nothing where a run that goes on has the folder."""
    try:
        if source is not None:
            return await _sit(settings, source)
        async with Resources() as resources:

            async def own() -> Resources:
                return resources

            return await _sit(settings, own)
    except FolderInUse:
        return ""
    except (SetupError, NoveltyError, SandboxError) as error:
        return str(error)


async def _sit(settings: Settings, source: ResourcesSource) -> str:
    sitting = Settling(settings, source)
    async for _ in sitting.events():
        pass
    return sitting.ending
