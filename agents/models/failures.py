"""Sort what a call raises by what can be done about it: wait, ask in another way, or tell the user which flag cures it.

Gateways answer a wrong key or model with 400, and report another server's failure in the body of a 200; so what was
said counts beside the status.
"""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from http import HTTPStatus

import aiohttp
import httpx
import httpx2
import openai
from langchain_core.exceptions import ModelConnectionError, ModelTimeoutError
from pydantic import ValidationError

from agents.errors import CallFailed, Declined, NanoFluxError, Refused, SeatFault
from agents.models.forms.dialect import TOO_LONG
from agents.models.spec import SeatSpec
from agents.models.transport.batches import BatchFailed
from agents.models.transport.completions import UnusableReply
from agents.models.transport.http_client import Redirected
from agents.models.transport.retry_after import retry_after
from agents.offline.chat import OfflineError

RETRYABLE_4XX = (408, 409, 425, 429)
"""Client errors that may succeed on a retry."""
TIMEOUTS = (408, 504, 524)
"""A gateway gave up waiting; the model behind it may have worked, and may be paid."""
IN_TRANSIT = (
    openai.OpenAIError, ModelConnectionError, ModelTimeoutError, httpx.HTTPError, httpx2.HTTPError, aiohttp.ClientError,
    ConnectionError,
)  # fmt: skip
NEVER_SENT = (
    ConnectionRefusedError, socket.gaierror, aiohttp.ClientConnectorError, httpx.ConnectError, httpx.ConnectTimeout
)  # fmt: skip
"""No connection was made, so nothing was asked."""
UNREADABLE = (ValidationError, json.JSONDecodeError, UnicodeDecodeError, TypeError, IndexError, AttributeError)
"""What client libraries raise over a reply that they cannot make a message of."""

_KEY = re.compile(r"api[ _-]?key|unauthori[sz]ed|authenticat|credential|invalid token", re.IGNORECASE)
_MODEL = re.compile(
    r"model_not_found|model\b.{0,80}\b(?:not found|not exist|unknown|not available|no such)|"
    r"(?:not found|unknown|invalid|no such|unsupported) model|not a valid model",
    re.IGNORECASE,
)
_MONEY = re.compile(r"insufficient_quota|insufficient (?:credit|balance|funds)|billing|payment required", re.IGNORECASE)
_RATE_LIMIT = re.compile(r"rate.?limit|too many requests|quota exceeded for|throttl", re.IGNORECASE)
_FILTER = re.compile(
    r"content.?(?:filter|management|policy)|responsible.?ai|safety (?:system|filter)|moderation", re.IGNORECASE
)


def translate(spec: SeatSpec, error: Exception, answered: bool) -> NanoFluxError | None:  # a callback
    """Sort a vendor's exception by what can be done about it; None for what is no fault of the call.

    A gateway that moderates answers 403 to one question; of a seat that has never answered it may be the key.
    """
    causes = list(_causes(error))
    if isinstance(error, OfflineError):
        return SeatFault(f"{_seat(spec)} refuses every call: {_line(error)}")
    for cause in causes:
        if isinstance(cause, Redirected):
            where, flag = str(cause)[:200], f"--{spec.name}-base-url"
            return SeatFault(f"{_seat(spec)} sends every request on to {where}; name that server by {flag}")
        if isinstance(cause, BatchFailed):
            return CallFailed(f"{_seat(spec)}: {cause}", unbilled=True)
        if isinstance(cause, UnusableReply):
            return _by_status(spec, cause.status, _line(cause), error, answered=answered, in_body=True)
    status = getattr(error, "status_code", getattr(getattr(error, "response", None), "status_code", None))
    if isinstance(status, int) and status >= 300:
        return _by_status(spec, status, _line(error), error, answered=answered, in_body=False)
    return _without_status(spec, error, causes)


def _without_status(spec: SeatSpec, error: Exception, causes: list[BaseException]) -> CallFailed | None:
    if isinstance(error, IN_TRANSIT):
        return _in_transit(spec, error, causes)
    if isinstance(error, UNREADABLE):
        kind = type(error).__name__
        return CallFailed(f"{_seat(spec)} sent what the client cannot read: {kind}: {_line(error)}", unusable=True)
    return None


def _by_status(  # noqa: PLR0913  # what was said, by whom, and where it stood
    spec: SeatSpec, status: int, line: str, error: Exception, *, answered: bool, in_body: bool
) -> NanoFluxError:
    """Sort what a server said by status and words; an error in the body of a 200 counts like the same status."""
    cure, seat = _cure(spec, status, line), _seat(spec)
    code = str(getattr(error, "code", "") or "")
    if _FILTER.search(f"{code} {line}") and status < 500:
        return Declined(f"{seat} declined the request with {status}: {line}")
    if status == HTTPStatus.FORBIDDEN and _RATE_LIMIT.search(line):
        status = int(HTTPStatus.TOO_MANY_REQUESTS)
    if status == HTTPStatus.UNAUTHORIZED and answered:
        return CallFailed(f"{seat} answered 401: {line}; {cure}", unbilled=True, denied=True)
    if _hopeless(status, f"{code} {line}", answered=answered):
        where = f" at {spec.base_url}" if spec.base_url else ""
        return SeatFault(f"{seat}{where} refuses every call: {line}; {cure}")
    if status == HTTPStatus.NOT_FOUND and answered and _MODEL.search(line):  # a router that swaps models
        return CallFailed(f"{seat} answered 404: {line}", unbilled=True)
    if status == HTTPStatus.NOT_IMPLEMENTED or (400 <= status < 500 and status not in RETRYABLE_4XX):
        return Refused(f"{seat} refused the request with {status}: {line}", words=line, cure=cure)
    return CallFailed(
        f"{seat} {'reported' if in_body else 'answered'} {status}: {line}",
        too_fast=status == HTTPStatus.TOO_MANY_REQUESTS,
        retry_after_s=retry_after(getattr(getattr(error, "response", None), "headers", None) or {}),
        broke=status == HTTPStatus.INTERNAL_SERVER_ERROR,
        unbilled=status not in TIMEOUTS and not (in_body and status >= 500),
        unusable=in_body and status >= 500,
    )


def _hopeless(status: int, words: str, *, answered: bool) -> bool:
    """Whether every further call would be refused for the same reason."""
    if status in (401, 402) or "insufficient_quota" in words:
        return True
    if answered:
        return False
    if status == HTTPStatus.FORBIDDEN:
        return True
    return status in (400, 404, 422) and bool(_KEY.search(words) or _MODEL.search(words) or _MONEY.search(words))


def _cure(spec: SeatSpec, status: int, words: str) -> str:
    """Say what the user can change where a server refuses every request."""
    key = spec.key_env or "OPENAI_API_KEY"
    if _MONEY.search(words) or status == HTTPStatus.PAYMENT_REQUIRED:
        return f"add credit there, or choose another model with --{spec.name}"
    if spec.key_env == "" and (status in (401, 403) or _KEY.search(words)):
        return "it wants a key, and none may be sent to this server"
    if status in (401, 403) or _KEY.search(words):
        return f"check the key in {key}, or name its variable with --{spec.name}-key-env"
    if TOO_LONG.search(words):
        return f"lower --max-output-tokens, which is {spec.max_output} now, or give the server a larger context"
    if status == HTTPStatus.NOT_FOUND or _MODEL.search(words):
        return (
            f"check the model's name (--{spec.name} {spec.model}) and the base URL (--{spec.name}-base-url), which "
            "mostly ends in /v1"
        )
    return f"check what --{spec.name} and --{spec.name}-base-url name"


def _in_transit(spec: SeatSpec, error: Exception, causes: list[BaseException]) -> CallFailed:
    # What the SDKs make of a lost connection differs; what lies beneath does not.
    beneath = (cause for cause in causes if str(cause) and not isinstance(cause, openai.OpenAIError))
    line = " ".join(str(next(beneath, _line(error))).split())[:300]
    timeouts = (TimeoutError, httpx.TimeoutException)  # httpx2 calls every lost connection one
    return CallFailed(
        f"{_seat(spec)}: {line}",
        hung=any(isinstance(cause, timeouts) for cause in causes),
        unbilled=any(isinstance(cause, NEVER_SENT) for cause in causes),
    )


def _seat(spec: SeatSpec) -> str:
    return f"the {spec.name} ({spec.model})"


def _line(error: BaseException) -> str:
    """Return what an error says, as one line without the tags of a web page."""
    text = re.sub(r"<(?:style|script).*?</(?:style|script)>|<[^<>]{1,300}>", " ", str(error), flags=re.DOTALL)
    return " ".join(text.split())[:300] or type(error).__name__


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Give an error, what it came from, and so on."""
    while error is not None:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
