"""Servers that chat as they should, and list their models in some other shape, or not at all."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response

from evals.mock_server.quirks.call import Call
from evals.mock_server.quirks.table import quirk

PAGE = "<html><h1>Welcome to the console</h1></html>"


@quirk(most_calls=8, models=Response(PAGE, media_type="text/html"))
def listing_a_page(call: Call) -> Response:
    """The listing is a web page."""
    return call.true()


@quirk(most_calls=8, models=Response("{", media_type="application/json"))
def listing_broken(call: Call) -> Response:
    """The listing is no JSON."""
    return call.true()


@quirk(most_calls=8, models=JSONResponse(["quirky-attacker", {"id": None}, None]))
def listing_bare(call: Call) -> Response:
    """The listing is a bare list."""
    return call.true()


@quirk(most_calls=8, models=JSONResponse({"object": "list", "data": [None, "m", {"id": None}, {"id": 7}, {}]}))
def listing_odd(call: Call) -> Response:
    """The listing holds nulls, texts, and models without a name."""
    return call.true()


@quirk(most_calls=8, models=JSONResponse({"object": "list", "data": None}))
def listing_null(call: Call) -> Response:
    """The listing is null."""
    return call.true()


@quirk(most_calls=8, models=JSONResponse({"error": "internal"}, 500))
def listing_500(call: Call) -> Response:
    """The listing is a 500."""
    return call.true()


@quirk(most_calls=8, models=JSONResponse({"error": {"message": "slow down"}}, 429))
def listing_429(call: Call) -> Response:
    """The listing is a 429."""
    return call.true()


@quirk(most_calls=8, listing={"max_model_len": "8192", "meta": [], "owned_by": None})
def listing_context_a_text(call: Call) -> Response:
    """The listing says the context as text."""
    return call.true()


@quirk(most_calls=8, models=JSONResponse({"error": "chat only"}, 403))
def listing_403(call: Call) -> Response:
    """The key is for chat only: the listing is a 403."""
    return call.true()


@quirk(most_calls=8, models=Response(b"\x1f\x8bnone", headers={"Content-Encoding": "gzip"}))
def listing_gzip_broken(call: Call) -> Response:
    """The listing says gzip and is none."""
    return call.true()


@quirk(stops="OPENAI_API_KEY.*--attacker-key-env", most_calls=0, models=JSONResponse({"error": "bad key"}, 401))
def listing_401(call: Call) -> Response:
    """The listing refuses the key."""
    return call.true()


@quirk(stops="OPENAI_API_KEY.*--attacker-key-env", most_calls=8, models=JSONResponse({"error": "bad key"}, 403))
def wrong_key_everywhere_403(call: Call) -> Response:
    """The listing and every call refuse the key with 403."""
    return JSONResponse({"error": "bad key"}, 403)


@quirk(stops="--attacker", most_calls=8, models=JSONResponse({"object": "list", "data": [{"id": "other"}]}))
def wrong_model_listed_as_other(call: Call) -> Response:
    """Another model is listed, and each call is refused with a 400 that says little."""
    return JSONResponse({"error": {"message": "bad request"}}, 400)
