"""The service under attack: bad tokens, bad names, path tricks, foreign pages, huge bodies."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from evals.mock_server.server import Script
from graph.callers.tokens import COOKIE, cookie_of
from tests.service.api.conftest import Service, open_service

pytestmark = pytest.mark.asyncio(loop_scope="module")

TOKEN = "correct horse"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def locked(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Service]:
    """A service with a token, no run, and secrets beside its folder of runs."""
    home = tmp_path_factory.mktemp("home")
    (home / "secret.jsonl").write_text("secret")
    (home / "runs" / "linked").mkdir(parents=True)
    (home / "outside").mkdir()
    for name in ("lock", "dataset.jsonl"):
        (home / "outside" / name).write_text("secret")
    (home / "runs" / "escape").symlink_to(home / "outside")
    (home / "runs" / "linked" / "lock").touch()
    (home / "runs" / "linked" / "dataset.jsonl").symlink_to(home / "secret.jsonl")
    async with open_service(home / "runs", Script(), token=TOKEN, body_kb=4) as opened:
        opened.client.headers["authorization"] = f"Bearer {TOKEN}"
        yield opened


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Bearer wrong"},
        {"authorization": f"Basic {TOKEN}"},
        {"authorization": "Bearer"},
        {"cookie": f"{COOKIE}={TOKEN}"},
        {"cookie": f"{COOKIE}={cookie_of('wrong')}"},
        {"cookie": b'"; x=\x80'},
    ],
    ids=str,
)
async def test_without_the_token_nothing_is_told(locked: Service, headers: dict[str, Any]) -> None:
    async with httpx.AsyncClient(base_url=locked.url) as stranger:
        for path in ("/api/runs", "/api/runs/linked", "/api/events", "/metrics", "/openapi.json", "/api/none"):
            answer = await stranger.get(path, headers=headers)
            assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer"), path
        started = await stranger.post("/api/runs", json={}, headers=headers)
        assert started.status_code == 401
        assert (await stranger.get("/healthz")).status_code == 200


async def test_the_token_opens_as_a_header_and_as_the_cookie_of_the_page(locked: Service) -> None:
    assert (await locked.client.get("/api/runs")).status_code == 200
    async with httpx.AsyncClient(base_url=locked.url, cookies={COOKIE: cookie_of(TOKEN)}) as page:
        assert (await page.get("/api/runs")).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/api/runs/..%2F..%2Fsecret.jsonl",
        "/api/runs/%2e%2e",
        "/api/runs/escape",
        "/api/runs/escape/files/dataset.jsonl",
        "/api/runs/linked/files/dataset.jsonl",
        "/api/runs/linked/files/..%2F..%2Fsecret.jsonl",
        "/api/runs/linked/files/store.sqlite",
        "/api/runs/linked/files/settings.json",
        "/api/runs/linked%00/files/dataset.jsonl",
        "/api/runs/.hidden/survivors",
        "/api/runs/linked/survivors/..%2F..%2Fsecret",
        "/static/..%2F..%2Fapp.py",
        "/static/%2e%2e/page/routes.py",
        "//etc/passwd",
    ],
)
async def test_a_path_leads_nowhere_else(locked: Service, path: str) -> None:
    answer = await locked.client.get(path)
    assert answer.status_code in (404, 422), answer.text
    assert "secret" not in answer.text.replace("secret.jsonl", "").replace("..%2Fsecret", "").replace("../secret", "")


@pytest.mark.parametrize(
    ("method", "path", "status", "detail"),
    [
        ("GET", "/<script>", 404, "there is nothing at /<script>"),
        ("GET", "/run/linked/pause", 405, "GET is not for /run/linked/pause"),
        ("POST", "/run/linked/eat", 404, "there is nothing at /run/linked/eat"),
    ],
)
async def test_where_nothing_is_a_person_gets_a_page_and_a_program_an_object(
    locked: Service, method: str, path: str, status: int, detail: str
) -> None:
    answer = await locked.client.request(method, path)
    assert (answer.status_code, answer.json()["detail"]) == (status, detail)
    shown = await locked.client.request(method, path, headers={"accept": "text/html"})
    assert shown.status_code == status
    assert detail.replace("<", "&lt;").replace(">", "&gt;") in shown.text
    assert shown.headers["content-security-policy"].startswith("default-src 'none'")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": "rebound.example"}, 403),
        ({"origin": "http://cats.example"}, 403),
        ({"origin": "null"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"content-type": "text/plain"}, 415),
        ({"content-type": "application/x-www-form-urlencoded"}, 415),
        ({"content-type": "multipart/form-data; boundary=x"}, 415),
    ],
    ids=str,
)
async def test_a_foreign_page_starts_nothing(locked: Service, headers: dict[str, str], status: int) -> None:
    sent = {"content-type": "application/json"} | headers
    answer = await locked.client.post("/api/runs", content=b"{}", headers=sent)
    assert answer.status_code == status
    assert locked.runs.going == {}


async def test_a_body_is_bounded_whether_or_not_its_length_is_told(locked: Service) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b" " * 1024

    sent = {"content-type": "application/json"}
    for body in (b" " * 5000, endless()):
        answer = await locked.client.post("/api/runs", content=body, headers=sent)
        assert answer.status_code == 413, answer.text
        assert "4 KiB" in answer.json()["detail"]
    broken = await locked.client.post("/api/runs", content=b'{"name": "\xff"}', headers=sent)
    assert broken.status_code in (400, 422)
    deep = await locked.client.post("/api/runs", content=b"[" * 2000 + b"]" * 2000, headers=sent)
    assert deep.status_code in (400, 422)


async def test_elsewhere_than_on_loopback_a_token_is_required(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from agents.errors import SetupError
    from graph.service.command import serve

    with pytest.raises(SetupError, match="NANOFLUX_CALLERS_TOKEN"):
        serve(["--host", "0.0.0.0"])
    monkeypatch.setenv("NANOFLUX_CALLERS_TOKEN", "t")
    with pytest.raises(SetupError, match="NANOFLUX_CALLERS_HOSTS"):
        serve(["--host", "0.0.0.0"])


async def test_a_server_reached_from_elsewhere_without_a_token_answers_nobody() -> None:
    from graph.callers.allowed import Allowed
    from graph.service.app import build_app

    async def ask(address: str, **allowed: Any) -> int:
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        async def receive() -> Any:
            return {"type": "http.request", "body": b"", "more_body": False}

        scope = {
            "type": "http", "method": "GET", "path": "/openapi.json", "raw_path": b"/openapi.json", "query_string": b"",
            "headers": [(b"host", b"localhost")], "server": (address, 8400), "client": ("192.0.2.7", 1),
            "root_path": "", "scheme": "http", "http_version": "1.1",
        }  # fmt: skip
        await build_app(Allowed(**allowed))(scope, receive, send)
        return int(sent[0]["status"])

    assert await ask("127.0.0.1") == 200
    assert await ask("192.0.2.1") == 403
    assert await ask("192.0.2.1", token="t") == 401
