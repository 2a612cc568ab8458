"""Chat completions in odd shapes become the one shape that the client library takes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from agents.models.forms.dialect import TOO_LONG
from agents.models.transport.completions import UnusableReply, read_completion

ASKED = {"model": "m", "messages": [], "tools": [{"function": {"name": "python", "parameters": {}}}]}
CALL = {"id": "c1", "function": {"name": "python", "arguments": '{"code": "print(1)"}'}}


def message(said: dict[str, Any], **more: Any) -> dict[str, Any]:
    body = {"choices": [{"message": said, "finish_reason": "stop"}], **more}
    found: dict[str, Any] = read_completion(json.dumps(body).encode(), ASKED)["choices"][0]["message"]
    return found


@pytest.mark.parametrize(
    "content",
    [
        [{"type": "text", "text": {"value": "42", "annotations": []}}],
        [{"type": "reasoning", "text": "41?"}, {"type": "text", "text": "42"}],
        [None, 7, {"type": "text", "text": None}, "42"],
    ],
)
def test_parts_are_joined_and_thoughts_left_out(content: list[Any]) -> None:
    assert message({"content": content})["content"] == "42"


@pytest.mark.parametrize("count", [10**1000, -(10**1000), float("inf"), float("nan"), "3", True, None])
def test_a_count_that_can_be_none_is_no_usage(count: Any) -> None:
    usage = {"prompt_tokens": count, "completion_tokens": count}
    body = {"choices": [{"message": {"content": "42"}}], "usage": usage}
    assert read_completion(json.dumps(body).encode(), ASKED)["usage"] is None


def test_an_id_that_servers_take_back_is_kept_and_any_other_replaced() -> None:
    assert message({"tool_calls": CALL})["tool_calls"][0]["id"] == "c1"
    for odd in ("x" * 65, "a b", "\ud83d", "", None):
        made = message({"tool_calls": [{**CALL, "id": odd}]})["tool_calls"][0]["id"]
        assert made.isascii()
        assert made.isalnum()
        assert len(made) == 9


def test_a_stream_is_joined_and_a_cut_one_is_no_reply() -> None:
    pieces: list[dict[str, Any]] = [
        {"choices": [{"delta": {"content": "I run "}}]},
        {"choices": [{"delta": {"content": "it."}}]},
        {"choices": [{"delta": {"tool_calls": [{"index": 0, "id": "c1", "function": {"name": "python"}}]}}]},
        {"choices": [{"delta": {"tool_calls": [{"index": 0, "function": {"arguments": '{"code": "print'}}]}}]},
        {"choices": [{"delta": {"tool_calls": [{"index": 0, "function": {"arguments": '(1)"}'}}]}}]},
        {"choices": [{"delta": {}, "finish_reason": "tool_calls"}]},
        {"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 2}},
    ]
    lines = [f"data: {json.dumps(piece)}" for piece in pieces]
    stream = "\n\n".join([": hello", *lines, "data: [DONE]"])
    found = read_completion(stream.encode(), ASKED)
    said = found["choices"][0]["message"]
    assert said["content"] == "I run it."
    assert [made["function"] for made in said["tool_calls"]] == [CALL["function"]]
    assert found["usage"]["total_tokens"] == 5
    with pytest.raises(UnusableReply):
        read_completion("\n\n".join(lines[:4]).encode(), ASKED)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        ({"message": "busy", "code": "429"}, 429),
        ({"message": "Provider returned error", "code": 502, "metadata": {"raw": '{"error": {"code": 429}}'}}, 429),
        ({"message": "Provider returned error", "metadata": {"raw": {"error": {"code": "402"}}}}, 402),
        ({"message": "Provider returned error", "metadata": {"raw": "Rate limit reached"}}, 429),
        ({"message": "no such model", "code": 404, "metadata": {"raw": '{"status": 500}'}}, 404),
        ({"message": "odd", "metadata": "none"}, 502),
        (["busy"], 502),
    ],
)
def test_an_error_of_the_body_has_the_status_that_it_means(error: object, status: int) -> None:
    with pytest.raises(UnusableReply) as raised:
        read_completion(json.dumps({"error": error}).encode(), {})
    assert raised.value.status == status


@pytest.mark.parametrize(
    ("words", "long"),
    [
        ("This model's maximum context length is 4096 tokens.", True),
        ("max_tokens is too large: 9000", True),
        ("Invalid 'messages[2].tool_calls[0].id': string too long. Expected a string with maximum length 64.", False),
        ("Invalid 'tools': array too long. Expected at most 128 tools.", False),
    ],
)
def test_one_value_that_is_too_long_is_no_small_context(words: str, long: bool) -> None:
    assert bool(TOO_LONG.search(words)) is long
