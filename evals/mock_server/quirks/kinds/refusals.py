"""Parameters, roles and forms that a server will not take, and seats that refuse everything."""

from __future__ import annotations

from itertools import pairwise

from starlette.responses import Response

from evals.mock_server.quirks.call import Call, refuse
from evals.mock_server.quirks.table import quirk


@quirk()
def schema_400(call: Call) -> Response:
    """Refuses response_format with 400."""
    return refuse(400, "response_format json_schema is not supported") if call.form == "schema" else call.true()


@quirk()
def schema_404(call: Call) -> Response:
    """Refuses response_format with 404."""
    words = "No endpoints found that can handle the requested parameters."
    return refuse(404, words, code=404) if call.form == "schema" else call.true()


@quirk()
def schema_422(call: Call) -> Response:
    """Refuses response_format with 422."""
    return refuse(422, "body.response_format.type: input should be text") if call.form == "schema" else call.true()


@quirk()
def schema_500(call: Call) -> Response:
    """Breaks down over response_format, and says why."""
    words = 'response_format type must be one of "text" or "json_object"'
    return refuse(500, words) if call.form == "schema" else call.true()


@quirk()
def schema_500_mute(call: Call) -> Response:
    """Breaks down over response_format, and does not say why."""
    return refuse(500, "Internal Server Error") if call.form == "schema" else call.true()


@quirk()
def schema_501(call: Call) -> Response:
    """Refuses response_format with 501."""
    return refuse(501, "not available on this backend") if call.form == "schema" else call.true()


@quirk()
def schema_empty_replies(call: Call) -> Response:
    """Answers response_format with nothing."""
    return Response(b"", media_type="application/json") if call.form == "schema" else call.true()


@quirk()
def forced_400(call: Call) -> Response:
    """Refuses response_format and forced functions with 400."""
    words = "tool_choice is not supported with thinking enabled"
    return refuse(400, words) if call.form in ("schema", "forced") else call.true()


@quirk()
def forced_404(call: Call) -> Response:
    """Refuses response_format and forced functions with 404."""
    words = "No endpoints found that support the provided 'tool_choice' value."
    return refuse(404, words) if call.form in ("schema", "forced") else call.true()


@quirk()
def all_forms_but_prompt_500(call: Call) -> Response:
    """Breaks down over response_format and functions that return a record."""
    return refuse(500, "Internal Server Error") if call.form in ("schema", "forced") else call.true()


@quirk()
def auto_tools_refused(call: Call) -> Response:
    """Refuses tools that the model may choose."""
    words = '"auto" tool choice requires --enable-auto-tool-choice'
    return refuse(400, words) if call.form == "tools" else call.true()


@quirk()
def tools_500(call: Call) -> Response:
    """Breaks down over tools that the model may choose."""
    return refuse(500, "Internal Server Error") if call.form == "tools" else call.true()


@quirk()
def strict_refused(call: Call) -> Response:
    """Refuses the word strict."""
    strict = "strict" in ((call.body.get("response_format") or {}).get("json_schema") or {})
    return refuse(400, "Unknown parameter: 'response_format.json_schema.strict'") if strict else call.true()


@quirk()
def alternate(call: Call) -> Response:
    """Refuses schemas and functions, and any two messages of the same role in a row."""
    if call.form in ("schema", "forced"):
        return refuse(400, "not supported")
    roles = [message["role"] for message in call.body["messages"] if message["role"] != "system"]
    if any(left == right and left in ("user", "assistant") for left, right in pairwise(roles)):
        return refuse(400, "Conversation roles must alternate user/assistant/user/assistant/...")
    return call.true()


@quirk()
def no_user_after_tool(call: Call) -> Response:
    """Refuses a user's message right after a tool's."""
    roles = [message["role"] for message in call.body["messages"]]
    if ("tool", "user") in pairwise(roles):
        return refuse(400, "Unexpected role 'user' after role 'tool'")
    return call.true()


@quirk()
def system_not_first(call: Call) -> Response:
    """Refuses a system message anywhere but first."""
    if any(message["role"] == "system" for message in call.body["messages"][1:]):
        return refuse(400, "System message must be at the beginning.")
    return call.true()


@quirk()
def no_system(call: Call) -> Response:
    """Knows no system role."""
    if any(message["role"] in ("system", "developer") for message in call.body["messages"]):
        return refuse(400, "System role not supported")
    return call.true()


@quirk()
def content_null_refused(call: Call) -> Response:
    """Refuses a message whose content is null."""
    if any(message.get("content") is None for message in call.body["messages"]):
        return refuse(422, "messages.2.content: Input should be a valid string")
    return call.true()


@quirk()
def extra_params_422(call: Call) -> Response:
    """Refuses max_completion_tokens with 422."""
    words = '[{"type":"extra_forbidden","loc":["body","max_completion_tokens"]}]'
    return refuse(422, words) if "max_completion_tokens" in call.body else call.true()


@quirk()
def extra_params_400(call: Call) -> Response:
    """Refuses max_completion_tokens with 400."""
    words = "Unrecognized request argument supplied: max_completion_tokens"
    return refuse(400, words) if "max_completion_tokens" in call.body else call.true()


@quirk()
def max_tokens_refused(call: Call) -> Response:
    """Refuses max_tokens, and wants max_completion_tokens."""
    words = "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."
    return refuse(400, words) if "max_tokens" in call.body else call.true()


def _small_context(call: Call) -> Response:
    """Refuse what asks for longer replies than the context leaves room for."""
    bound = call.body.get("max_completion_tokens") or call.body.get("max_tokens") or 0
    if bound > 4096:
        words = f"'max_tokens' is too large: {bound}. This model's maximum context length is 8192 tokens."
        return refuse(400, words, param="max_tokens")
    return call.true()


@quirk(stops="--max-output-tokens", most_calls=20)
def context_too_small(call: Call) -> Response:
    """Has a context that the bound of a reply does not fit into."""
    return _small_context(call)


@quirk(most_calls=8, max_output_tokens=2048)
def context_that_fits(call: Call) -> Response:
    """The same server, and a bound of a reply that fits."""
    return _small_context(call)


@quirk(most_calls=8, listing={"max_model_len": 8192})
def context_listed(call: Call) -> Response:
    """The same server, which lists its context as vLLM does."""
    return _small_context(call)


@quirk(
    most_calls=8,
    listing={"owned_by": "llamacpp", "meta": {"n_ctx_train": 131_072}},
    properties={"default_generation_settings": {"n_ctx": 8192}},
)
def context_in_props(call: Call) -> Response:
    """The same server, which says at `/props` what it was started with, as llama.cpp's does."""
    return _small_context(call)


@quirk(stops="model.*--attacker", most_calls=8)
def wrong_model_400(call: Call) -> Response:
    """Says with 400 that the model does not exist."""
    return refuse(400, "invalid model: the model you asked for does not exist", code="model_not_found")


@quirk(stops="model.*--attacker", most_calls=8)
def wrong_model_404(call: Call) -> Response:
    """Says with 404 that the model does not exist."""
    return refuse(404, f"model '{call.body['model']}' not found, try pulling it first")


@quirk(stops="OPENAI_API_KEY", most_calls=8)
def wrong_key_400(call: Call) -> Response:
    """Says with 400 that the key is wrong."""
    return refuse(400, "API key not valid. Please pass a valid API key.")


@quirk(stops="OPENAI_API_KEY", most_calls=8)
def wrong_key_403(call: Call) -> Response:
    """Says with 403 that the key is wrong."""
    return refuse(403, "Forbidden")


@quirk(stops="credit", most_calls=8)
def no_credit_402(call: Call) -> Response:
    """Says with 402 that nothing is paid for."""
    return refuse(402, "This request requires more credits")


@quirk(stops="has taken no request", most_calls=20)
def refuses_everything(call: Call) -> Response:
    """Refuses every request, and does not say why."""
    return refuse(400, "Bad Request")


@quirk(stops="3 requests in a row", most_calls=60, seats=("judge",), max_candidates=None)
def refuses_verdicts(call: Call) -> Response:
    """The judge solves, and refuses every request for a verdict."""
    graded = any('<data name="reference">' in str(message.get("content")) for message in call.body["messages"])
    return refuse(400, "prompt rejected") if graded else call.true()


@quirk(seats=("judge",), max_candidates=8, most_calls=80)
def long_prompts_refused(call: Call) -> Response:
    """Now and then a prompt of the judge's is too long."""
    if call.number % 7 == 3:
        return refuse(400, "This model's maximum context length is 4096 tokens.", code="context_length_exceeded")
    return call.true()


@quirk()
def model_swapped_out(call: Call) -> Response:
    """A router that has answered says now and then that the model is not found."""
    words = f"model '{call.body['model']}' not found, try pulling it first"
    return refuse(404, words) if call.number == 4 else call.true()


@quirk()
def key_denied_once(call: Call) -> Response:
    """One 401 amid successes."""
    return refuse(401, "invalid token") if call.number == 4 else call.true()


@quirk(stops="check the key", most_calls=30)
def key_revoked(call: Call) -> Response:
    """The key is refused from the second call on, which may be known before the first is answered."""
    return refuse(401, "invalid token") if call.number > 1 else call.true()


@quirk()
def rate_limit_403(call: Call) -> Response:
    """Says with 403 that the rate limit is met."""
    return refuse(403, "You have exceeded a secondary rate limit") if call.odd else call.true()


@quirk(most_calls=60, max_candidates=8)
def filter_400(call: Call) -> Response:
    """Every third prompt is stopped by a content filter."""
    words = "The response was filtered due to the prompt triggering the content management policy."
    return refuse(400, words, code="content_filter") if call.number % 3 == 1 else call.true()
