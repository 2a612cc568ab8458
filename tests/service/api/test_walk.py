"""What somebody does who has read the README: look, reckon, serve, run from the form, review two cases, download."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, async_playwright

from agents.records import SEATS
from evals.exports.formats import EXPORTS
from evals.mock_server.server import Script, serve
from graph.service.requests import ExportFormat
from tests import ROOT

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
WORLD = Script(defender_right=0.75)
"""Most questions are too easy, so that some candidates are refused."""
SIZE: Any = {"width": 1080, "height": 900}
Picture = Callable[[Page, str], Any]


async def no_picture(page: Page, name: str) -> None:
    """Take none: a test needs no picture."""


def settings_of(base_url: str) -> str:
    """Write the settings file of somebody whose three seats are on one server."""
    seats = "".join(f'{seat} = "openai:scripted-{seat}"\n{seat}_base_url = "{base_url}"\n' for seat in SEATS)
    return f'{seats}sandbox = "process"\nmax_attempts = 1\nslots = 1\n'


def start(folder: Path, module: str, *args: str) -> Any:
    return asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *args, cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip


async def printed(folder: Path, *args: str) -> str:
    process = await start(folder, "graph.run", *args)
    out, _ = await process.communicate()
    assert process.returncode in (0, 1), args  # 1: the one candidate was not kept
    return str(out.decode())


@contextlib.asynccontextmanager
async def served(folder: Path) -> AsyncIterator[str]:
    """Start the service as its users do; its first line is its address."""
    process = await start(folder, "graph.serve", "--port", "0")
    try:
        yield (await process.stdout.readline()).decode().strip()
    finally:
        process.terminate()
        await process.wait()


async def assert_no_fault(page: Page) -> None:
    """Axe finds nothing, neither in light nor in dark."""
    await page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for scheme in schemes:
        await page.emulate_media(color_scheme=scheme)
        found = (await Axe().run(page)).response["violations"]
        assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found] == [], (page.url, scheme)
    await page.emulate_media(color_scheme="light")
    await page.evaluate("for (const d of document.querySelectorAll('details')) d.open = false")


async def walk(page: Page, url: str, picture: Picture) -> None:
    """Start a run from the form, review its two cases, read what was refused, and download the rows."""
    page.set_default_timeout(240_000)  # a decision opens the sandbox and the gate, on a machine of any speed
    await page.goto(url)
    await page.get_by_role("link", name="Start a run").first.click()
    await page.get_by_label("Name of the run").fill("first")
    await page.get_by_label("Rows to keep").fill("2")
    await page.get_by_text("All other settings").click()
    await page.locator("#review").select_option("all")
    await page.evaluate("scrollTo(0, 0)")
    await picture(page, "form")
    await page.get_by_role("button", name="Start").click()
    await page.wait_for_url("**/run/first")
    await page.locator(".state.stopped").wait_for()
    assert "2 cases wait for review" in await page.locator(".now").inner_text()

    await page.get_by_role("link", name="Review", exact=True).click()
    await assert_no_fault(page)
    await picture(page, "review")
    for left in (1, 0):
        case = page.locator(".case").first
        await case.get_by_label("Who decides").fill("ann")
        await case.get_by_label("Note").fill("read twice")
        await case.get_by_role("button", name="Approve").click()
        await page.wait_for_function(f"document.querySelectorAll('.case').length === {left}")

    await page.get_by_role("link", name="Refused").click()
    await page.get_by_role("link", name="candidate").first.click()
    await page.get_by_role("heading", name="Attempt 1").wait_for()
    assert await page.get_by_role("heading", name="The Judge's dialogue").count() == 1
    await assert_no_fault(page)
    await page.get_by_role("link", name="Overview").click()
    assert await page.locator(".state").inner_text() == "finished"
    assert "wait" not in await page.locator(".now").inner_text()
    await picture(page, "run")


async def downloaded(page: Page, name: str) -> list[dict[str, Any]]:
    async with page.expect_download() as caught:
        await page.get_by_role("link", name=name, exact=True).click()
    file = await (await caught.value).path()
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: apt install chromium")
async def test_a_first_time_user_comes_to_a_dataset(tmp_path: Path) -> None:
    async with serve(WORLD) as models:
        (tmp_path / "nanoflux.toml").write_text(settings_of(models.base_url), encoding="utf-8")
        assert "of 1 kept; " in await printed(tmp_path, "preview", "1")
        assert "candidates" in await printed(tmp_path, "estimate", "--target=2", "--no-calls")
        assert not (tmp_path / "runs").exists(), "neither leaves a run"
        async with served(tmp_path) as url, async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            page = await browser.new_page(viewport=SIZE)
            await walk(page, url, no_picture)
            kept = await downloaded(page, "dataset.jsonl")
            assert [row["review"]["by"] for row in kept] == ["ann", "ann"]
            assert await downloaded(page, "chat") == [{"messages": row["messages"]} for row in kept]
            await browser.close()


def test_the_service_offers_every_format_of_rows() -> None:
    assert [*ExportFormat] == [*EXPORTS]
