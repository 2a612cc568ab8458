"""What one model on one server takes: parameters, roles and forms of structured output, learned from its refusals.

Nothing is assumed of a server. A request that it refuses teaches what to leave out, a form of structured output that
it refuses, breaks down over, or accepts without ever yielding a record is given up for the next one. What was learned
is kept in the run's folder, so that the next sitting pays for none of it again.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Literal

Mode = Literal["json_schema", "tool", "prompt"]
Form = Literal["json_schema", "tool", "prompt", "tools", "plain"]
"""How a reply is asked for: a record in one of three forms, or free speech with tools and without."""

FRUITLESS = 3
"""Replies in a form without a record, after which another form is tried."""
BROKEN = 2
"""Failures of a form that never worked, after which another form is tried."""
LIMITS = ("max_completion_tokens", "max_tokens")
OPTIONAL = (
    "temperature", "seed", "parallel_tool_calls", "strict", "tool_choice", "stream", "top_p", "user", "n",
    "service_tier", "stream_options",
)  # fmt: skip
"""What a request can do without."""
TOO_LONG = re.compile(
    r"^(?!.*\b(?:string|array|id|name) (?:is )?too (?:long|large)).*"  # which is one value of the request
    r"(?:context|too (?:large|long|many)|exceed|maximum length|at most \d|less than|n_ctx)",
    re.IGNORECASE | re.DOTALL,
)
_SYSTEM = re.compile(
    r"(?:system|developer)\W{0,3}(?:role|message|prompt|instruction)|roles?\b.{0,60}\b(?:system|developer)",
    re.IGNORECASE,
)
FORM_WORDS = re.compile(
    r"response_format|json_schema|structured|grammar|schema|tool|function|not implemented", re.IGNORECASE
)


class Dialect:
    """What is known of one model on one server."""

    def __init__(self) -> None:
        self.limit = LIMITS[0]
        self.without: set[str] = set()
        self.limits_refused: set[str] = set()
        self.folds_system = False
        self.refused: set[Form] = set()
        """Forms that it refused while it took another."""
        self.lessons = 0
        """Changes so far, so that who was refused before one of them knows to ask again."""
        self._worked: set[Form] = set()
        self._yielded: set[Form] = set()
        self._fruitless: Counter[Form] = Counter()
        self._broken: Counter[Form] = Counter()

    def modes(self, modes: Sequence[Mode]) -> list[Mode]:
        """Return the forms of structured output to try, best first."""
        taken = [mode for mode in modes if mode not in self.refused] or list(modes)
        barren = [mode for mode in taken if mode not in self._yielded and self._fruitless[mode] >= FRUITLESS]
        return [mode for mode in taken if mode not in barren] + barren

    def rewrite(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Write a request as this server takes it."""
        sent = {name: value for name, value in body.items() if name not in self.without}
        limits = [sent.pop(name) for name in LIMITS if name in sent]
        if limits:
            sent[self.limit] = limits[0]
        sent["messages"] = [
            {**message, "content": ""} if message.get("content") is None else message for message in sent["messages"]
        ]
        return _without_strict(sent) if "strict" in self.without else sent

    def learn(self, words: str) -> bool:
        """Learn from a refusal; whether the same request may now be taken."""
        lesson = self._limit_lesson(words) or self._optional_lesson(words) or self._system_lesson(words)
        self.lessons += lesson
        return lesson

    def _limit_lesson(self, words: str) -> bool:
        named = re.search("|".join(LIMITS), words)
        if not named or named[0] != self.limit or TOO_LONG.search(words):
            return False
        self.limits_refused.add(self.limit)
        others = [name for name in LIMITS if name not in self.limits_refused]
        self.limit = (others or [self.limit])[0]
        return bool(others)

    def _optional_lesson(self, words: str) -> bool:
        for name in OPTIONAL:
            if name not in self.without and re.search(rf"(?<![\w-]){name}(?![\w-])", words) and _refusing(name, words):
                self.without.add(name)
                return True
        return False

    def _system_lesson(self, words: str) -> bool:
        if self.folds_system or not _SYSTEM.search(words):
            return False
        self.folds_system = True
        return True

    def suspect(self, form: Form, words: str) -> bool:
        """Count a failure that may be the form's doing; whether to try another form."""
        if form in self._worked or form == "plain":
            return False
        self._broken[form] += 1
        return self._broken[form] >= BROKEN or bool(FORM_WORDS.search(words))

    def worked(self, form: Form, refused: Sequence[Form]) -> None:
        """Remember that a reply came in this form, after these had been refused."""
        self._worked.add(form)
        if fresh := set(refused) - self.refused:
            self.refused |= fresh
            self.lessons += 1

    def read(self, form: Form, *, yielded: bool) -> None:
        """Count a reply in this form, by whether it held a record."""
        if yielded:
            self._yielded.add(form)
        else:
            self._fruitless[form] += 1

    def as_json(self) -> dict[str, Any]:
        """Return what the run's folder keeps."""
        return {
            "limit": self.limit,
            "limits_refused": sorted(self.limits_refused),
            "without": sorted(self.without),
            "folds_system": self.folds_system,
            "refused": sorted(self.refused),
        }

    def restore(self, kept: Mapping[str, Any]) -> None:
        """Take up what an earlier sitting learned; what is not of its shape is learned again."""
        self.limit = next((name for name in LIMITS if name == kept.get("limit")), self.limit)
        self.limits_refused |= {name for name in LIMITS if name in (kept.get("limits_refused") or ())}
        self.without |= {name for name in OPTIONAL if name in (kept.get("without") or ())}
        self.folds_system = self.folds_system or kept.get("folds_system") is True
        forms: tuple[Form, ...] = ("json_schema", "tool", "prompt", "tools")
        self.refused |= {form for form in forms if form in (kept.get("refused") or ())}


def _refusing(name: str, words: str) -> bool:
    """Whether a short name is meant as a parameter, and not as a word of the sentence."""
    if name in ("user", "n", "strict", "stream", "seed"):
        return bool(re.search(rf"['\"`.]{name}['\"`]|param\w*:? {name}\b|\bargument\w*:? {name}\b", words))
    return True


def _without_strict(body: dict[str, Any]) -> dict[str, Any]:
    """Leave out the promise that a schema is kept to the letter."""
    form = body.get("response_format")
    if isinstance(form, dict) and isinstance(form.get("json_schema"), dict):
        kept = {name: value for name, value in form["json_schema"].items() if name != "strict"}
        body = {**body, "response_format": {**form, "json_schema": kept}}
    tools = [
        {**tool, "function": {name: value for name, value in tool["function"].items() if name != "strict"}}
        for tool in body.get("tools") or ()
    ]
    return {**body, "tools": tools} if tools else body
