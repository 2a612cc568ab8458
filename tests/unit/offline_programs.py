"""Run many programs in one fresh interpreter: a test of hundreds of programs starts one process, not hundreds."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence

_RUNNER = """
import contextlib, io, json, sys
printed = []
for code in json.load(sys.stdin):
    out = io.StringIO()
    try:
        with contextlib.redirect_stdout(out):
            exec(code, {"__name__": "__main__"})
    except Exception as error:
        out.write(f"{type(error).__name__}: {error}")
    printed.append(out.getvalue().strip())
json.dump(printed, sys.stdout)
"""


def outputs(programs: Sequence[str]) -> list[str]:
    """Return what each program prints, or its error."""
    done = subprocess.run(
        [sys.executable, "-I", "-c", _RUNNER],
        input=json.dumps(list(programs)),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    printed: list[str] = json.loads(done.stdout)
    return printed
