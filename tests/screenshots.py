"""Make the pictures of the docs, as a browser shows them.

python -m tests.screenshots runs/offline     docs/report.png: the upper part of a run's report
python -m tests.screenshots                  docs/walk_*.png: the pages of a first run, with scripted models
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.async_api import Page, async_playwright

from evals.mock_server.server import serve
from tests import ROOT
from tests.service.api.test_walk import CHROMIUM, SIZE, WORLD, served, settings_of, walk

DOCS = ROOT / "docs"


async def report(run: Path) -> None:
    """Open the report and write the picture."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = await browser.new_page(viewport={"width": 1080, "height": 1120})
        await page.goto((run / "report.html").absolute().as_uri())
        await page.screenshot(path=DOCS / "report.png")
        await browser.close()


async def first_run() -> None:
    """Walk through a first run, and write a picture of each stop."""

    async def picture(page: Page, name: str) -> None:
        await page.screenshot(path=DOCS / f"walk_{name}.png")

    with TemporaryDirectory() as place:
        async with serve(WORLD) as models:
            Path(place, "nanoflux.toml").write_text(settings_of(models.base_url), encoding="utf-8")
            async with served(Path(place)) as url, async_playwright() as playwright:
                browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
                await walk(await browser.new_page(viewport=SIZE), url, picture)
                await browser.close()


if __name__ == "__main__":
    asyncio.run(report(Path(sys.argv[1])) if len(sys.argv) > 1 else first_run())
