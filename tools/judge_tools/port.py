"""The tools that the Judge may call; each runs in the sandbox, and what it ran is evidence.

A domain pack names tools; adding one means one file here and one row of `JUDGE_TOOLS`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from pydantic import BaseModel

from tools.sandbox.port import Execution, Sandbox

SHOWN_CHARACTERS = 4000
"""Of each stream; a longer one loses its middle, since answers stand at the end and headings at the start."""


class ToolRun(NamedTuple):
    """What a call gave: the text for the model and, where a program ran, that program and its execution."""

    text: str
    code: str
    execution: Execution | None
    value: str | None = None
    """The answer that a submitted solution returned for the stated inputs."""


@dataclass(frozen=True)
class JudgeTool:
    """A tool as the model sees it (`schema`) and as the graph calls it (`run`)."""

    name: str
    description: str
    arguments: type[BaseModel]
    run: Callable[[Sandbox, dict[str, Any]], Awaitable[ToolRun]]
    """Called with the model's arguments; raises SandboxError where the sandbox itself failed."""

    @cached_property
    def schema(self) -> dict[str, Any]:
        """The tool in OpenAI's form."""
        from langchain_core.tools import StructuredTool  # noqa: PLC0415  # slow to load, and only models need it
        from langchain_core.utils.function_calling import convert_to_openai_tool  # noqa: PLC0415  # as above

        tool = StructuredTool(name=self.name, description=self.description, args_schema=self.arguments)
        return convert_to_openai_tool(tool)


def shown(execution: Execution) -> str:
    """Write an execution as the text that a model reads."""
    parts = [cut_middle(execution.stdout.rstrip("\n"))]
    if execution.stderr:
        parts.append(cut_middle(execution.stderr.rstrip("\n")))
    match execution.status:
        case "timeout":
            parts.append("[stopped: the program ran longer than allowed]")
        case "cpu_limit":
            parts.append("[stopped: the program used more CPU time than allowed]")
        case "output_limit":
            parts.append("[stopped: the program printed too much]")
        case "crashed":
            parts.append(f"[the interpreter was killed by signal {execution.signal}]")
        case "error" if not execution.stderr:
            parts.append(f"[the program ended with exit code {execution.exit_code}]")
        case _:
            if execution.truncated:
                parts.append("[the output was too long; the rest was dropped]")
    return "\n".join(part for part in parts if part) or "[the program printed nothing]"


def cut_middle(text: str, limit: int = SHOWN_CHARACTERS) -> str:
    """Drop the middle of a text that is longer than the limit and say how much."""
    if len(text) <= limit:
        return text
    half = limit // 2
    return f"{text[:half]}\n[... {len(text) - 2 * half} characters dropped ...]\n{text[-half:]}"
