"""The pages in real Chromium: a run started from the form and watched, rows read, hostile text, axe, phones."""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from filelock import FileLock
from playwright.async_api import Browser, Page, async_playwright

from evals.mock_server.server import Script
from graph.reports.pictures.figures import Dot, Figures, Gate, Moment, write_figures
from tests import ROOT
from tests.service.api.conftest import Service, open_service

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: apt install chromium"),
    pytest.mark.asyncio(loop_scope="module"),
]

HOSTILE = "<script>window.pwned=1</script><img src=x onerror='window.pwned=1'>\"><svg onload=window.pwned=1>{{7*7}}"
SAMPLE = json.loads((ROOT / "docs" / "sample_row.json").read_text(encoding="utf-8"))
ROWS = 30
LEFT = "net::ERR_ABORTED"
FIRST = f"{0:016x}"
OF_RUN = ("", "/survivors", f"/survivors/{FIRST}", "/refusals")
PAGES = ("/", "/new", "/sign-in", *(f"/run/made{path}" for path in OF_RUN), "/run/none")


def make_run(folder: Path, rows: int, text: str) -> None:
    """Write the files of a run whose every text is this one."""
    folder.mkdir(parents=True)
    (folder / "lock").touch()
    kept = [
        SAMPLE | {"id": f"{index:016x}", "index": index, "question": f"{index} {text}", "answer": text, "topic": text,
                  "steps": [text], "program": text, "judge_program": text, "judge_answer": text,
                  "defender": SAMPLE["defender"] | {"wrong_answer": {"steps": [text], "answer": text}},
                  "evidence": [{"by": "judge", "code": text, "stdout": text, "ok": True, "sandbox": text,
                                "code_sha256": ""}]}
        for index in range(rows)
    ]  # fmt: skip
    refused = {"index": 9, "outcome": "too_easy", "reason": text, "attempts": 1, "asked": SAMPLE["asked"],
               "question": {"question": text}}  # fmt: skip
    (folder / "dataset.jsonl").write_text("".join(json.dumps(row) + "\n" for row in kept))
    (folder / "refused.jsonl").write_text((json.dumps(refused) + "\n") * rows)
    (folder / "report.html").write_text(f"<!doctype html><title>r</title>{text}")
    (folder / "funnel.json").write_text(json.dumps({"ending": text, "target": rows, "outcomes": {}, "usage": {}}))
    moments = [Moment(seconds=60.0 * at, candidates=at, rows=at, usd=0.1 * at, tokens=at) for at in range(5)]
    write_figures(folder, Figures(
        run="made", state=text, target=rows, rows=rows, candidates=rows, kept=rows, calls=9, tokens=9, usd=1.0,
        written=rows, gates=[Gate(name=text, refused=1, left=rows)], coverage=[], quality=[], hops=[], pass_rate=[],
        timeline=moments, dots=[Dot(x=0.1 * at, y=0.5, topic=text) for at in range(9)], dots_share=0.5,
    ))  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def made(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Service]:
    """A service with one run, in which every text is hostile."""
    runs = tmp_path_factory.mktemp("pages") / "runs"
    make_run(runs / "made", ROWS, HOSTILE)
    async with open_service(runs, Script()) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        await opened.close()


async def watched(page: Page) -> list[str]:
    """Collect what goes wrong on a page; what leaving it cuts off is no fault."""
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("requestfailed", lambda request: None if request.failure == LEFT else faults.append(request.url))
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    return faults


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 390)])
async def test_axe_finds_nothing_and_nothing_is_cut_off(
    made: Service, browser: Browser, scheme: Any, width: int
) -> None:
    context = await browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 800})
    page = await context.new_page()
    for path in PAGES:
        await page.goto(made.url + path)
        await page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
        found = (await Axe().run(page)).response["violations"]
        assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found] == [], path
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    await context.close()


async def test_what_a_model_writes_is_text(made: Service, browser: Browser) -> None:
    page = await browser.new_page()
    faults = await watched(page)
    for path in (*PAGES[:-1], "/run/made/survivors?search=%3Cscript%3E"):
        answer = await page.goto(made.url + path)
        assert answer is not None
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert await page.evaluate("window.pwned === undefined"), path
    await page.goto(f"{made.url}/run/made/survivors/{FIRST}")
    assert await page.locator(".question .prose").inner_text() == f"0 {HOSTILE}"
    assert faults == []
    await page.goto(f"{made.url}/api/runs/made/files/report.html")  # where nothing is escaped, nothing runs
    assert await page.evaluate("window.pwned === undefined")
    assert await page.locator("svg").count() == 1
    await page.close()


async def test_a_run_is_started_from_the_form_watched_and_read(made: Service, browser: Browser) -> None:
    page = await browser.new_page()
    faults = await watched(page)
    await page.goto(made.url)
    await page.get_by_role("link", name="Start a run").first.click()
    await page.get_by_label("Name of the run").fill("by-hand")
    await page.get_by_label("Rows to keep").fill("2")
    for seat in ("attacker", "defender", "judge"):
        await page.locator(f"#{seat}").fill(f"openai:scripted-{seat}")
    await page.get_by_text("Servers and keys of the models").click()
    for seat in ("attacker", "defender", "judge"):
        await page.locator(f"#{seat}_base_url").fill(made.models.base_url)
    await page.get_by_text("All other settings").click()
    await page.locator("#sandbox").select_option("process")
    await page.locator("#hops_low").fill("3")
    await page.get_by_role("button", name="Start").press("Enter")
    await page.get_by_role("alert").wait_for()
    assert "hops_low and hops_high go together" in await page.get_by_role("alert").inner_text()
    assert await page.locator("#name").input_value() == "by-hand"
    await page.locator("#hops_low").fill("")
    await page.get_by_role("button", name="Start").press("Enter")
    await page.wait_for_url("**/run/by-hand")
    await page.locator(".state.finished").wait_for(timeout=60_000)  # the stream of events brings it
    await page.get_by_role("link", name="Survivors").click()
    await page.locator(".rows a").first.click()
    row = json.loads((made.runs_dir / "by-hand" / "dataset.jsonl").read_text().splitlines()[0])
    assert await page.locator(".right .answer").inner_text() == row["answer"]
    assert await page.locator("summary", has_text="Turn").count() >= 2
    assert [fault for fault in faults if "409" not in fault] == []
    await page.close()


async def test_pictures_follow_a_run_that_goes_on(made: Service, browser: Browser) -> None:
    folder = made.runs_dir / "live"
    make_run(folder, 2, HOSTILE)
    (folder / "figures.json").rename(folder / "later.json")
    page = await browser.new_page()
    faults = await watched(page)
    await page.clock.install()
    with FileLock(folder / "lock"):  # as another process that carries it out
        await page.goto(f"{made.url}/run/live")
        await page.get_by_text("Pictures appear here").wait_for()
        (folder / "later.json").rename(folder / "figures.json")
        await page.clock.fast_forward(61_000)
        await page.locator(".tiles").wait_for()
        assert await page.locator("svg").count() > 3
        await page.close()
    assert faults == []


async def test_lists_are_paged_on_the_server_and_readable_without_script(made: Service, browser: Browser) -> None:
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(f"{made.url}/run/made/survivors")
    assert await page.locator(".rows li").count() == 25
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    assert page.url.endswith("#main"), "the first stop of the keyboard leads past the navigation"
    await page.get_by_role("link", name="Next").click()
    assert await page.locator(".rows li").count() == ROWS - 25
    await page.get_by_role("searchbox").fill("7 <script>")
    await page.get_by_role("button", name="Filter").click()
    assert await page.locator(".rows li").count() == 3, "7, 17 and 27"
    await context.close()


async def test_with_a_token_a_person_signs_in(tmp_path: Path, browser: Browser) -> None:
    async with open_service(tmp_path / "runs", Script(), token="open sesame") as locked:
        page = await browser.new_page()
        await page.goto(locked.url)
        await page.get_by_label("Token of this server").fill("wrong")
        await page.get_by_role("button", name="Sign in").click()
        assert "not the token" in await page.get_by_role("alert").inner_text()
        await page.get_by_label("Token of this server").fill("open sesame")
        await page.get_by_role("button", name="Sign in").click()
        await page.get_by_text("There is no run yet").wait_for()
        cookie = (await page.context.cookies())[0]
        assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
        assert cookie["value"] != "open sesame"
        await page.close()


async def test_a_page_of_another_site_cannot_press_the_buttons(made: Service) -> None:
    async with httpx.AsyncClient(base_url=made.url) as client:
        form = {"content-type": "application/x-www-form-urlencoded"}
        for origin in ("http://cats.example", "null", f"{made.url}.cats.example", ""):
            answer = await client.post("/run/made/resume", content="a=b", headers=form | {"origin": origin})
            assert answer.status_code in (403, 415), origin
        own = await client.post("/new", content="target=none", headers=form | {"origin": made.url})
        assert own.status_code == 422
        assert "give a whole number" in own.text
