"""Why a request is not carried out: one class a status, and the text is the one line that the caller gets."""

from __future__ import annotations

from typing import ClassVar


class ServiceFault(Exception):  # each becomes an answer, so no Error in the names
    """Root of the tree."""

    status: ClassVar[int]


class Missing(ServiceFault):
    """There is no such run, row or file."""

    status = 404


class Conflict(ServiceFault):
    """The request is well formed, but the run cannot begin so, or is not in a state for it."""

    status = 409


class TooManyRuns(ServiceFault):
    """As many runs are in progress as the owner allows."""

    status = 429
