"""report.html as people meet it, in real Chromium: light, dark, on a phone, on paper, and without a pointer or eyes."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, async_playwright

from graph.campaign.folder.run_folder import RunFolder
from graph.settings import Settings
from tests.made_up_run import made_up

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: apt install chromium")

Scheme = Literal["light", "dark"]
UNBROKEN = "unbroken" * 40


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a run with more rows than are listed at once, and words that no line can hold."""
    settings = Settings(runs_dir=tmp_path_factory.mktemp("runs"), name="r", target=70)
    topics = ("percent", f"rates {UNBROKEN}", "geometry")
    summary = made_up(settings, 70, topics, answer=UNBROKEN, explanation=f"1. {UNBROKEN}", models={
        "attacker": f"openai:{UNBROKEN}", "defender": "m:d", "judge": "m:j"
    })  # fmt: skip
    folder = RunFolder.open(settings, force=False)
    folder.write_summary(summary)
    folder.close()
    return folder.path / "report.html"


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        await opened.close()


async def show(browser: Browser, report: Path, scheme: Scheme, width: int = 1200) -> Page:
    page = await browser.new_page(color_scheme=scheme, viewport={"width": width, "height": 900})
    await page.goto(report.as_uri())
    return page


async def test_it_needs_no_script_and_no_network_and_axe_finds_nothing(browser: Browser, report: Path) -> None:
    for scheme in ("light", "dark"):
        page = await browser.new_page(color_scheme=scheme)
        asked: list[str] = []
        complaints: list[str] = []
        page.on("request", lambda request: asked.append(request.url))  # noqa: B023  # read within the turn
        page.on("console", lambda line: complaints.append(line.text))  # noqa: B023  # as above
        await page.goto(report.as_uri())
        assert asked == [report.as_uri()]
        assert await page.locator("script").count() == 0
        found = await Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        assert complaints == []


async def test_on_a_phone_nothing_is_cut_off(browser: Browser, report: Path) -> None:
    page = await show(browser, report, "light", width=390)
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390
    wide = """[...document.querySelectorAll("body *")].filter(one =>
        !one.closest(".table, svg") && one.checkVisibility() && one.getBoundingClientRect().right > 391
    ).map(one => one.outerHTML.slice(0, 99))"""
    assert await page.evaluate(wide) == []
    tables: list[dict[str, Any]] = await page.evaluate(
        """[...document.querySelectorAll(".table")].map(one => (
            {wide: one.scrollWidth > one.clientWidth, scrolls: getComputedStyle(one).overflowX}))"""
    )
    assert any(table["wide"] for table in tables), "a table is wider than the phone"
    assert {table["scrolls"] for table in tables} == {"auto"}


async def test_its_pictures_follow_light_and_dark(browser: Browser, report: Path) -> None:
    def colours(page: Page) -> Any:
        return page.evaluate(
            """[...document.querySelectorAll("svg text, svg .kept, svg .dots")].map(one => {
                const style = getComputedStyle(one); return [style.fill, style.stroke]})"""
        )

    light, dark = [await colours(await show(browser, report, scheme)) for scheme in ("light", "dark")]
    assert len(light) == len(dark) > 50
    assert all(one != other for one, other in zip(light, dark, strict=True))


async def test_a_standalone_picture_follows_too_and_is_an_image(browser: Browser, report: Path) -> None:
    page = await show(browser, report, "light")
    for file in sorted((report.parent / "pictures").iterdir()):
        sizes = await page.evaluate(
            "async url => { const one = new Image(); one.src = url; await one.decode(); return one.naturalWidth }",
            file.as_uri(),
        )
        assert sizes > 100, file.name


async def test_survivors_are_reached_by_topic_and_read_one_by_one(browser: Browser, report: Path) -> None:
    page = await show(browser, report, "light")
    listed = page.locator("#survivors > details:not(.more) > summary")
    assert await listed.count() == 50
    await page.get_by_role("link", name="geometry (23)").click()
    assert await page.locator("h3", has_text="geometry (23)").evaluate("one => one.getBoundingClientRect().top") < 400
    assert await page.locator("pre:visible").count() == 0
    await listed.first.click()
    assert await page.locator("pre:visible").count() == 1
    more = page.locator("details.more > summary")
    assert await more.first.inner_text() == "7 more of geometry"
    await more.first.click()
    assert await page.locator("details.more details > summary:visible").count() == 7


async def test_on_paper_everything_is_open_and_black_on_white(browser: Browser, report: Path) -> None:
    page = await show(browser, report, "dark")
    await page.emulate_media(media="print")
    assert await page.locator("pre").first.evaluate("one => one.getBoundingClientRect().height") > 10
    assert await page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert await page.locator("svg text").first.evaluate("one => getComputedStyle(one).fill") == "rgb(0, 0, 0)"
    assert (await page.pdf()).startswith(b"%PDF")
