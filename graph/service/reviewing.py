"""Cases that wait for a person: listed, and decided; what a decision comes to is `graph.review`'s."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Path, Request
from pydantic import BaseModel, ConfigDict, Field

from agents.errors import SetupError
from agents.reviews import EDITABLE, Decision, ReviewCase
from graph.callers.words import for_callers
from graph.review.cases import list_cases
from graph.review.decide import Decided, decide
from graph.service.answers import Answer
from graph.service.api import FAULTS, Name, runs_of
from graph.service.faults import Conflict

reviewing = APIRouter(prefix="/api", tags=["review"], responses=FAULTS)

VISIBLE = r"[^\s\x00-\x1f\x85\ufeff]"
"""A character that no dialect of regular expressions takes for white space: they differ about these."""

Index = Annotated[int, Path(ge=0, le=10**9, description="number of the candidate")]


class CaseList(Answer):
    """Cases about which nothing is decided."""

    cases: list[ReviewCase]


class DecisionRequest(BaseModel):
    """What a reviewer decides."""

    model_config = ConfigDict(extra="forbid", strict=True)

    decision: Literal["approve", "edit", "reject"]
    by: str = Field(min_length=1, max_length=200, pattern=VISIBLE, description="who decides")
    note: str = Field("", max_length=4096, description="why; the reason of a rejection")
    edit: dict[Literal[EDITABLE], Any] = Field(  # type: ignore[valid-type]  # the names are data
        default_factory=dict, description="the fields of the question to change"
    )


class DecisionResult(Answer):
    """What became of a decision."""

    index: int
    outcome: str = Field(description="how the candidate ended; empty where it has not")
    survivor: str = Field(description="id of the row, where it was kept")
    fault: str = Field(description="why the decision was refused; the case waits for another")
    pending: str = Field(description="why it is not carried out yet")

    @classmethod
    def of(cls, done: Decided) -> DecisionResult:
        """Sum up."""
        ended = done.ended
        kept = ended is not None and ended.outcome == "kept"
        return cls(
            index=done.case.index, outcome=ended.outcome if ended else "", survivor=ended.id if ended and kept else "",
            fault=done.fault, pending="" if ended else for_callers(done.pending, {}),
        )  # fmt: skip


async def cases_of(request: Request, name: str) -> list[ReviewCase]:
    """Return a run's cases; none where it has not begun to keep anything."""
    folder = await asyncio.to_thread(runs_of(request).folders.of, name)
    try:
        return await list_cases(folder)
    except SetupError:  # it has no store yet
        return []


async def carry_out(request: Request, name: str, index: int, decision: Decision) -> DecisionResult:
    """Decide a case.

    Raises:
        Missing: There is no such run.
        Conflict: No such case waits, or the run is another version's.
    """
    folder = await asyncio.to_thread(runs_of(request).folders.of, name)
    try:
        result = DecisionResult.of(await decide(folder, str(index), decision))
    except SetupError as error:
        raise Conflict(for_callers(str(error), {})) from error
    runs_of(request).carried_on(name)
    return result


@reviewing.get("/runs/{name}/cases")
async def show_cases(request: Request, name: Name) -> CaseList:
    """List the questions of a run that wait for a person."""
    return CaseList(cases=await cases_of(request, name))


@reviewing.post("/runs/{name}/cases/{index}")
async def decide_case(
    request: Request, name: Name, index: Index, body: Annotated[DecisionRequest, Body()]
) -> DecisionResult:
    """Approve, edit or reject a question; an edit is proved again first."""
    return await carry_out(request, name, index, Decision.model_validate(body.model_dump()))
