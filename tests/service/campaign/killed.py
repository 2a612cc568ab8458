"""Run the command line, and be killed at a boundary: `python -m tests.service.campaign.killed N ARGS` dies at the Nth.

Boundaries are where each node begins and ends, and where each write to the store begins and ends.
"""

from __future__ import annotations

import functools
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from itertools import count
from typing import Any

from graph.question.nodes.answering import Answering
from graph.question.nodes.ending import Ending
from graph.question.nodes.judging import Judging
from graph.question.nodes.reviewing import Reviewing
from graph.question.nodes.writing import Writing
from graph.run import main
from graph.storage.sqlite import RunStore

passed, last = count(1), int(sys.argv[1])


def boundary() -> None:
    if next(passed) == last:
        os.kill(os.getpid(), signal.SIGKILL)


def watched(work: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    @functools.wraps(work)
    async def around(*args: Any, **kwargs: Any) -> Any:
        boundary()
        result = await work(*args, **kwargs)
        boundary()
        return result

    return around


PLACES: dict[type, tuple[str, ...]] = {
    Writing: ("brief", "attack", "screen"),
    Answering: ("defend", "solve", "tools"),
    Judging: ("prove", "grade"),
    Reviewing: ("review",),
    Ending: ("novelty", "keep", "refuse"),
    RunStore: ("abatch",),
}
for owner, names in PLACES.items():
    for name in names:
        setattr(owner, name, watched(getattr(owner, name)))
sys.exit(main(sys.argv[2:]))
