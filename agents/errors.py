"""Every error a role can meet, as one tree.

NanoFluxError
├── SetupError      the user can mend it before anything runs: exit code 2
├── SeatFault       a seat will refuse every further call (key, model name): the run stops
└── CallError       one call failed
    ├── Refused     the server would not take this form of request (400, 422)
    ├── CallFailed  the fault outlasted the retries
    └── Unreadable  the reply did not become the record, however often it was asked again
"""

from __future__ import annotations


class NanoFluxError(Exception):
    """Root of the tree."""


class SetupError(NanoFluxError):
    """Something is missing or misspelt; the message says what to do."""


class SeatFault(NanoFluxError):
    """No call to this seat can succeed; the message names the seat and the cause."""


class CallError(NanoFluxError):
    """One model call came to nothing."""


class Refused(CallError):
    """The server refused the request's form."""


class CallFailed(CallError):
    """The call failed after all retries."""


class Unreadable(CallError):
    """The model's reply could not be read as the record it was asked for."""
