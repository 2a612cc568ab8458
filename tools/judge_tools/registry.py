"""The tools that a domain pack can name; adding one means one typed function and one row here."""

from __future__ import annotations

from tools.judge_tools.port import JudgeTool
from tools.judge_tools.python import _PYTHON, PythonArguments, run_python

JUDGE_TOOLS: dict[str, JudgeTool] = {
    "python": JudgeTool("python", _PYTHON, PythonArguments, run_python),
}
