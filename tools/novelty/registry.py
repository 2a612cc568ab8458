"""The table of novelty stores, and the function that opens one."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from tools.novelty.port import Novelty, NoveltyError, NoveltyOptions

NOVELTY_STORES: dict[str, str] = {
    "edge": "tools.novelty.stores.edge:EdgeNovelty",
    "http": "tools.novelty.stores.qdrant:QdrantNovelty",
    "https": "tools.novelty.stores.qdrant:QdrantNovelty",
}
"""Store or scheme of its URL: the adapter, imported where it is chosen; it is called with the options."""


def open_novelty(store: str = "edge", **knobs: Any) -> Novelty:
    """Return the gate over a store; it opens with `async with`. The knobs are the fields of `NoveltyOptions`.

    Raises:
        NoveltyError: There is no such store.
    """
    scheme = store.partition("://")[0]
    if scheme not in NOVELTY_STORES:
        raise NoveltyError(f"no novelty store {store!r}; use 'edge' or the URL of a Qdrant server (http://host:6333)")
    module, _, name = NOVELTY_STORES[scheme].partition(":")
    adapter: Callable[[NoveltyOptions], Novelty] = getattr(import_module(module), name)
    return adapter(NoveltyOptions(store=store, **knobs))
