"""Measure the campaign against what is physically possible, over real HTTP; all parts of one figure in one run.

    python -m tests.bench.campaign [PART ...]

limit: 64 slots and calls of one second each: wall time against bare HTTP clients making the same chains of calls,
and the processor time that one model call costs us. scale: a run with 10,000 candidates behind it: how soon it goes
on, and its memory. order: calls, tokens and money per survivor against the naive order (every check after every
call, a fixed number of samples, no early stop), where the Defender is right on 5, 7 and 9 of 10 questions. aim: the
same where it is right on half of them, the fewer the more steps they take, so that it also pays to aim.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx
import openai
from langchain.chat_models import init_chat_model
from langgraph.graph import START, StateGraph
from langgraph.store.base import BaseStore
from typing_extensions import TypedDict

from agents import judge
from agents.records import SEATS, Outcome, SeatUsage
from agents.rows import Refusal, Survivor, survivor_id
from graph.campaign.campaign import Campaign
from graph.cli.flags import read_settings
from graph.question.resources import Resources
from graph.question.row_checks import question_of
from graph.settings import Settings, candidate_id
from graph.storage.journal import CandidateJournal
from graph.storage.records import read_refusals, read_survivors, write_refusal, write_survivor
from graph.storage.sqlite import open_run
from prompts.domain import load_domain
from tests.bench.naive import Meter, naive
from tests.docs import SAMPLE
from tools.novelty.embedder import Embedder, Vectors
from tools.novelty.port import NoveltyItem
from tools.sandbox.port import Limits

SLOTS = 64
DOLLARS = ",".join(
    f"openai:scripted-{seat}={price}"
    for seat, price in (("attacker", "1.25/10/.125"), ("defender", ".25/2/.025"), ("judge", "1.25/10/.125"))
)


@contextmanager
def scripted(*flags: str) -> Iterator[str]:
    """Serve the scripted models from a process of their own; give its base URL."""
    command = [sys.executable, "-m", "evals.mock_server", *flags]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


def settings_for(url: str, runs: Path, **more: Any) -> Settings:
    """Point all seats at the scripted server."""
    seats = {seat: f"openai:scripted-{seat}" for seat in SEATS} | {f"{seat}_base_url": url for seat in SEATS}
    return read_settings({**seats, "runs_dir": runs, "name": "bench", "prices": DOLLARS, **more})


async def ran(settings: Settings) -> tuple[Campaign, float, float]:
    """Run a campaign; return it with its wall and its own processor seconds, opening the clients not counted."""
    async with Resources() as resources:

        async def source() -> Resources:
            return resources

        campaign = Campaign(settings, source)
        wall = cpu = 0.0
        async for event in campaign.events():
            if event["type"] == "start":
                wall, cpu = time.perf_counter(), time.process_time()
        return campaign, time.perf_counter() - wall, time.process_time() - cpu


async def chains(settings: Settings) -> list[int]:
    """Return how many calls each candidate that ended took, one after another."""
    async with open_run(settings.folder) as (_, store):
        survivors = await read_survivors(store, settings.run_name)
        refusals = await read_refusals(store, settings.run_name)
    ended: list[Survivor | Refusal] = [*survivors, *refusals]
    ended.sort(key=lambda one: one.index)
    return [sum(usage.calls for usage in one.usage.values()) for one in ended]


async def bare(url: str, work: Sequence[int]) -> float:
    """Make the same chains of calls with nothing but an HTTP client; return the wall seconds."""
    todo = iter(work)
    question = '<data name="question">{"question": "How much is 1 + 1?"}</data>'
    body = {"model": "scripted-defender", "messages": [{"role": "user", "content": question}]}

    async def worker(client: httpx.AsyncClient) -> None:
        for calls in todo:
            for _ in range(calls):
                (await client.post(f"{url}/chat/completions", json=body)).raise_for_status()

    limits = httpx.Limits(max_connections=SLOTS, max_keepalive_connections=SLOTS)
    async with httpx.AsyncClient(timeout=60, limits=limits) as client:
        began = time.perf_counter()
        await asyncio.gather(*(worker(client) for _ in range(SLOTS)))
        return time.perf_counter() - began


class Said(TypedDict):
    """The state of a graph that does nothing else than call."""

    text: str


async def stack_alone(url: str, chains: int = 128) -> tuple[float, float]:
    """Return the processor seconds of a call through the chat client, and of one in a LangGraph of our shape too.

    Of that shape are ten steps, of which five call; nothing of ours is in either but what is sent, which is what
    opens the Judge's solution.
    """
    row = Survivor.model_validate_json(SAMPLE.read_text())
    domain = load_domain(row.domain)
    tools = judge.tools_for(domain, question_of(row), Limits())
    messages = judge.opening(domain, question_of(row), tools)
    async with openai.DefaultAioHttpClient() as http:
        client = init_chat_model("openai:scripted-judge", base_url=url, api_key="none", http_async_client=http)
        model = client.bind_tools([tool.schema for tool in tools.values()])

        async def call(state: Said) -> Said:
            return {"text": (await model.ainvoke(messages)).text}

        async def step(state: Said) -> Said:
            return {"text": ""}

        builder, last = StateGraph(Said), START
        for number in range(5):
            builder.add_node(f"step {number}", step)
            builder.add_node(f"call {number}", call)
            builder.add_edge(last, f"step {number}")
            builder.add_edge(f"step {number}", last := f"call {number}")
        graph = builder.compile()
        await asyncio.gather(*(model.ainvoke(messages) for _ in range(chains)))  # opens the connections
        moments = [time.process_time()]
        await asyncio.gather(*(model.ainvoke(messages) for _ in range(chains)))
        moments.append(time.process_time())
        await asyncio.gather(*(graph.ainvoke({"text": ""}) for _ in range(chains)))
        moments.append(time.process_time())
    return (moments[1] - moments[0]) / chains, (moments[2] - moments[1]) / (5 * chains)


@contextmanager
def metered_embedding() -> Iterator[list[float]]:
    """Give a list that gets the processor seconds of each embedding."""
    embed, seconds = Embedder.embed, list[float]()

    def metered(self: Embedder, texts: Sequence[str]) -> Vectors:
        began = time.thread_time()
        vectors = embed(self, texts)
        seconds.append(time.thread_time() - began)
        return vectors

    with patch.object(Embedder, "embed", metered):
        yield seconds


async def limit(runs: Path) -> None:
    """Compare a campaign of many slots with the same calls made bare."""
    with scripted("--latency-s=1", "--wrong-answer=.2") as url, metered_embedding() as embedding:
        settings = settings_for(url, runs, target=512, slots=SLOTS)
        campaign, wall, cpu = await ran(settings)
        calls = campaign.funnel.total.calls
        ideal, (client, stack) = await bare(url, await chains(settings)), await stack_alone(url)
    ratio = f"wall {wall:.1f} s, bare {ideal:.1f} s, {wall / ideal:.2f} (goal 1.15)"
    print(f"limit: {calls} calls of 1 s in {SLOTS} slots: {ratio}")
    own, embedded = 1000 * (cpu - sum(embedding)) / calls, 1000 * sum(embedding) / len(embedding)
    print(
        f"limit: {own:.1f} ms of processor per model call (goal 5), and {embedded:.0f} ms to embed each question; "
        f"the chat client alone takes {1000 * client:.1f} ms a call, LangGraph with it {1000 * stack:.1f} ms"
    )


async def first_call(settings: Settings) -> tuple[float, float]:
    """Return the seconds until a campaign is ready, and until its first call is back."""
    moments: dict[str, float] = {}
    async with Resources() as resources:

        async def source() -> Resources:
            return resources

        began = time.perf_counter()
        async for event in Campaign(settings, source).events():
            moments.setdefault(event["type"], time.perf_counter() - began)
    return moments["start"], moments["call"]


def resumed(settings: Settings) -> tuple[float, float, float]:
    """Run a campaign in a process of its own, as a user does; return its two moments, and its memory in MB."""
    ready, called = asyncio.run(first_call(settings))
    return ready, called, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def scale(runs: Path, candidates: int = 10_000) -> None:
    """Go on with a run that has many candidates behind it; an empty run tells what opening the clients takes."""
    kept = candidates // 40
    with scripted() as url:
        settings = settings_for(url, runs, target=12, slots=8).resolved()
        await first_call(settings)
        async with open_run(settings.folder) as (_, store):
            await fill(store, settings, kept, candidates)
        await stock(settings, kept)
        with ProcessPoolExecutor(1, mp_context=get_context("spawn"), max_tasks_per_child=1) as alone:
            empty, _, _ = alone.submit(resumed, settings.model_copy(update={"name": "empty"})).result()
            goes_on = settings.model_copy(update={"target": 12 + kept + 40})
            ready, called, rss = alone.submit(resumed, goes_on).result()
    print(
        f"scale: {candidates} candidates behind it: the history is read in {ready - empty:.2f} s (goal 1), ready after "
        f"{ready:.2f} s, first call back after {called:.2f} s, at most {rss:.0f} MB (goal 1000)"
    )


async def fill(store: BaseStore, settings: Settings, kept: int, candidates: int) -> None:
    """Write the ends and the calls of candidates as a run leaves them."""
    run, base = settings.run_name, 1000
    like, refused = await read_survivors(store, run), await read_refusals(store, run)
    survivor = like[0]
    refusal = refused[0] if refused else None
    for index in range(base, base + candidates):
        candidate = candidate_id(run, index)
        journal = CandidateJournal(store, run, candidate, lambda _: None)
        for number in range(5):
            usage = SeatUsage(calls=1, input_tokens=800, output_tokens=200, usd=0.001)
            await journal.record(f"{index}-{number}", "judge", usage, {"type": "ai", "data": {"content": "x" * 1500}})
        if index < base + kept:
            text = f"{survivor.question} ({index})"
            update = {"index": index, "question": text, "id": survivor_id(survivor.domain, text)}
            await write_survivor(store, run, survivor.model_copy(update=update))
        else:
            outcome: Outcome = "unverified"
            made = Refusal(
                id=candidate, index=index, outcome=outcome, reason="x" * 200, attempts=3, asked=survivor.asked,
                question=None, defender=survivor.defender, evidence=survivor.evidence, usage=survivor.usage,
            ) if refusal is None else refusal.model_copy(update={"id": candidate, "index": index})  # fmt: skip
            await write_refusal(store, run, made)


async def stock(settings: Settings, kept: int) -> None:
    """Fill the novelty store with as many questions as were kept, none of them like another."""
    async with Resources() as resources:
        gate = await resources.novelty(settings)
        for number in range(kept + kept // 10):
            digest = sha256(str(number).encode()).hexdigest()
            words = " ".join(digest[place : place + 6] for place in range(0, 60, 6))
            await gate.admit(NoveltyItem(question=words, owner=str(number)))


async def order(runs: Path) -> None:
    """Compare what survivors cost with what the naive order pays for them, in the same faulty worlds.

    They differ in how many questions the Defender answers rightly: the Attacker's calls are the same in both orders,
    and weigh the more, the more questions survive.
    """
    for right in (".5", ".7", ".9"):
        world = "--duplicates=.1", f"--defender-right={right}"
        await against_naive(f"order, Defender right on {right}", world, runs / right, target=60)


async def aim(runs: Path) -> None:
    """Compare with the naive order where the Attacker's calls differ too: it is asked where the Defender fails.

    There are more survivors than in `order`, since where that is takes dozens of candidates to learn.
    """
    world = "--obliging", "--defender-right=.5", "--defender-tires=.15"
    for mix in ("balanced", "natural"):
        await against_naive(f"aim, {mix} mix", world, runs / mix, target=200, mix=mix)


async def against_naive(what: str, world: Sequence[str], runs: Path, **more: Any) -> None:
    """Print what a survivor costs us and the naive order in a faulty world."""
    faults = "--wrong-answer=.25", "--malformed=.05", "--low-quality=.1", "--judge-prints=.5"
    with scripted(*faults, *world) as url:
        settings = settings_for(url, runs, slots=16, defender_samples=8, **more).resolved()
        campaign, _, _ = await ran(settings)
        ours, kept = campaign.funnel.total, campaign.funnel.kept
        meter = Meter()
        async with Resources() as resources:
            naively = await naive(settings.model_copy(update={"name": "naive"}), resources, meter)
    for unit, mine, theirs in (
        ("calls", ours.calls, meter.total.calls),
        ("tokens", ours.tokens, meter.total.tokens),
        ("dollars", ours.usd or 0.0, meter.total.usd or 0.0),
    ):
        each, naive_each = mine / kept, theirs / naively
        ratio = f"{each / naive_each:.2f} (goal 0.60)"
        print(f"{what}: {each:.4g} {unit} per survivor, naive {naive_each:.4g}: {ratio}")


def main() -> None:
    """Run what is named, or all."""
    parts = {"limit": limit, "scale": scale, "order": order, "aim": aim}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", nargs="*", choices=[*parts, "all"], default="all", help="what to measure")
    named = parser.parse_args().part
    for name, part in parts.items():
        if name in named or "all" in named:
            with tempfile.TemporaryDirectory() as folder:
                asyncio.run(part(Path(folder)))


if __name__ == "__main__":
    main()
