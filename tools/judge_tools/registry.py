"""The tools that a domain pack can name; adding one means one file and one row here."""

from __future__ import annotations

from tools.judge_tools.port import JudgeTool
from tools.judge_tools.python import DESCRIPTION, PythonArguments, run_python

JUDGE_TOOLS: dict[str, JudgeTool] = {
    "python": JudgeTool("python", DESCRIPTION, PythonArguments, run_python),
}
