"""What all tests share: strict checkpoints, no tracing, and no network beyond loopback."""

from __future__ import annotations

import os

import pytest
from pytest_socket import socket_allow_hosts

os.environ["LANGGRAPH_STRICT_MSGPACK"] = "true"
os.environ["LANGSMITH_TRACING"] = "false"


@pytest.fixture(autouse=True)
def _loopback_only() -> None:
    socket_allow_hosts(["127.0.0.1", "::1"], allow_unix_socket=True)


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Take keys and settings out of the environment, so that no test spends money or depends on the machine."""
    if request.node.get_closest_marker("live"):
        return
    for name in list(os.environ):
        if name.endswith("_API_KEY") or name.startswith(("NANOFLUX_", "OPENAI_")):
            monkeypatch.delenv(name)
