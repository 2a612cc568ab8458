"""The tool by which the Judge ends its blind solution of a computed question: it submits a `solve` of its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tools.inputs.kinds import Wire
from tools.judge_tools.port import JudgeTool, ToolRun
from tools.programs.solve import call_solve
from tools.sandbox.port import Limits, Sandbox

SUBMIT = "submit_solution"
_DESCRIPTION = (
    "Submit your solution: a program that defines solve(...) with exactly the inputs' names as parameters and returns "
    "the answer. It is called with the stated inputs, and with others of the same kinds; so compute from the "
    "parameters alone, and raise an exception for inputs with which the story is impossible. This ends your work, "
    "unless the program fails."
)
_FENCE = re.compile(r"```(?:python|py)?[ \t]*\n(.*?)```", re.DOTALL)


class SubmitArguments(BaseModel):
    """What `submit_solution` takes."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field(description="a complete program that defines solve")


def submit_tool(
    stated: Mapping[str, Wire], admits: Callable[[str], bool], *, formula: bool, limits: Limits
) -> JudgeTool:
    """Return the tool for one question.

    Args:
        stated: The stated inputs, by name, as the harness takes them.
        admits: Whether a value's text can be an answer of the question's kind.
        formula: Whether a formula is asked for.
        limits: Of the run.
    """

    async def submit(sandbox: Sandbox, arguments: dict[str, Any]) -> ToolRun:
        try:
            code = SubmitArguments.model_validate(arguments).code
        except ValidationError as error:
            return ToolRun(
                f"The call could not be read: {error.errors()[0]['msg']}. Give one string, `code`.", "", None
            )
        value = (await call_solve(sandbox, code, [stated], formula=formula, limits=limits)).first
        if isinstance(value, str):
            return ToolRun(f"Not recorded: {value}. Submit again.", code, None)
        if not admits(value.text):
            return ToolRun(f"Not recorded: {value.text[:200]!r} is no answer of the kind asked for.", code, None)
        return ToolRun(f"Recorded: solve returned {value.text[:200]} for the stated inputs.", code, None, value.text)

    return JudgeTool(SUBMIT, _DESCRIPTION, SubmitArguments, submit)


def fenced_program(text: str) -> str | None:
    """Return the last fenced program of a reply that defines `solve`: a submission where no tool can be called."""
    programs = [block for block in _FENCE.findall(text) if re.search(r"^def solve\b", block, re.MULTILINE)]
    return programs[-1] if programs else None
