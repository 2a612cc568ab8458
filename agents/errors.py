"""Every error a role can meet, as one tree.

NanoFluxError
├── SetupError      the user can mend it before anything runs: exit code 2
├── SeatFault       a seat will refuse every further call (key, model name): the run stops
│   └── Outage      nothing got through to it for long: the run parks, and can go on later
├── NotAdmitted     no further paid call may start: a bound is met, or the run is ending
└── CallError       one call failed
    ├── Refused     the server would not take this request (400, 413, 422)
    ├── CallFailed  the call failed in transit; the rate limiter tries again while that can help
    └── Unreadable  the reply did not become the record, however often it was asked again
        └── Declined  the model, or a content filter, would not answer this request
"""

from __future__ import annotations


class NanoFluxError(RuntimeError):
    """Root of the tree; a LangGraph server tells its clients the messages of such errors, and of few others."""


class SetupError(NanoFluxError):
    """Something is missing or misspelt; the message says what to do."""


class SeatFault(NanoFluxError):
    """No call to this seat can succeed; the message names the seat and the cause."""


class Outage(SeatFault):
    """Nothing got through for longer than one should wait; the same command goes on later."""


class NotAdmitted(NanoFluxError):
    """No further paid call may start; the message says which bound is met."""


class CallError(NanoFluxError):
    """One model call came to nothing."""


class Refused(CallError):
    """The server refused the request; it would again.

    Attributes:
        words: What the server said.
        cure: What the user can change where it refuses every request.
        transient: The failure behind it, where its status says that it may pass, and only its recurrence suggests that
            the server does not take this form of request.
    """

    def __init__(self, message: str, *, words: str = "", cure: str = "", transient: CallFailed | None = None) -> None:
        super().__init__(message)
        self.words, self.cure, self.transient = words or message, cure, transient


class CallFailed(CallError):
    """The call failed in transit.

    Attributes:
        too_fast: The server refused it for haste, so waiting is the whole remedy.
        retry_after_s: Seconds that the server asked to wait.
        hung: No reply came in time.
        broke: The server broke down over it and said so (500), which may be this request's doing alone.
        unbilled: The server said no, or was not reached, so nothing was charged; else nobody knows.
        unusable: A reply came with status 200, and it is no chat completion.
        denied: The key was refused, which others of the same seat were not.
    """

    def __init__(  # noqa: PLR0913  # facts of their own, each by name
        self,
        message: str,
        *,
        too_fast: bool = False,
        retry_after_s: float | None = None,
        hung: bool = False,
        broke: bool = False,
        unbilled: bool = False,
        unusable: bool = False,
        denied: bool = False,
    ) -> None:
        super().__init__(message)
        self.too_fast, self.retry_after_s = too_fast, retry_after_s
        self.hung, self.broke, self.unbilled = hung, broke, unbilled
        self.unusable, self.denied = unusable, denied


class Unreadable(CallError):
    """The model's reply could not be read as the record it was asked for."""


class Declined(Unreadable):
    """The model, or a content filter before it, would not answer; another question may be answered."""
