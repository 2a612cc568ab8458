"""The Judge's free Python tool."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tools.judge_tools.port import ToolRun, shown
from tools.programs.static_look import show_last_value
from tools.sandbox.port import Sandbox, code_hash


class PythonArguments(BaseModel):
    """What `python` takes."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field(description="a complete program; nothing is kept from earlier calls")


async def run_python(sandbox: Sandbox, arguments: dict[str, Any]) -> ToolRun:
    """Run the program and show it as a notebook would, the last expression's value included."""
    try:
        code = PythonArguments.model_validate(arguments).code
    except ValidationError as error:
        return ToolRun(f"The call could not be read: {error.errors()[0]['msg']}. Give one string, `code`.", "", None)
    execution = (await sandbox.run(show_last_value(code))).trusted()
    execution = execution.model_copy(update={"code_sha256": code_hash(code)})
    return ToolRun(shown(execution), code, execution)


DESCRIPTION = (
    "Run a Python program in a sandbox without network and see what it prints; the value of a last expression is shown "
    "too. numpy and sympy are installed. Each call starts afresh: repeat imports and definitions."
)
