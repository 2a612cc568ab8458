"""The list of runs, one run, and the buttons that pause, resume and cancel it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from markupsafe import Markup

from graph.reports.pictures.figures import read_figures
from graph.reports.pictures.gallery import PICTURES, draw, tiles
from graph.service.api import Name, runs_of
from graph.service.faults import ServiceFault
from graph.service.page.rendering import page
from graph.service.requests import ExportFormat
from graph.service.reviewing import cases_of
from graph.service.running.folders import FILES

pages = APIRouter(include_in_schema=False)


@pages.get("/")
async def show_runs(request: Request) -> HTMLResponse:
    """List the runs."""
    return page("runs.html.j2", runs=(await runs_of(request).listing()).runs)


@pages.get("/run/{name}")
async def show_run(request: Request, name: Name) -> HTMLResponse:
    """Show one run: where it stands, its tiles and pictures, and what to do with it."""
    return await run_page(request, name)


async def run_page(request: Request, name: str, fault: str = "", status: int = 200) -> HTMLResponse:
    """Show one run, with what kept a button from doing its work."""
    run = await runs_of(request).status(name)
    folder = runs_of(request).folders.runs_dir / name
    shown = await asyncio.to_thread(_figures, folder)
    waiting = len(await cases_of(request, name))
    return page("run.html.j2", status, run=run, waiting=waiting, fault=fault, **shown)


def _figures(folder: Path) -> dict[str, Any]:
    """Draw what there is to draw."""
    figures = read_figures(folder)
    pictures = []
    if figures is not None:
        pictures = [
            (name, picture.title, picture.caption, Markup(draw(name, figures)))  # noqa: S704  # its texts are escaped
            for name, picture in PICTURES.items()
        ]
    files = [name for name in FILES if (folder / name).is_file()]
    return {
        "tiles": tiles(figures) if figures else [],
        "pictures": pictures,
        "files": files,
        "formats": [*ExportFormat],
    }


@pages.post("/run/{name}/{action}")
async def do(request: Request, name: Name, action: str) -> Response:
    """Pause, resume or cancel a run, and show it."""
    runs = runs_of(request)
    try:
        if action == "pause":
            await runs.pause(name)
        elif action == "cancel":
            await runs.cancel(name)
        elif action == "resume":
            await runs.resume(name, {})
        else:
            raise HTTPException(404)
    except ServiceFault as fault:
        if fault.status == 404:
            raise
        return await run_page(request, name, str(fault), fault.status)
    return RedirectResponse(f"/run/{name}", status_code=303)
