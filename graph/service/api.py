"""The API: one function a request; what each takes and answers is in its OpenAPI description, from types alone."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Query, Request
from fastapi.responses import FileResponse, Response, StreamingResponse

from graph.service.answers import Fault, Health, RefusalPage, RunList, RunStatus, SurvivorPage, SurvivorRow
from graph.service.exporting import exported
from graph.service.queries import RefusalQuery, SurvivorQuery
from graph.service.requests import RUN_NAME, ExportFormat, FileName, Resume, Start, stated
from graph.service.running.folders import FILES
from graph.service.running.rows import RowLists
from graph.service.running.runs import Runs

Name = Annotated[str, Path(pattern=f"^{RUN_NAME}$", description="name of the run")]
SurvivorId = Annotated[str, Path(pattern="^[0-9a-f]{16}$", description="id of the survivor")]

FAULTS: dict[int | str, dict[str, Any]] = {
    status: {"model": Fault, "description": description}
    for status, description in {
        400: "The request cannot be read.",
        401: "The server's token is missing or wrong.",
        403: "The request comes from where none may come from.",
        404: "There is no such run, row or file.",
        409: "The run cannot begin as asked, or is not in a state for this.",
        413: "The body is too long.",
        415: "The body is not JSON.",
        422: "A value is not as its description says.",
        429: "As many runs are in progress as the server's owner allows.",
    }.items()
}
EVENTS: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}, "description": "Events as they come."}
}
SANDBOXED = {"Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"}
"""For a run's own page: it needs nothing else, whatever a model wrote into it."""

api = APIRouter(prefix="/api", tags=["runs"], responses=FAULTS)
health = APIRouter(tags=["health"])


@health.get("/healthz")
async def answer_health() -> Health:
    """Say that the service answers; needs no token."""
    return Health()


def runs_of(request: Request) -> Runs:
    """Return the service's runs."""
    runs: Runs = request.app.state.runs
    return runs


def rows_of(request: Request) -> RowLists:
    """Return the service's lists of rows."""
    rows: RowLists = request.app.state.rows
    return rows


@api.get("/runs")
async def list_runs(request: Request) -> RunList:
    """List all runs, those in progress first."""
    return await runs_of(request).listing()


@api.post("/runs", status_code=201)
async def start_run(request: Request, body: Annotated[Start, Body()]) -> RunStatus:  # type: ignore[valid-type]  # made of the form
    """Start a run, or resume the one of that name; answers once it works, or says why it cannot."""
    given: Resume = body
    return await runs_of(request).start(stated(given), force=given.force)


@api.get("/events", responses=EVENTS, response_class=StreamingResponse)
async def watch_all(request: Request) -> StreamingResponse:
    """Watch all runs: an event `state` with the list whenever it changes, once a second at most."""
    return StreamingResponse(runs_of(request).everything.events(), headers=STREAMED, media_type="text/event-stream")


@api.get("/runs/{name}")
async def show_run(request: Request, name: Name) -> RunStatus:
    """Say where a run stands."""
    return await runs_of(request).status(name)


@api.get("/runs/{name}/events", responses=EVENTS, response_class=StreamingResponse)
async def watch_run(request: Request, name: Name) -> StreamingResponse:
    """Watch a run: an event `state` whenever its state changes, once a second at most; `end` once it has ended."""
    channel = await runs_of(request).channel(name)
    return StreamingResponse(channel.events(), headers=STREAMED, media_type="text/event-stream")


STREAMED = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


@api.post("/runs/{name}/pause", status_code=202)
async def pause_run(request: Request, name: Name) -> RunStatus:
    """Let a run finish the steps in flight, and end; it can be resumed."""
    return await runs_of(request).pause(name)


@api.post("/runs/{name}/resume", status_code=201)
async def resume_run(request: Request, name: Name, body: Annotated[Start | None, Body()] = None) -> RunStatus:  # type: ignore[valid-type]  # as above
    """Go on with a run as it was begun, but for the settings that are stated, such as a larger target."""
    given: Resume = body or Resume()
    return await runs_of(request).resume(name, stated(given), force=given.force)


@api.post("/runs/{name}/cancel")
async def cancel_run(request: Request, name: Name) -> RunStatus:
    """Stop a run at once; answers when it has ended, and it can be resumed."""
    return await runs_of(request).cancel(name)


@api.get("/runs/{name}/survivors")
async def list_survivors(request: Request, name: Name, query: Annotated[SurvivorQuery, Query()]) -> SurvivorPage:
    """List the survivors of a run, filtered and paged."""
    folder = await asyncio.to_thread(runs_of(request).folders.of, name)
    return await asyncio.to_thread(rows_of(request).survivor_page, folder, query)


@api.get("/runs/{name}/survivors/{survivor}")
async def show_survivor(request: Request, name: Name, survivor: SurvivorId) -> SurvivorRow:
    """Return a survivor whole."""
    folder = await asyncio.to_thread(runs_of(request).folders.of, name)
    survivors = await asyncio.to_thread(rows_of(request).survivors, folder)
    return SurvivorRow.of(await asyncio.to_thread(survivors.row, survivor))


@api.get("/runs/{name}/refusals")
async def list_refusals(request: Request, name: Name, query: Annotated[RefusalQuery, Query()]) -> RefusalPage:
    """List the refused candidates of a run, filtered and paged."""
    folder = await asyncio.to_thread(runs_of(request).folders.of, name)
    return await asyncio.to_thread(rows_of(request).refusal_page, folder, query)


@api.get(
    "/runs/{name}/files/{file}",
    response_class=FileResponse,
    responses={200: {"content": {kind.partition(";")[0]: {} for kind in FILES.values()}}},
)
async def download(request: Request, name: Name, file: FileName) -> Response:
    """Download a file of a run."""
    path = await asyncio.to_thread(runs_of(request).folders.file, name, file.value)
    shown = "inline" if file is FileName.REPORT else "attachment"
    return FileResponse(
        path,
        media_type=FILES[file.value],
        filename=f"{name}-{file.value}",
        content_disposition_type=shown,
        headers=SANDBOXED,
    )


@api.get("/runs/{name}/export/{form}", response_class=Response, responses={200: {"content": {"application/jsonl": {}}}})
async def export(request: Request, name: Name, form: ExportFormat) -> Response:
    """Download a run's rows in the form that a trainer reads."""
    path = await asyncio.to_thread(runs_of(request).folders.file, name, "dataset.jsonl")
    text = await asyncio.to_thread(exported, path, form.value)
    shown = {"Content-Disposition": f'attachment; filename="{name}-{form.value}.jsonl"'}
    return Response(text, media_type="application/jsonl", headers=SANDBOXED | shown)
