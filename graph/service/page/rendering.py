"""Turn templates into answers: everything is escaped, and a browser may load nothing but our own style and script."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from graph.service.answers import RunStatus

FOLDER = Path(__file__).parent
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",  # a form's own page must still be named as its origin
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}

STATES = {
    "starting": "starting",
    "running": "running",
    "pausing": "pausing",
    "cancelling": "cancelling",
    "elsewhere": "running in another process",
    "finished": "finished",
    "stopped": "stopped",
}
"""What people read for a state."""


def page(template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """Render a page."""
    return HTMLResponse(_environment().get_template(template).render(values), status_code=status, headers=HEADERS)


@lru_cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"words": in_words, "money": money, "state": state_in_words, "query": query}
    return environment


def in_words(name: str) -> str:
    """Write a name of ours as words."""
    return name.replace("_", " ")


def money(usd: float | None) -> str:
    """Write dollars."""
    if usd is None:
        return "price unknown"
    return f"${usd:,.2f}" if usd >= 1 or not usd else f"${usd:.4f}"


def state_in_words(run: RunStatus) -> str:
    """Say where a run stands: paused and cancelled runs are told apart from those that met a bound."""
    for word in ("paused", "cancelled"):
        if run.state == "stopped" and run.ending.startswith(word):
            return word
    return STATES[run.state]


def query(values: Mapping[str, Any], **changes: Any) -> str:
    """Write the parameters of an address, without those that are empty."""
    merged = {**values, **changes}
    return urlencode({name: value for name, value in merged.items() if value not in ("", 0, None)})
