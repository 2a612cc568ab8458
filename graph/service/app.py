"""The service as one application, which `python -m graph.serve` serves and `langgraph.json` mounts beside the graphs.

Under LangGraph's server its `/metrics`, `/docs` and `/openapi.json` are LangGraph's, which describes ours too; our own
figures are at `/api/metrics` at both doors.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from agents.errors import SetupError
from graph.callers.allowed import Allowed
from graph.callers.guard import guarded
from graph.callers.words import for_callers
from graph.reports.pictures.frame import stylesheet
from graph.service import metrics
from graph.service.api import api, health, runs_of
from graph.service.faults import ServiceFault
from graph.service.page import overview, review, rows, start
from graph.service.page.rendering import FOLDER, page
from graph.service.reviewing import reviewing
from graph.service.running.rows import RowLists
from graph.service.running.runs import Runs
from graph.storage.recorded_settings import program_version

DESCRIPTION = """Start, watch, pause, resume and cancel runs, and read what they kept and refused. Every answer that is
no success is an object with `detail`, one line. Where the server has a token, each request bears it."""
MOST_PATH = 200
"""Characters of an address that an answer repeats."""


def build_app(allowed: Allowed | None = None) -> FastAPI:
    """Build the application.

    Args:
        allowed: What its owner allows; what the environment says if not given.
    """
    allowed = allowed or Allowed()
    app = FastAPI(
        title="NanoFlux",
        version=program_version(),
        description=DESCRIPTION,
        middleware=[guarded(allowed)],
        docs_url=None,  # these two would load scripts from elsewhere
        redoc_url=None,
        lifespan=_open_runs,
    )
    app.state.allowed = allowed
    app.include_router(api)
    app.include_router(reviewing)
    app.include_router(health)
    for router in (start.pages, rows.pages, review.pages, overview.pages):
        app.include_router(router)
    app.add_api_route("/static/pictures.css", show_picture_style, include_in_schema=False)
    app.mount("/static", StaticFiles(directory=FOLDER / "static"), name="static")
    app.add_api_route("/metrics", show_metrics, include_in_schema=False)
    app.add_api_route("/api/metrics", show_metrics, include_in_schema=False)
    app.add_exception_handler(ServiceFault, _answer_fault)
    app.add_exception_handler(HTTPException, _answer_unserved)
    app.add_exception_handler(SetupError, _answer_wrong_setting)
    app.add_exception_handler(RequestValidationError, _answer_invalid)
    return app


@asynccontextmanager
async def _open_runs(app: FastAPI) -> AsyncIterator[None]:
    app.state.runs, app.state.rows = Runs.of_environment(app.state.allowed), RowLists()
    try:
        yield
    finally:
        await app.state.runs.close()


async def show_metrics(request: Request) -> Response:
    """Give the figures for Prometheus."""
    return Response(metrics.exposition(runs_of(request)), media_type=metrics.CONTENT_TYPE)


async def show_picture_style() -> Response:
    """Give the colours of the pictures, which are the report's too."""
    return Response(stylesheet(), media_type="text/css")


async def _answer_fault(request: Request, fault: Exception) -> Response:
    return _refuse(request, str(fault), fault.status if isinstance(fault, ServiceFault) else 500)


async def _answer_wrong_setting(request: Request, error: Exception) -> Response:
    """Say what is wrong with the server's own variables or settings file."""
    return _refuse(request, for_callers(str(error), {}), 409)


async def _answer_unserved(request: Request, error: Exception) -> Response:
    """Say that nothing is at an address, or nothing that can be asked for in this way."""
    if not isinstance(error, HTTPException):
        raise error
    place = request.url.path[:MOST_PATH]
    known = {404: f"there is nothing at {place}", 405: f"{request.method} is not for {place}"}
    detail = known.get(error.status_code, error.detail)
    return _refuse(request, detail, error.status_code, error.headers)


def _refuse(request: Request, detail: str, status: int, headers: Mapping[str, str] | None = None) -> Response:
    """Answer a person with a page, and a program with an object."""
    if request.url.path.startswith("/api/") or "text/html" not in request.headers.get("accept", ""):
        answer: Response = JSONResponse({"detail": detail}, status_code=status)
    else:
        title = "Not found" if status == 404 else "That did not work"
        answer = page("message.html.j2", status, title=title, text=detail)
    answer.headers.update(headers or {})
    return answer


async def _answer_invalid(request: Request, error: Exception) -> Response:
    """Say in one line which value is wrong; the value itself may be long, and is the caller's own."""
    faults = error.errors() if isinstance(error, RequestValidationError) else []
    lines = [
        f"{'.'.join(str(part) for part in fault['loc'][1:]) or fault['loc'][0]}: {fault['msg']}" for fault in faults
    ]
    return _refuse(request, "; ".join(lines[:5]), 422)


app = build_app()
