"""The API is as its OpenAPI description says: schemathesis asks for what that allows, and for what it does not."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from evals.mock_server.server import Script
from graph.service.reviewing import DecisionRequest
from tests.service.api.conftest import open_service, until

CONFIG = """\
warnings = false
[checks.positive_data_acceptance]
expected-statuses = ["2xx", 404, 409, 429]
"""
"""A run may be refused for what no schema says: another is in progress, or its settings do not go together."""


@pytest.mark.parametrize("blank", [" ", "\x1f", "\x85", "\xa0", "\ufeff", "\u3000"], ids=ascii)
def test_a_name_is_blank_in_every_dialect_of_patterns_or_in_none(blank: str) -> None:
    with pytest.raises(ValidationError, match="by"):
        DecisionRequest.model_validate({"decision": "approve", "by": blank})
    by = DecisionRequest.model_json_schema()["properties"]["by"]["pattern"]
    assert re.search(by, blank) is None
    assert re.search(by, "Zoë")


@pytest.mark.parametrize(
    ("phases", "examples"),
    [("fuzzing", 4), pytest.param("coverage,fuzzing", 50, marks=pytest.mark.slow)],
)
async def test_schemathesis_finds_nothing(tmp_path: Path, phases: str, examples: int) -> None:
    (tmp_path / "schemathesis.toml").write_text(CONFIG)
    async with open_service(tmp_path / "runs", Script(latency_s=600), runs=1) as service:
        await service.client.post("/api/runs", json=service.settings(name="0"))
        await until(lambda: service.models.calls)  # it goes on throughout, and nobody else's run may start
        command = [
            str(Path(sys.executable).parent / "schemathesis"), "run", f"{service.url}/openapi.json", "--checks", "all",
            "--max-examples", str(examples), "--phases", phases, "--seed", "1", "--no-color",
            "--exclude-path-regex", "events$", "--generation-database", "none", "--max-failures", "5",
        ]  # fmt: skip
        process = await asyncio.create_subprocess_exec(
            *command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=dict(os.environ)
        )
        printed, _ = await process.communicate()
        assert process.returncode == 0, printed.decode()[-6000:]
        assert b"No issues found" in printed, printed.decode()[-3000:]
