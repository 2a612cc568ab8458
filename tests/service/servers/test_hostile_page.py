"""A hostile web page in real Chromium, visited while `langgraph dev` runs: it starts nothing and learns nothing."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from langgraph_sdk.client import LangGraphClient
from playwright.async_api import Browser, Route, async_playwright

from evals.mock_server.server import ScriptedServer
from tests.service.servers.conftest import settings
from tests.service.servers.langgraph_dev import DevServer

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: apt install chromium")

ATTACK = Path(__file__).with_name("hostile.js").read_text(encoding="utf-8")


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Open a browser to which every name under .example is this machine."""
    names = "--host-resolver-rules=MAP *.example 127.0.0.1"
    older = "--disable-features=LocalNetworkAccessChecks"  # as browsers that let any page ask this machine
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", names, older])
        yield opened
        await opened.close()


async def visit(browser: Browser, page_url: str, target: str, run: dict[str, Any]) -> list[str]:
    """Open a page of that address and let it attack; return what it learned."""
    page = await browser.new_page()

    async def answer(route: Route) -> None:
        await route.fulfill(content_type="text/html", body="<!doctype html><title>Cats</title><body></body>")

    await page.route(page_url, answer)
    await page.goto(page_url)
    learned: list[str] = await page.evaluate(ATTACK, {"target": target, "run": run})
    await page.close()
    return learned


def campaign(server: ScriptedServer, name: str) -> dict[str, Any]:
    return {"assistant_id": "campaign", "input": settings(server, name=name, target=1)}


@pytest.mark.parametrize("case", ["another site", "a name that points here", "a page of no origin"])
async def test_a_hostile_page_starts_nothing_and_learns_nothing(
    browser: Browser, client: LangGraphClient, dev: DevServer, scripted: ScriptedServer, case: str
) -> None:
    port = urlsplit(dev.url).port
    page, target = {
        "another site": ("http://cats.example/", dev.url),
        "a name that points here": (f"http://rebound.example:{port}/cats", f"http://rebound.example:{port}"),
        "a page of no origin": ("data:text/html,<body></body>", dev.url),
    }[case]
    before = await client.threads.count()
    assert await visit(browser, page, target, campaign(scripted, "hostile")) == []
    assert scripted.calls == []
    assert not (dev.home / "runs" / "hostile").exists()
    assert await client.threads.count() == before


async def test_the_same_page_on_loopback_reads_and_starts(
    browser: Browser, dev: DevServer, scripted: ScriptedServer
) -> None:
    learned = await visit(browser, "http://localhost:8123/app", dev.url, campaign(scripted, "local-page"))
    assert any("start, asked" in line and "run_id" in line for line in learned), "the attack can succeed"
    assert any("search /threads/search" in line for line in learned)
