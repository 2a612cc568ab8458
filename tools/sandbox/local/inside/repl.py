"""Run a program with LangChain's PythonREPL, in a process that is closed in already.

`PythonREPL.run` cannot be used as it is: it makes a queue of multiprocessing, which wants a semaphore of the machine's,
keeps all output in memory until the end, and turns an error into text. Its `worker` does the work, so that is what
runs: its cleaning of the text (code fences, a leading "python"), its `exec`. The cleaning and the queue are replaced,
to give back what it drops: the output as it comes, a real traceback and the program's own exit code.
"""

from __future__ import annotations

import sys
from types import CodeType
from typing import Any

from langchain_experimental.utilities.python import PythonREPL

from tools.sandbox.local.inside.program import NAME

_STREAM = sys.stdout


class _REPL(PythonREPL):
    @staticmethod
    def sanitize_input(query: str) -> CodeType:  # type: ignore[override]  # `exec` takes both; this one has a name
        """Clean the text as LangChain does, and compile it under the program's name."""
        sys.stdout = _STREAM  # the worker has just put a buffer there, which a killed program would take with it
        return compile(PythonREPL.sanitize_input(query), NAME, "exec", dont_inherit=True)


class _Reply:
    """Stands for the queue that the worker answers on."""

    error: BaseException | None = None

    def put(self, text: str) -> None:
        """Take the answer; for an error it is only its text, but the error itself is being handled."""
        self.error = sys.exception()
        if self.error is None:
            sys.stdout.write(text)


def execute(source: bytes, space: dict[str, Any]) -> None:
    """Run the program's text with these names, for globals and locals alike: two would break functions and classes."""
    reply = _Reply()
    _REPL.worker(source.decode(), space, space, reply)  # type: ignore[arg-type]  # only `put` is called
    if reply.error is not None:
        raise reply.error
