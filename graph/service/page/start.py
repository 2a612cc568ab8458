"""The form that starts a run, and the page that takes the server's token."""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from agents.errors import SetupError
from graph.callers.allowed import Allowed
from graph.callers.tokens import COOKIE, SIGN_IN, cookie_of, same
from graph.service.api import runs_of
from graph.service.faults import ServiceFault
from graph.service.page.form_fields import groups, read_form
from graph.service.page.rendering import HEADERS, page

pages = APIRouter(include_in_schema=False)

MOST_FIELDS = 200
WEEK_S = 7 * 86_400


@pages.get("/new")
async def show_form(request: Request) -> HTMLResponse:
    """Show the form, filled with what the address names."""
    sent = {name: values for name, values in request.query_params.items() if values}
    return page("new.html.j2", groups=await asyncio.to_thread(groups, sent), fault="", force=False)


@pages.post("/new")
async def start(request: Request) -> Response:
    """Start a run, and show it; or show the form again, with what is wrong."""
    sent = await sent_form(request)
    try:
        settings = await asyncio.to_thread(read_form, sent)
        status = await runs_of(request).start(settings, force="force" in sent)
    except (ServiceFault, SetupError) as fault:
        code = fault.status if isinstance(fault, ServiceFault) else 422
        filled = {name: values if len(values) > 1 else values[0] for name, values in sent.items()}
        shown = await asyncio.to_thread(groups, filled)
        return page("new.html.j2", code, groups=shown, fault=str(fault), force="force" in sent)
    return RedirectResponse(f"/run/{status.name}", status_code=303)


async def sent_form(request: Request) -> dict[str, list[str]]:
    """Read the fields of a form."""
    body = (await request.body()).decode("utf-8", errors="replace")
    try:
        return parse_qs(body, max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise SetupError(f"the form has more than {MOST_FIELDS} fields") from error


@pages.get(SIGN_IN)
async def show_sign_in() -> HTMLResponse:
    """Ask for the token."""
    return page("sign_in.html.j2", fault="")


@pages.post(SIGN_IN)
async def sign_in(request: Request) -> Response:
    """Take the token, and remember in a cookie that it was right."""
    allowed: Allowed = request.app.state.allowed
    token = allowed.token.get_secret_value()
    given = (await sent_form(request)).get("token", [""])[-1].strip()
    if token and not same(given, token):
        return page("sign_in.html.j2", 401, fault="That is not the token of this server.")
    answer = RedirectResponse("/", status_code=303, headers=HEADERS)
    if token:
        secure = request.url.scheme == "https"
        answer.set_cookie(COOKIE, cookie_of(token), WEEK_S, httponly=True, samesite="strict", secure=secure)
    return answer
