"""Doubtful questions reviewed over the API and on the page, in real Chromium; the run's dataset follows."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import async_playwright

from evals.mock_server.server import Script
from tests.service.api.conftest import open_service

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: apt install chromium")


async def test_cases_are_approved_and_rejected_on_the_page_and_over_the_api(tmp_path: Path) -> None:
    async with open_service(tmp_path / "runs", Script()) as service:
        last = await service.run("r", target=3, review="all")
        assert (last["state"], last["rows"]) == ("stopped", 0)
        cases = (await service.client.get("/api/runs/r/cases")).json()["cases"]
        assert len(cases) == 3
        wrong = await service.client.post("/api/runs/r/cases/999", json={"decision": "approve", "by": "ann"})
        assert (wrong.status_code, "no case '999' waits" in wrong.json()["detail"]) == (409, True)
        approval = {"decision": "approve", "by": "ann", "note": "by hand"}
        approved = await service.client.post(f"/api/runs/r/cases/{cases[0]['index']}", json=approval)
        assert (approved.json()["outcome"], approved.json()["fault"]) == ("kept", ""), approved.text

        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            page = await browser.new_page()
            await page.goto(f"{service.url}/run/r")
            await page.get_by_role("link", name="Review 2 cases that wait for a person").click()
            assert (await Axe().run(page)).response["violations"] == []
            assert await page.locator(".case").count() == 2
            first = page.locator(".case").first
            await first.get_by_label("Who decides").fill("ben")
            await first.get_by_text("Edit it").click()
            await first.get_by_label("Answer").fill("-1")
            await first.get_by_role("button", name="Keep it as edited").click()
            await page.get_by_role("alert").first.wait_for()
            assert await page.locator(".case").count() == 2, "an edit that the programs do not prove waits on"
            first, other = page.locator(".case").first, page.locator(".case").last
            assert await first.get_by_label("Answer").input_value() == "-1", "what was typed is still there"
            assert await other.get_by_label("Answer").input_value() != "-1"
            await first.get_by_text("Quantities and programs").click()
            assert "def solve" in await first.locator("pre").first.inner_text()
            await first.get_by_label("Note").fill("two readings")
            await first.get_by_role("button", name="Reject").click()
            await page.wait_for_function("document.querySelectorAll('.case').length === 1")
            assert await page.get_by_label("Who decides").input_value() == "ben", "who decides is asked once"
            await browser.close()
    row = json.loads((tmp_path / "runs" / "r" / "dataset.jsonl").read_text())
    assert (row["review"]["by"], row["review"]["note"]) == ("ann", "by hand")
    assert "two readings" in (tmp_path / "runs" / "r" / "refused.jsonl").read_text()
