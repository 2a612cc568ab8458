"""Runs over the API: started, watched, paused, resumed, cancelled, read and downloaded."""

from __future__ import annotations

import json
from pathlib import Path

from evals.mock_server.server import Script
from tests.service.api.conftest import Service, open_service


async def test_a_run_is_started_watched_read_and_downloaded(service: Service) -> None:
    last = await service.run("first", target=3)
    assert (last["state"], last["ending"], last["rows"]) == ("finished", "target reached", 3)
    listed = (await service.client.get("/api/runs")).json()["runs"]
    assert [(run["name"], run["rows"]) for run in listed] == [("first", 3)]

    page = (await service.client.get("/api/runs/first/survivors", params={"limit": 2})).json()
    assert (page["total"], len(page["survivors"])) == (3, 2)
    found = page["survivors"][0]
    row = (await service.client.get(f"/api/runs/first/survivors/{found['id']}")).json()
    assert service.models.script.truth(row["question"]) == row["answer"]
    assert row["messages"]
    by_text = await service.client.get("/api/runs/first/survivors", params={"search": found["question"][:60].upper()})
    assert found["id"] in [one["id"] for one in by_text.json()["survivors"]]
    none = await service.client.get("/api/runs/first/survivors", params={"topic": "no such topic"})
    assert none.json()["total"] == 0

    dataset = await service.client.get("/api/runs/first/files/dataset.jsonl")
    assert dataset.headers["content-disposition"] == 'attachment; filename="first-dataset.jsonl"'
    assert [json.loads(line)["id"] for line in dataset.text.splitlines()][:2] == [
        one["id"] for one in page["survivors"]
    ]
    report = await service.client.get("/api/runs/first/files/report.html")
    assert report.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    figures = (await service.client.get("/metrics")).text
    assert 'nanoflux_candidates_total{outcome="kept"} 3.0' in figures
    assert "nanoflux_runs_started_total 1.0" in figures
    assert (await service.client.get("/healthz")).json() == {"status": "ok"}


async def test_refused_candidates_are_listed(tmp_path: Path) -> None:
    async with open_service(tmp_path / "runs", Script(defender_right=1.0)) as easy:
        last = await easy.run("easy", target=1, max_candidates=3, max_attempts=1)
        assert (last["state"], last["rows"]) == ("stopped", 0)
        page = (await easy.client.get("/api/runs/easy/refusals", params={"outcome": "too_easy"})).json()
        assert page["total"] == 3
        assert page["refusals"][0]["question"]
