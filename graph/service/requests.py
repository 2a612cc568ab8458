"""What a caller may send, as a record made of the form's fields: each with its type, bounds and description."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, create_model

from graph.callers.form import properties
from graph.service.running.runs import offered


def _whole(value: Any) -> Any:
    """Take 3.0 for 3, as JSON Schema does."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


BOUNDS = {"minimum": "ge", "maximum": "le", "exclusiveMinimum": "gt", "exclusiveMaximum": "lt"}
RUN_NAME = "[A-Za-z0-9][A-Za-z0-9_-]{0,63}"


class Resume(BaseModel):
    """How a run goes on; settings that are not stated stay as they were."""

    model_config = ConfigDict(extra="forbid", strict=True)

    force: bool = Field(False, description="resume although settings differ from before")


class FileName(StrEnum):
    """A file of a run."""

    DATASET = "dataset.jsonl"
    REFUSED = "refused.jsonl"
    COVERAGE = "coverage.json"
    CARD = "README.md"
    CROISSANT = "croissant.json"
    REPORT = "report.html"
    REPORT_TEXT = "report.md"


class ExportFormat(StrEnum):
    """A form of the rows that trainers read (docs/after-a-run.md)."""

    CHAT = "chat"
    PROMPT_COMPLETION = "prompt_completion"
    PREFERENCE = "preference"
    KTO = "kto"
    RLVR = "rlvr"
    PRM = "prm"
    ALPACA = "alpaca"
    SHAREGPT = "sharegpt"
    ROWS = "rows"


def _field(name: str, described: dict[str, Any]) -> tuple[Any, Any]:
    """Turn a field's JSON Schema into a type and a field; whatever is not stated is None."""
    options = [described, *described.get("anyOf", [])]
    kinds = {kind for option in options for kind in _kinds(option)} - {"null"}
    bounds = {BOUNDS[key]: value for option in options for key, value in option.items() if key in BOUNDS}
    choices = described.get("enum")
    default = described.get("default")
    text = described["description"] + (f"; {default!r} if not stated" if default not in (None, "", []) else "")
    more: dict[str, Any] = {"title": described["title"], "description": text}
    if kinds == {"array"}:
        kind: Any = list[Literal[tuple(described["items"]["enum"])]]  # type: ignore[misc]  # made of data
        more["max_length"] = len(described["items"]["enum"])
    elif choices:
        kind = Literal[tuple(choice for choice in choices if choice)]
    elif kinds == {"string"}:
        kind = str
        more["max_length"] = 4096
        more["pattern"] = f"^({RUN_NAME})?$" if name == "name" else None
    elif kinds == {"boolean"}:
        kind = bool
    elif "number" in kinds:
        kind = Annotated[float, Field(**bounds)]
    else:
        kind = Annotated[int, Field(**bounds), BeforeValidator(_whole)]
    return kind | None, Field(None, **more)


def _kinds(option: dict[str, Any]) -> list[str]:
    kind = option.get("type", [])
    return [kind] if isinstance(kind, str) else list(kind)


Start = cast(
    type[Resume],
    create_model(
        "Start",
        __base__=Resume,
        __doc__="Settings of a run; what is not stated is as the server's owner has it. The run of that name resumes.",
        **{name: _field(name, described) for name, described in properties(offered()).items()},  # type: ignore[call-overload]  # fields made of data
    ),
)
"""Settings of a run to be started."""


def stated(request: Resume) -> dict[str, Any]:
    """Return the settings that a request states."""
    return request.model_dump(exclude_unset=True, exclude={"force"})
