"""What all tests share: strict checkpoints, no tracing, no network beyond loopback, and nothing of this clone's own.

A clone that is in use has runs, keys and settings of its own; no test may read or change them.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from pytest_socket import socket_allow_hosts

from tests import ROOT

os.environ["LANGGRAPH_STRICT_MSGPACK"] = "true"
os.environ["LANGSMITH_TRACING"] = "false"

os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
"""So that commands which tests start in another folder import this clone."""

FOUND = {
    name: value
    for name, value in os.environ.items()
    if name.endswith("_API_KEY") or name.startswith(("NANOFLUX_", "OPENAI_"))
}

settings.register_profile("varied", deadline=None, suppress_health_check=[HealthCheck.too_slow])  # no clock decides
settings.register_profile("steady", settings.get_profile("varied"), derandomize=True)  # `make slow` draws others
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))


@pytest.fixture(autouse=True)
def _loopback_only() -> None:
    socket_allow_hosts(["127.0.0.1", "::1"], allow_unix_socket=True)


@pytest.fixture(scope="session", autouse=True)
def _outside_the_clone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Leave the clone, as its `runs/` and `.env` are its user's; also for the fixtures that many tests share."""
    with contextlib.chdir(tmp_path_factory.mktemp("outside")):
        yield


@pytest.fixture(autouse=True)
def _empty_folder(
    _outside_the_clone: None, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Work in an empty folder, which no other test has written to."""
    monkeypatch.chdir(tmp_path_factory.mktemp("empty"))


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Take keys and settings out of the environment, so that no test spends money or depends on the machine."""
    if request.node.get_closest_marker("live"):
        return
    for name, value in FOUND.items():
        if os.environ.get(name) == value:  # what a fixture has put there stays
            monkeypatch.delenv(name)
