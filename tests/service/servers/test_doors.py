"""One run through each door, LangGraph's server with its settings file among them; the accepted set is the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from langgraph_sdk.client import LangGraphClient

from evals.mock_server.server import Script
from tests.service.api.conftest import open_service
from tests.service.command import command
from tests.service.command import flags as flags_of
from tests.service.servers.conftest import settings
from tests.service.servers.langgraph_dev import DevServer

FAULTS = Script(seed=5, defender_right=0.3, duplicates=0.2, low_quality=0.2)
WANTED: dict[str, Any] = {"target": 4, "slots": 1, "seed": 7}


def accepted(folder: Path) -> list[tuple[int, str, str]]:
    rows = [json.loads(line) for line in (folder / "dataset.jsonl").read_text().splitlines()]
    return [(row["index"], row["id"], row["answer"]) for row in rows]


async def test_every_door_accepts_the_same(client: LangGraphClient, dev: DevServer, tmp_path: Path) -> None:
    async with open_service(tmp_path / "api", FAULTS) as service:
        models = service.models
        await service.run("r", **WANTED)

        settings_file = dev.home / "nanoflux.toml"
        settings_file.write_text("".join(f"{name} = {value}\n" for name, value in WANTED.items()))
        served: Any = await client.runs.wait(None, "campaign", input=settings(models, name="r", runs_dir="doors"))
        settings_file.unlink()
        assert served["ending"] == "target reached", served

        flags = [f"--{name}={value}" for name, value in WANTED.items()]
        ended = await command(*flags_of(models, tmp_path / "cli", *flags))
        assert ended.code == 0, ended.err
    found = accepted(tmp_path / "api" / "r")
    assert len(found) == 4
    assert found[-1][0] > 3, "some candidates were refused"
    assert accepted(dev.home / "doors" / "r") == found
    assert accepted(tmp_path / "cli" / "r") == found


async def test_our_own_service_is_mounted_in_langgraphs(client: LangGraphClient, dev: DevServer) -> None:
    http = client.http.client
    assert (await http.get("/healthz")).json() == {"status": "ok"}
    page = await http.get("/", headers={"accept": "text/html"})
    assert "<h1>Runs</h1>" in page.text
    assert "nanoflux_watchers 0.0" in (await http.get("/api/metrics")).text
    described = (await http.get("/openapi.json")).json()["paths"]
    assert {"/api/runs", "/assistants/search"} <= described.keys()
    missing = await http.get("/api/runs/none")
    assert (missing.status_code, "there is no run" in missing.json()["detail"]) == (404, True)
