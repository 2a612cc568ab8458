"""Survivors to browse and to read, and candidates that were refused."""

from __future__ import annotations

import asyncio
from pathlib import Path as FilePath
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import HTMLResponse

from agents.row_versions import upgrade
from agents.rows import Survivor
from graph.reports.card import PROOFS
from graph.service.api import Name, SurvivorId, rows_of, runs_of
from graph.service.page.dialogue import read_dialogue, read_refused
from graph.service.page.rendering import page
from graph.service.queries import RefusalQuery, SurvivorQuery
from graph.service.running.rows import RowLists, Survivors
from graph.settings import candidate_id

pages = APIRouter(include_in_schema=False)

A_PAGE = 25
"""Rows of one page."""


@pages.get("/run/{name}/survivors")
async def show_survivors(request: Request, name: Name, query: Annotated[SurvivorQuery, Query()]) -> HTMLResponse:
    """List survivors, filtered and searched."""
    folder = await asyncio.to_thread(runs_of(request).folders.of, name)
    query = query.model_copy(update={"limit": A_PAGE})
    return page("survivors.html.j2", **await asyncio.to_thread(_survivors, rows_of(request), folder, query))


def _survivors(lists: RowLists, folder: FilePath, query: SurvivorQuery) -> dict[str, Any]:
    rows = lists.survivors(folder).rows
    return {
        "name": folder.name,
        "query": query.model_dump(exclude={"limit"}),
        "found": lists.survivor_page(folder, query),
        "all": len(rows),
        "step": A_PAGE,
        "choices": {
            "topic": sorted({row.topic for row in rows}),
            "level": sorted({row.level for row in rows}),
            "hops": sorted({row.hops for row in rows}),
            "proof": sorted({row.proof for row in rows if row.proof}),
        },
    }


@pages.get("/run/{name}/survivors/{survivor}")
async def show_survivor(request: Request, name: Name, survivor: SurvivorId) -> HTMLResponse:
    """Show one survivor: question, reference, wrong answer and proof, programs, dialogue, nearest neighbour."""
    folder = await asyncio.to_thread(runs_of(request).folders.of, name)
    survivors = await asyncio.to_thread(rows_of(request).survivors, folder)
    row = Survivor.model_validate(upgrade(await asyncio.to_thread(survivors.row, survivor)))
    return page(
        "survivor.html.j2",
        name=name,
        row=row,
        proof=PROOFS[row.proof.grade] if row.proof else "",
        dialogue=await read_dialogue(folder, row.index, [run.model_dump() for run in row.evidence]),
        **await asyncio.to_thread(_neighbours, survivors, row, name),
    )


def _neighbours(survivors: Survivors, row: Survivor, run: str) -> dict[str, Any]:
    """Find the question that was nearest when this one was kept, and those before and after it in the file."""
    wanted, rows = row.novelty.nearest, survivors.rows
    nearest = next((one for one in rows if wanted and candidate_id(run, one.index) == wanted), None)
    place = next(number for number, one in enumerate(rows) if one.id == row.id)
    return {
        "nearest": nearest,
        "before": rows[place - 1].id if place else "",
        "after": rows[place + 1].id if place + 1 < len(rows) else "",
        "place": place + 1,
        "all": len(rows),
    }


@pages.get("/run/{name}/refusals")
async def show_refusals(request: Request, name: Name, query: Annotated[RefusalQuery, Query()]) -> HTMLResponse:
    """List refused candidates, filtered and searched."""
    folder = await asyncio.to_thread(runs_of(request).folders.of, name)
    query = query.model_copy(update={"limit": A_PAGE})
    return page("refusals.html.j2", **await asyncio.to_thread(_refusals, rows_of(request), folder, query))


@pages.get("/run/{name}/refusals/{index}")
async def show_refusal(request: Request, name: Name, index: Annotated[int, Path(ge=0, le=10**9)]) -> HTMLResponse:
    """Show one refused candidate: why, each attempt, and the Judge's dialogue."""
    folder = await asyncio.to_thread(runs_of(request).folders.of, name)
    refusal, attempts = await read_refused(folder, index)
    dialogue = await read_dialogue(folder, index, [run for attempt in attempts for run in attempt["evidence"]])
    return page("refusal.html.j2", name=name, refusal=refusal, attempts=attempts, dialogue=dialogue)


def _refusals(lists: RowLists, folder: FilePath, query: RefusalQuery) -> dict[str, Any]:
    rows = lists.refusals(folder)
    return {
        "name": folder.name,
        "query": query.model_dump(exclude={"limit"}),
        "found": lists.refusal_page(folder, query),
        "all": len(rows),
        "step": A_PAGE,
        "choices": {"outcome": sorted({row.outcome for row in rows})},
    }
