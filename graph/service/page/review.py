"""The queue of cases that wait for a person, with all that is known of each, and a form to decide it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import ValidationError

from agents.records import Question, describe
from agents.reviews import Decision
from graph.service.api import Name
from graph.service.faults import Conflict
from graph.service.page.rendering import page
from graph.service.page.start import sent_form
from graph.service.reviewing import Index, carry_out, cases_of

pages = APIRouter(include_in_schema=False)

TEXTS = ("question", "answer", "program")
"""Fields of a question that are edited as they are; its steps are edited one a line."""


@pages.get("/run/{name}/review")
async def show_cases(request: Request, name: Name, by: str = "") -> HTMLResponse:
    """List the cases; `by` is who decided the last one."""
    return await _queue(request, name, {"by": by})


async def _queue(
    request: Request, name: str, sent: Mapping[str, str], fault: str = "", status: int = 200
) -> HTMLResponse:
    """List the cases, what was sent about one of them still in its fields."""
    return page("review.html.j2", status, name=name, cases=await cases_of(request, name), fault=fault, sent=sent)


@pages.post("/run/{name}/review/{index}")
async def decide(request: Request, name: Name, index: Index) -> Response:
    """Decide a case, and show the others."""
    sent = {field: values[-1] for field, values in (await sent_form(request)).items()} | {"case": str(index)}
    case = next((one for one in await cases_of(request, name) if one.index == index), None)
    if case is None:
        return await _queue(request, name, sent, f"No case {index} waits any more.", 409)
    edit = _changes(case.question, sent) if sent.get("decision") == "edit" else {}
    try:
        given = {"decision": sent.get("decision"), "by": sent.get("by", ""), "note": sent.get("note", ""), "edit": edit}
        result = await carry_out(request, name, index, Decision.model_validate(given))
    except ValidationError as error:
        return await _queue(request, name, sent, describe(error), 422)
    except Conflict as fault:
        return await _queue(request, name, sent, str(fault), fault.status)
    if result.fault or result.pending:
        text = f"Case {index}: {result.fault or result.pending}"
        return await _queue(request, name, sent, text, 409 if result.fault else 202)
    return RedirectResponse(f"/run/{name}/review?{urlencode({'by': given['by']})}", status_code=303)


def _changes(question: Question, sent: dict[str, str]) -> dict[str, Any]:
    """Return the fields that were changed; browsers end lines with two characters."""
    texts = {name: text.replace("\r\n", "\n").strip() for name, text in sent.items()}
    edit: dict[str, Any] = {
        name: texts[name] for name in TEXTS if texts.get(name, "") not in ("", getattr(question, name).strip())
    }
    steps = [line.strip() for line in texts.get("steps", "").splitlines() if line.strip()]
    return edit | ({"steps": steps} if steps and steps != [" ".join(step.split()) for step in question.steps] else {})
