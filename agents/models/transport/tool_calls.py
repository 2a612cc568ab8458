"""Mend the tool calls of a reply: arguments, ids and names in the shapes that servers send them.

Arguments come as an object, as JSON within JSON, as a list of one, with raw line ends, or as the bare code of the one
text that the tool takes; ids are null, empty or used before; names have a tail or a prefix; and a call that no parser
of the server took stands in the text.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from json_repair import repair_json

Call = dict[str, Any]
_IN_TEXT = re.compile(
    r"<tool_call>\s*(.*?)\s*(?:</tool_call>|$)|\[TOOL_CALLS\]\s*(.*)|<\|python_tag\|>\s*(.*)", re.DOTALL
)
_ID = re.compile(r"[!-~]{1,64}")
"""Ids that a server takes back."""
_PREFIX = re.compile(r"^(?:functions?|tools?|default_api|multi_tool_use)[.:/]")


def mended_calls(message: Mapping[str, Any], asked: Mapping[str, Any]) -> list[Call]:
    """Return the tool calls of a message as the API promises them; each id is new in the conversation."""
    given = message.get("tool_calls")
    given = [given] if isinstance(given, dict) else given
    calls = [call for call in given if isinstance(call, dict)] if isinstance(given, list) else []
    if not calls and isinstance(message.get("function_call"), dict):
        calls = [{"function": message["function_call"]}]
    tools = offered(asked)
    functions = [call["function"] if isinstance(call.get("function"), dict) else call for call in calls]
    named = [
        (call, tool_name(str(function.get("name") or ""), tools), function)
        for call, function in zip(calls, functions, strict=True)
    ]
    return _numbered(
        [(call.get("id"), name, _arguments(function, tools.get(name))) for call, name, function in named], asked
    )


def calls_in_text(text: str, asked: Mapping[str, Any]) -> tuple[str, list[Call]] | None:
    """Return the text before tool calls that a server left in it, and those calls; None where there is none."""
    tools = offered(asked)
    found = _IN_TEXT.search(text) if tools else None
    if not found:
        return None
    calls = []
    for match in _IN_TEXT.finditer(text):
        for call in _each(next(group for group in match.groups() if group is not None)):
            name = tool_name(str(call.get("name") or ""), tools)
            if name in tools:
                calls.append(
                    (None, name, _arguments({"arguments": call.get("arguments", call.get("parameters"))}, tools[name]))
                )
    return (text[: found.start()].strip(), _numbered(calls, asked)) if calls else None


def _each(text: str) -> Iterator[dict[str, Any]]:
    found = _json(text)
    for call in found if isinstance(found, list) else [found]:
        if isinstance(call, dict):
            yield call


def offered(asked: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return the parameters of the tools that a request offers, by name."""
    functions = [tool.get("function") or {} for tool in asked.get("tools") or ()]
    return {str(function.get("name", "")): function.get("parameters") or {} for function in functions}


def tool_name(given: str, tools: Mapping[str, Any]) -> str:
    """Return the offered tool that a name means, else the name."""
    if given in tools:
        return given
    bare = re.split(r"<\||[\s({:]", _PREFIX.sub("", given.strip()), maxsplit=1)[0].strip("`'\"")
    return bare if bare in tools else given


def _arguments(function: Mapping[str, Any], parameters: Mapping[str, Any] | None) -> str:
    """Return arguments as the JSON of an object; as they are where they cannot be one."""
    given = function.get("arguments")
    found = _object(given)
    if found is not None:
        return json.dumps(found)
    text = given if isinstance(given, str) else json.dumps(given)
    properties = list((parameters or {}).get("properties") or ())
    bare = len(properties) == 1 and isinstance(given, str) and not given.lstrip().startswith(("{", "["))
    if bare:
        return json.dumps({properties[0]: re.sub(r"^```\w*\n|\n```\s*$", "", text)})
    repaired = repair_json(text, return_objects=True) if text.lstrip().startswith("{") else None
    return json.dumps(repaired) if isinstance(repaired, dict) and repaired else text


def _object(given: Any) -> dict[str, Any] | None:
    """Read an object: itself, of JSON, of JSON within JSON, or as the only one of a list."""
    for _ in range(3):
        if isinstance(given, str):
            given = {} if not given.strip() else _json(given)
        if isinstance(given, list) and len(given) == 1:
            given = given[0]
        if given is None:
            return None
        if isinstance(given, dict):
            return given
    return None


def _json(text: str) -> Any:
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def _numbered(calls: list[tuple[Any, str, str]], asked: Mapping[str, Any]) -> list[Call]:
    """Keep the ids that can be told apart, and make up the others: nine letters and digits suit every server."""
    messages = asked.get("messages") or []
    used = {str(call.get("id")) for message in messages for call in message.get("tool_calls") or ()}
    made = []
    for place, (given, name, arguments) in enumerate(calls):
        own = str(given or "")
        if not _ID.fullmatch(own) or own in used:
            own = hashlib.sha256(f"{len(messages)}/{place}/{given!a}".encode()).hexdigest()[:9]
        used.add(own)
        made.append({"id": own, "type": "function", "function": {"name": name, "arguments": arguments}})
    return made
