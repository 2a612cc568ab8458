"""One loaded model, and servers on loopback, for all tests of the gate."""

import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tools.novelty.embedder import Embedder
from tools.novelty.port import DEFAULT_EMBEDDER, Novelty, NoveltyError, NoveltyOptions
from tools.novelty.stores.edge import EdgeNovelty
from tools.novelty.stores.qdrant import QdrantNovelty

OpenGate = Callable[..., Novelty]


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    model = Embedder(DEFAULT_EMBEDDER)
    try:
        model.load()
    except NoveltyError as e:
        pytest.skip(str(e))
    return model


@contextmanager
def fake_server(**environment: str) -> Iterator[str]:
    """Run the stand-in for a Qdrant server in a process of its own; yields its URL."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.fake_qdrant"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )
    with process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.kill()


@pytest.fixture(scope="session")
def fake_url() -> Iterator[str]:
    with fake_server() as url:
        yield url


ADAPTERS = (EdgeNovelty, QdrantNovelty)
"""The adapters that the conformance suite opens."""


@pytest.fixture(params=["edge", "fake", "server"])
def open_gate(request: pytest.FixtureRequest, tmp_path: Path, embedder: Embedder) -> OpenGate:
    """Return what opens one and the same store each time it is called."""
    if request.param == "edge":
        return lambda **knobs: EdgeNovelty(NoveltyOptions(path=tmp_path / "novelty", **knobs), embedder)
    if request.param == "fake":
        url = request.getfixturevalue("fake_url")
    elif not (url := os.environ.get("QDRANT_URL", "")):
        pytest.skip("no real Qdrant server: set QDRANT_URL (and QDRANT_API_KEY) to run the suite on one")
    collection = f"test-{uuid.uuid4()}"
    key = os.environ.get("QDRANT_API_KEY") if request.param == "server" else None
    return lambda **knobs: QdrantNovelty(
        NoveltyOptions(store=url, collection=collection, api_key=key, **knobs), embedder
    )
