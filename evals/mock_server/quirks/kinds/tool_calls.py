"""Tool calls in the shapes that servers send them; only the judge makes any."""

from __future__ import annotations

import copy
import json

from starlette.responses import Response

from evals.mock_server.quirks.call import Call, refuse
from evals.mock_server.quirks.table import quirk


@quirk(most_calls=8)
def arguments_an_object(call: Call) -> Response:
    """Arguments are an object."""
    return call.with_arguments(json.loads)


@quirk(most_calls=8)
def arguments_doubled(call: Call) -> Response:
    """Arguments are JSON within JSON."""
    return call.with_arguments(json.dumps)


@quirk(most_calls=8)
def arguments_a_list(call: Call) -> Response:
    """Arguments are a list of one object."""
    return call.with_arguments(lambda text: f"[{text}]")


@quirk(most_calls=8)
def arguments_bare_code(call: Call) -> Response:
    """Arguments are the bare code."""
    return call.with_arguments(lambda text: json.loads(text).get("code", text))


@quirk(most_calls=8)
def arguments_fenced_code(call: Call) -> Response:
    """Arguments are the code in a fence."""
    return call.with_arguments(lambda text: f"```python\n{json.loads(text).get('code', text)}\n```")


@quirk(most_calls=8)
def arguments_raw_line_ends(call: Call) -> Response:
    """Arguments have raw line ends in their strings."""
    return call.with_arguments(lambda text: text.replace("\\n", "\n"))


@quirk(most_calls=20)
def arguments_null_at_times(call: Call) -> Response:
    """Every other call has no arguments."""
    return call.with_arguments(lambda text: None if call.odd else text)


@quirk(most_calls=8)
def arguments_cut(call: Call) -> Response:
    """Arguments lack their last brace."""
    return call.with_arguments(lambda text: text.removesuffix("}"))


@quirk(most_calls=8)
def id_null(call: Call) -> Response:
    """Calls have null for an id."""
    for made in call.message.get("tool_calls") or ():
        made["id"] = None
    return call.true()


@quirk(most_calls=8)
def id_missing(call: Call) -> Response:
    """Calls have no id."""
    for made in call.message.get("tool_calls") or ():
        made.pop("id")
    return call.true()


@quirk(most_calls=8)
def id_empty(call: Call) -> Response:
    """Calls have an empty id."""
    for made in call.message.get("tool_calls") or ():
        made["id"] = ""
    return call.true()


@quirk(most_calls=8)
def id_reused(call: Call) -> Response:
    """Every call has the same id."""
    for made in call.message.get("tool_calls") or ():
        made["id"] = "call_0"
    return call.true()


@quirk(most_calls=8)
def twins(call: Call) -> Response:
    """Each call comes twice under one id."""
    made = call.message.get("tool_calls")
    if made:
        call.message["tool_calls"] = [made[0], copy.deepcopy(made[0])]
    return call.true()


@quirk(most_calls=8)
def type_missing(call: Call) -> Response:
    """Calls have no type."""
    for made in call.message.get("tool_calls") or ():
        made.pop("type")
    return call.true()


@quirk(most_calls=8)
def name_with_prefix(call: Call) -> Response:
    """Names have a prefix."""
    for function in call.functions:
        function["name"] = f"functions.{function['name']}"
    return call.true()


@quirk(most_calls=8)
def name_with_tail(call: Call) -> Response:
    """Names have the tail of a channel."""
    for function in call.functions:
        function["name"] += "<|channel|>commentary"
    return call.true()


@quirk(most_calls=8)
def finish_stop(call: Call) -> Response:
    """Tool calls finish with stop and an empty text."""
    if call.functions:
        call.choice["finish_reason"], call.message["content"] = "stop", ""
    return call.true()


@quirk(most_calls=8)
def call_in_text(call: Call) -> Response:
    """The call stands in the text, since no parser took it."""
    if call.functions:
        function = call.functions[0]
        written = json.dumps({"name": function["name"], "arguments": json.loads(function["arguments"])})
        call.message.pop("tool_calls")
        call.choice["finish_reason"], call.message["content"] = "stop", f"<tool_call>\n{written}\n</tool_call>"
    return call.true()


@quirk(most_calls=8)
def call_in_text_mistral(call: Call) -> Response:
    """The calls stand in the text as a list after a token."""
    if call.functions:
        function = call.functions[0]
        written = json.dumps([{"name": function["name"], "arguments": json.loads(function["arguments"])}])
        call.message.pop("tool_calls")
        call.choice["finish_reason"], call.message["content"] = "stop", f"[TOOL_CALLS]{written}"
    return call.true()


@quirk(most_calls=8)
def old_function_call(call: Call) -> Response:
    """The call stands in the field of an older API."""
    if call.functions:
        call.message["function_call"] = call.message.pop("tool_calls")[0]["function"]
    return call.true()


@quirk(most_calls=8)
def other_fields_null(call: Call) -> Response:
    """Fields that a message does not have are null."""
    for name in ("tool_calls", "function_call", "audio", "refusal", "annotations"):
        call.message.setdefault(name, None)
    return call.true()


@quirk(most_calls=20)
def history_checked(call: Call) -> Response:
    """Bad arguments come once, and history with such arguments or unanswered calls is refused."""
    messages = call.body["messages"]
    for place, message in enumerate(messages):
        made = message.get("tool_calls") or []
        if not all(_is_object(one["function"]["arguments"]) for one in made):
            return refuse(400, "messages.2.tool_use.input: Input should be a valid dictionary")
        answered = [later.get("tool_call_id") for later in messages[place + 1 : place + 1 + len(made)]]
        if sorted(answered, key=str) != sorted((one["id"] for one in made), key=str):
            return refuse(400, "tool_calls must be followed by messages that answer each tool_call_id")
    return call.with_arguments(lambda text: f'{{"code": {text}' if call.number == 1 else text)


@quirk(most_calls=20)
def arguments_null(call: Call) -> Response:
    """The first tool call has null for arguments."""
    return call.with_arguments(lambda text: None if call.number == 1 else text)


@quirk(most_calls=20)
def tool_calls_odd(call: Call) -> Response:
    """Lists of tool calls hold nulls, texts, and calls whose name is null."""
    if made := call.message.get("tool_calls"):
        call.message["tool_calls"] = [None, "x", {"id": 3, "function": None}, *made]
    return call.true()


@quirk(most_calls=20)
def tool_calls_an_object(call: Call) -> Response:
    """The tool call is an object instead of a list of one."""
    if made := call.message.get("tool_calls"):
        call.message["tool_calls"] = made[0]
    return call.true()


@quirk(most_calls=20)
def id_a_number(call: Call) -> Response:
    """Ids of calls and of replies are numbers."""
    call.completion["id"] = 17
    for place, made in enumerate(call.message.get("tool_calls") or ()):
        made["id"] = 1000 * call.number + place
    return call.true()


@quirk(most_calls=20)
def id_of_a_thousand(call: Call) -> Response:
    """Ids of calls have a thousand characters, and more than 64 are refused when sent back."""
    for message in call.body["messages"]:
        if any(len(made["id"]) > 64 for made in message.get("tool_calls") or ()):
            return refuse(400, "Invalid 'messages[2].tool_calls[0].id': string too long. Expected at most 64.")
    for made in call.message.get("tool_calls") or ():
        made["id"] = f"{call.number}" * 1000
    return call.true()


@quirk(most_calls=20)
def unknown_tool_first(call: Call) -> Response:
    """The first tool call names a tool that nobody offered."""
    if call.number == 1:
        for function in call.functions:
            function["name"] = "browser.search"
    return call.true()


@quirk(most_calls=12)
def half_characters_in_arguments(call: Call) -> Response:
    """Arguments of tool calls hold halves of characters."""
    return call.with_arguments(lambda text: json.dumps({"code": "# \ud83d\n" + json.loads(text).get("code", "")}))


@quirk(most_calls=20)
def two_systems_refused(call: Call) -> Response:
    """More than one system message is refused."""
    if sum(message["role"] == "system" for message in call.body["messages"]) > 1:
        return refuse(400, "Only one system message is allowed")
    return call.true()


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False
