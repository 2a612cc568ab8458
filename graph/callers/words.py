"""What a caller over HTTP is answered: our words without flags, and without addresses and folders of the server."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Mapping
from typing import Any

from langgraph.errors import EmptyInputError

from agents.errors import NanoFluxError, SetupError
from graph.settings import Settings
from prompts.domain import DomainError
from tools.novelty.port import NoveltyError
from tools.sandbox.port import SandboxError

FORESEEN = (NanoFluxError, DomainError, NoveltyError, SandboxError)

RANGES = {"pass_rate": ("pass_rate_low", "pass_rate_high"), "hops": ("hops_low", "hops_high")}
"""Settings that are two numbers over HTTP."""

_FLAG = re.compile(r"(?<![\w-])--([a-z]+(?:-[a-z]+)*)")
_ADDRESS = re.compile(r"https?://[^\s;,'\")]+")
_FOLDER = re.compile(r"(?<![\w/:.])/(?:[^\s;,:'\"()/]+/)+")
_OBJECT = re.compile(r" at 0x[0-9a-f]+")


def without_flags(text: str) -> str:
    """Write the settings that a text names as flags as they are called over HTTP."""

    def setting(flag: re.Match[str]) -> str:
        name = flag[1].replace("-", "_")
        if name in RANGES:
            return " to ".join(RANGES[name])
        return name if name in Settings.model_fields or name == "force" else flag[0]

    return _FLAG.sub(setting, text)


def for_callers(text: str, stated: Mapping[str, Any]) -> str:
    """Rewrite a message of ours: flags become settings, and addresses and folders that were not stated are left out."""

    def unless_stated(instead: str) -> Callable[[re.Match[str]], str]:
        def shown(found: re.Match[str]) -> str:
            texts = [value for value in stated.values() if isinstance(value, str) and value]
            theirs = any(found[0].startswith(text) or text.startswith(found[0]) for text in texts)
            return found[0] if theirs else instead

        return shown

    text = _ADDRESS.sub(unless_stated("its server"), without_flags(text))
    text = _OBJECT.sub("", _FOLDER.sub(unless_stated(""), text))
    return text.replace("the same command", "the same request")


def event_for_callers(event: Any, stated: Mapping[str, Any]) -> Any:
    """Rewrite the texts of a progress event."""
    if not isinstance(event, dict):
        return event
    texts = {"text", "ending", "reason", "waiting"} & event.keys()
    return event | {name: for_callers(event[name], stated) for name in texts if isinstance(event[name], str)}


def error_for_callers(error: Exception, stated: Mapping[str, Any]) -> NanoFluxError:
    """Return the error that the caller gets; the server's log has the other.

    `/mcp` hands on the name of an error's class and nothing else, so the class is named by what it says.
    """
    if isinstance(error, FORESEEN):
        line = for_callers(str(error), stated)
    elif isinstance(error, EmptyInputError):
        line = "the thread has nothing to go on with; give an input"
    elif isinstance(error, OSError | sqlite3.Error):
        line = f"the server cannot read or write its files ({type(error).__name__}); its log says which"
    else:
        line = f"the server met a fault of its own ({type(error).__name__}); its log has the details"
    kind: type[SetupError] = type(f"SetupError: {line}", (SetupError,), {})
    return kind(line)
