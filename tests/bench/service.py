"""How long the service takes to cancel and to show a large run, and what watchers cost a run.

    python -m tests.bench.service

The service is the real one, in a process of its own, with scripted models. Cancelling is timed from the request to its
answer, while every model would answer in an hour. First paint is what Chromium reports of the pages of a run of 10,000
candidates. Watchers sit in a third process and read all that they are sent; the same run is timed with and without
them, by turns.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import statistics
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import httpx
from playwright.async_api import async_playwright

from evals.mock_server.server import Script, serve
from graph.campaign.folder.run_folder import RunFolder
from graph.settings import Settings
from tests.made_up_run import made_up
from tests.service.api.test_walk import CHROMIUM, served, settings_of, start

CANDIDATES = 10_000
WATCHERS = 200
PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"


@contextlib.asynccontextmanager
async def service(script: Script, folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Serve a folder's runs, with the scripted models for all seats."""
    async with serve(script) as models:
        (folder / "nanoflux.toml").write_text(settings_of(models.base_url), encoding="utf-8")
        async with served(folder) as url, httpx.AsyncClient(base_url=url, timeout=120) as client:
            yield client


async def until(client: httpx.AsyncClient, run: str, field: str, *values: object) -> None:
    """Wait until the run's state says so."""
    while (await client.get(f"/api/runs/{run}")).raise_for_status().json()[field] not in values:
        await asyncio.sleep(0.05)


async def begin(client: httpx.AsyncClient, name: str, **settings: Any) -> None:
    """Start a run."""
    (await client.post("/api/runs", json={"name": name, **settings})).raise_for_status()


async def time_cancel(times: int) -> list[float]:
    """Return how long each cancelling took, s."""
    took = []
    with TemporaryDirectory() as folder:
        async with service(Script(latency_s=3600), Path(folder)) as client:
            for number in range(times):
                await begin(client, f"r{number}", slots=8, call_timeout_s=3600)
                await asyncio.sleep(5)  # by then all slots wait for a model
                started = time.perf_counter()
                answer = await client.post(f"/api/runs/r{number}/cancel")
                took.append(time.perf_counter() - started)
                if answer.json()["state"] != "stopped":
                    raise RuntimeError(answer.text)
    return took


def write_large(folder: Path) -> None:
    """Write a run of so many candidates, two in three of them kept, by the program's own writer."""
    summary = made_up(Settings(runs_dir=folder / "runs", name="large", target=CANDIDATES), CANDIDATES * 2 // 3)
    run = RunFolder.open(summary.settings, force=False)
    run.add(summary.rows)
    run.write_summary(summary)
    run.close()


async def time_paint(times: int) -> dict[str, list[float]]:
    """Return the times to the first paint of each page, the server's first answers among them, ms."""
    with TemporaryDirectory() as place:
        write_large(Path(place))
        async with served(Path(place)) as url, async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            painted: dict[str, list[float]] = {}
            for _ in range(times):
                for path in ("/", "/run/large", "/run/large/survivors", "/run/large/refusals"):
                    page = await browser.new_page()
                    await page.goto(url + path)
                    await page.wait_for_function(f"{PAINT} > 0")
                    painted.setdefault(path, []).append(await page.evaluate(PAINT))
                    await page.close()
            await browser.close()
    return painted


async def watch(url: str) -> None:
    """Read one run's events, over so many connections, until the server ends them."""
    address = urlsplit(url)

    async def one() -> None:
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        writer.write(f"GET {address.path} HTTP/1.1\r\nHost: {address.netloc}\r\nConnection: close\r\n\r\n".encode())
        while await reader.read(65_536):
            pass
        writer.close()

    await asyncio.gather(*(one() for _ in range(WATCHERS)))


async def time_run(client: httpx.AsyncClient, folder: Path, name: str, *, watched: bool) -> float:
    """Return how long a run of 40 rows took, s."""
    started = time.perf_counter()
    await begin(client, name, target=40, slots=4)
    watchers = (
        await start(folder, "tests.bench.service", "--watch", f"{client.base_url}/api/runs/{name}/events")
        if watched
        else None
    )
    async with client.stream("GET", f"/api/runs/{name}/events") as events:
        async for _ in events.aiter_lines():
            pass
    took = time.perf_counter() - started
    if watchers:
        await watchers.wait()
    return took


async def cost_of_watchers(pairs: int) -> list[float]:
    """Return the ratio of each pair: the same run watched by many, and by one."""
    with TemporaryDirectory() as place:
        async with service(Script(latency_s=0.4), Path(place)) as client:
            await time_run(client, Path(place), "first", watched=False)
            ratios = []
            for pair in range(pairs):
                alone = await time_run(client, Path(place), f"alone{pair}", watched=False)
                ratios.append(await time_run(client, Path(place), f"watched{pair}", watched=True) / alone)
    return ratios


async def main() -> None:
    """Measure and print."""
    flags = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    flags.add_argument("--times", type=int, default=5, help="how often each is measured")
    flags.add_argument("--watch", metavar="URL", help="only watch a run's events over many connections")
    wanted = flags.parse_args()
    if wanted.watch:
        await watch(wanted.watch)
        return
    took = await time_cancel(wanted.times)
    print(f"cancel, models that answer in an hour: median {statistics.median(took):.2f} s, longest {max(took):.2f} s")
    if CHROMIUM is None:
        print("first paint: no Chromium on this machine", file=sys.stderr)
    else:
        for path, ms in (await time_paint(wanted.times)).items():
            times = f"median {statistics.median(ms):.0f} ms, longest {max(ms):.0f} ms"
            print(f"first paint, {CANDIDATES:,} candidates, {path}: {times}")
    ratios = await cost_of_watchers(wanted.times)
    each = ", ".join(f"{ratio:.2f}" for ratio in sorted(ratios))
    print(f"a run with {WATCHERS} watchers against one: {statistics.median(ratios):.2f} of the time (pairs: {each})")


if __name__ == "__main__":
    asyncio.run(main())
