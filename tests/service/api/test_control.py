"""Runs under control: paused, resumed, cancelled; and what is refused, each in one line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from evals.mock_server.server import Script
from tests.service.api.conftest import Service, open_service, until


async def test_a_run_is_paused_cancelled_and_resumed(tmp_path: Path) -> None:
    async with open_service(tmp_path / "runs", Script(latency_s=0.2), runs=1) as service:
        whole = service.settings(name="r", target=6, slots=2)
        started = await service.client.post("/api/runs", json=whole)
        assert (started.status_code, started.json()["state"]) == (201, "running")

        again = await service.client.post("/api/runs", json=whole)
        assert (again.status_code, "'r' is in progress" in again.json()["detail"]) == (409, True)
        other = await service.client.post("/api/runs", json=service.settings(name="other"))
        assert (other.status_code, "1 runs are in progress" in other.json()["detail"]) == (429, True)

        await until(lambda: service.models.calls)
        paused = await service.client.post("/api/runs/r/pause")
        assert (paused.status_code, paused.json()["state"]) == (202, "pausing")
        last = await service.ended("r")
        assert (last["state"], last["ending"]) == ("stopped", "paused; it can be resumed")
        paid = last["calls"]

        resumed = await service.client.post("/api/runs/r/resume", json={"target": 2})
        assert (resumed.status_code, resumed.json()["target"]) == (201, 2)
        await until(lambda: service.runs.going["r"].status.calls > paid)
        cancelled = await service.client.post("/api/runs/r/cancel")
        assert (cancelled.json()["state"], cancelled.json()["ending"]) == ("stopped", "cancelled; it can be resumed")

        assert (await service.client.post("/api/runs/r/resume")).status_code == 201
        assert (await service.ended("r"))["state"] == "finished"
        ids = [row["id"] for row in (await service.client.get("/api/runs/r/survivors")).json()["survivors"]]
        assert len(set(ids)) == len(ids) == 2


async def test_a_run_is_cancelled_while_a_model_says_nothing(tmp_path: Path) -> None:
    async with open_service(tmp_path / "runs", Script(latency_s=3600)) as service:
        started = await service.client.post("/api/runs", json=service.settings(name="r", call_timeout_s=3600))
        assert started.status_code == 201, started.text
        await until(lambda: len(service.models.calls) == 2)  # both slots wait for the Attacker
        cancelled = await service.client.post("/api/runs/r/cancel")  # whose client would wait for a minute at most
        assert (cancelled.json()["state"], cancelled.json()["ending"]) == ("stopped", "cancelled; it can be resumed")
        assert [call.finished for call in service.models.calls] == [False, False]


@pytest.mark.parametrize(
    ("body", "status", "detail"),
    [
        ({"max_used": 1}, 422, "max_used: Extra inputs"),
        ({"target": "3"}, 422, "target: Input should be a valid integer"),
        ({"runs_dir": "/etc"}, 422, "runs_dir: Extra inputs"),
        ({"name": "../../etc"}, 422, "name: String should match pattern"),
        ({"hops_low": 3}, 409, "hops_low and hops_high go together"),
        ({"protect": "/etc/passwd.json"}, 409, "not in the server's folders"),
        ({"mix_file": ".env"}, 409, "not in the server's folders"),
        ({"judge_base_url": "http://192.0.2.1/v1"}, 409, "a caller may name servers on loopback only"),
        ({"attacker": "nobody:home"}, 409, "nobody"),
        ([], 422, "body: Input should be"),
    ],
    ids=str,
)
@pytest.mark.asyncio(loop_scope="module")
async def test_a_wrong_request_is_one_line(shared: Service, body: Any, status: int, detail: str) -> None:
    whole = shared.settings(name="wrong") | body if isinstance(body, dict) else body
    answer = await shared.client.post("/api/runs", json=whole)
    assert answer.status_code == status, answer.text
    assert detail in answer.json()["detail"]
    assert "\n" not in answer.json()["detail"]
    assert not (shared.runs_dir / "wrong").exists()


async def test_the_settings_file_holds_for_the_service_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "nanoflux.toml").write_text('target = 2\nname = "from-file"\n')
    async with open_service(tmp_path / "runs", Script()) as service:
        assert 'placeholder="from-file"' in (await service.client.get("/new")).text
        started = await service.client.post("/api/runs", json=service.settings())
        assert (started.status_code, started.json()["target"]) == (201, 2), started.text
        assert (await service.ended("from-file"))["rows"] == 2
        (tmp_path / "nanoflux.toml").write_text('judge_base_url = "http://192.0.2.1/v1"\n')
        form = await service.client.get("/new")
        assert (form.status_code, "judge_base_url" in form.json()["detail"]) == (409, True), form.text
        (tmp_path / "nanoflux.toml").write_text("target = 0\n")
        refused = await service.client.post("/api/runs", json=service.settings(name="r"))
    assert (refused.status_code, refused.json()["detail"]) == (
        409,
        "the server's nanoflux.toml: target 0: give 1 or more",
    )
