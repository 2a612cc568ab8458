"""What every store must do, in this process or on a server: one suite over all."""

import asyncio
from typing import Any

import pytest
from qdrant_client.models import Distance, VectorParams

from tests.unit.novelty.conftest import ADAPTERS, OpenGate, fake_server
from tests.unit.novelty.items import near_duplicates, near_duplicates_among
from tools.novelty.embedder import Embedder
from tools.novelty.port import NoveltyError, NoveltyItem, NoveltyOptions, UnfitItem
from tools.novelty.registry import NOVELTY_STORES, open_novelty
from tools.novelty.stores.qdrant import QdrantNovelty
from tools.novelty.stores.stored_item import LONGEST

PENS = NoveltyItem(
    question="Ann buys 9 pens and gives 4 away. How many pens are left?", owner="run/1", answer_kind="number"
)
COINS = NoveltyItem(question="Which metal is a Roman denarius struck from?", owner="run/2", answer="silver")


def by(owner: str, item: NoveltyItem, **changes: Any) -> NoveltyItem:
    return item.model_copy(update={"owner": owner, **changes})


async def test_an_empty_store_finds_everything_novel(open_gate: OpenGate) -> None:
    async with open_gate() as gate:
        decision = await gate.look(PENS)
        assert (decision.verdict, decision.nearest, decision.score, decision.borderline) == ("novel", None, None, False)
        assert await gate.count() == {"accepted": 0, "benchmark": 0}


async def test_looking_remembers_nothing(open_gate: OpenGate) -> None:
    async with open_gate() as gate:
        await gate.look(PENS)
        assert (await gate.admit(by("run/9", PENS))).verdict == "novel"


async def test_a_near_duplicate_of_another_owner_is_refused_and_named(open_gate: OpenGate) -> None:
    async with open_gate() as gate:
        await gate.admit(PENS)
        for item in (PENS, by("", PENS, question=PENS.question.replace("9", "17").replace("4", "6"))):
            for ask in (gate.look, gate.admit):
                found = await ask(by("run/7", item))
                assert (found.verdict, found.nearest, found.nearest_text) == ("duplicate", "run/1", PENS.question)
                assert found.score is not None
                assert found.score > 0.4
        assert await gate.count() == {"accepted": 1, "benchmark": 0}


async def test_an_unrelated_question_is_accepted_with_its_nearest(open_gate: OpenGate) -> None:
    async with open_gate() as gate:
        await gate.admit(PENS)
        found = await gate.admit(COINS)
        assert (found.verdict, found.rule, found.nearest) == ("novel", "", "run/1")
        assert found.score is not None
        assert found.score < 0.5


async def test_offering_again_gets_the_first_decision_again(open_gate: OpenGate) -> None:
    async with open_gate() as gate:
        await gate.admit(COINS)
        first = await gate.admit(PENS)
        assert await gate.admit(PENS) == first
    async with open_gate() as gate:
        assert await gate.admit(PENS) == first
        assert (await gate.look(PENS)).verdict == "novel"
        assert await gate.count() == {"accepted": 2, "benchmark": 0}


async def test_a_benchmark_contaminates_and_is_loaded_once(open_gate: OpenGate) -> None:
    async with open_gate() as gate:
        items = [by("test/1", PENS), by("test/2", COINS), by("test/3", COINS)]
        assert await gate.protect("gsm", items) == 2
        assert await gate.protect("gsm", items) == 0
        found = await gate.admit(by("run/5", PENS, question=PENS.question.replace("9", "23")))
        assert (found.verdict, found.nearest) == ("contaminated", "gsm:test/1")
        assert await gate.count() == {"accepted": 0, "benchmark": 2}


async def test_a_benchmark_loaded_later_leaves_what_was_accepted(open_gate: OpenGate) -> None:
    async with open_gate() as gate:
        first = await gate.admit(PENS)
        assert await gate.protect("gsm", [by("test/1", PENS)]) == 1
        assert await gate.admit(PENS) == first
        assert (await gate.look(PENS)).verdict == "contaminated"


async def test_what_lies_near_is_listed_with_its_rule(open_gate: OpenGate) -> None:
    async with open_gate() as gate:
        await gate.admit(COINS)
        await gate.protect("gsm", [by("test/1", PENS)])
        first, second = await gate.near(by("", PENS, question=PENS.question.replace("9", "31")))
        assert (first.name, first.rule, first.question) == ("gsm:test/1", "near_vector", PENS.question)
        assert (second.name, second.rule) == ("run/2", "")
        assert first.cosine > second.cosine


async def test_the_vectors_of_what_was_accepted_can_be_read(open_gate: OpenGate, embedder: Embedder) -> None:
    async with open_gate() as gate:
        await gate.admit(PENS)
        await gate.protect("gsm", [by("test/1", COINS)])
        absent, pens = await gate.vectors([COINS, PENS])
        assert absent is None
        assert pens == pytest.approx(embedder.embed([PENS.question])[0].tolist(), abs=1e-3)
        assert await gate.vectors([]) == []


async def test_strict_is_an_option_of_opening(open_gate: OpenGate) -> None:
    code = "a = 9 * 4 + 2\nb = a / 3 - 1\nprint(b)"
    reskinned = by("run/2", COINS, program=code.replace("9", "77").replace("b", "coins"))
    async with open_gate() as gate:
        await gate.admit(by("run/1", PENS, program=code))
        assert (await gate.look(reskinned)).verdict == "novel"
    async with open_gate(strict=True) as gate:
        assert (await gate.look(reskinned)).rule == "same_program"


@pytest.mark.parametrize("text", ["", "  \n", "???", "Q:", "\u200b", "x " * (LONGEST // 2 + 1), "y" * 1_000_000])
async def test_what_is_no_question_is_unfit_and_harms_nothing(open_gate: OpenGate, text: str) -> None:
    async with open_gate() as gate:
        await gate.admit(PENS)
        for ask in (gate.look, gate.admit):
            with pytest.raises(UnfitItem):
                await ask(by("run/3", PENS, question=text))
        assert await gate.count() == {"accepted": 1, "benchmark": 0}


@pytest.mark.parametrize(
    "text",
    ["一个水箱有900升，每分钟流入30升，多少分钟装满？", "Сколько будет 2 + 2? 🙂", "word " * 600, "a\x00b\ud7ff?"],
)
async def test_any_text_is_stored_and_found_again(open_gate: OpenGate, text: str) -> None:
    async with open_gate() as gate:
        assert (await gate.admit(by("run/1", PENS, question=text))).verdict == "novel"
        assert (await gate.admit(by("run/2", PENS, question=text))).rule == "same_text"


async def test_of_near_duplicates_offered_at_once_one_passes(open_gate: OpenGate, embedder: Embedder) -> None:
    items = near_duplicates(60)
    async with open_gate() as gate:
        found = await asyncio.gather(*map(gate.admit, items))
        accepted = [item for item, decision in zip(items, found, strict=True) if decision.verdict == "novel"]
        assert await gate.count() == {"accepted": len(accepted), "benchmark": 0}
    assert len(accepted) >= 10
    assert near_duplicates_among(accepted, embedder) == []


async def test_one_text_offered_at_once_by_many_passes_once(open_gate: OpenGate) -> None:
    async with open_gate() as gate:
        found = await asyncio.gather(*(gate.admit(by(f"run/{at}", PENS)) for at in range(12)))
        assert [decision.verdict for decision in found].count("novel") == 1


async def test_a_cancelled_admit_leaves_a_store_that_works(open_gate: OpenGate) -> None:
    async with open_gate() as gate:
        tasks = [asyncio.create_task(gate.admit(by(f"run/{at}", PENS))) for at in range(6)]
        await asyncio.sleep(0.02)
        for task in tasks[:3]:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert (await gate.admit(by("run/99", COINS))).verdict == "novel"


# --- servers only ----------------------------------------------------------------------------------------------


def on(url: str, embedder: Embedder, **knobs: Any) -> QdrantNovelty:
    return QdrantNovelty(NoveltyOptions(store=url, **knobs), embedder)


async def test_a_server_out_of_reach_is_named(embedder: Embedder) -> None:
    with pytest.raises(NoveltyError, match=r"127\.0\.0\.1:9 does not answer"):
        await on("http://127.0.0.1:9", embedder).__aenter__()


async def test_an_old_server_is_refused(embedder: Embedder) -> None:
    wanted = pytest.raises(NoveltyError, match=r"is 1\.18\.3; use 1\.19 or later")
    with fake_server(FAKE_QDRANT_VERSION="1.18.3") as url, wanted:
        await on(url, embedder).__aenter__()


async def test_a_server_wants_its_key(embedder: Embedder) -> None:
    with fake_server(FAKE_QDRANT_KEY="sesame") as url:
        with pytest.raises(NoveltyError, match="pass the right API key"):
            await on(url, embedder).__aenter__()
        gate = on(url, embedder, api_key="sesame")
        with pytest.warns(UserWarning, match="insecure"):
            await gate.__aenter__()
        assert (await gate.admit(PENS)).verdict == "novel"
        await gate.__aexit__()


def test_a_key_is_not_shown() -> None:
    assert "sesame" not in repr(NoveltyOptions(store="https://x", api_key="sesame"))


async def test_a_collection_of_something_else_is_refused(fake_url: str, embedder: Embedder) -> None:
    async with on(fake_url, embedder, collection="others") as gate:
        await gate._server._client.create_collection(
            "foreign", vectors_config=VectorParams(size=3, distance=Distance.COSINE)
        )
    with pytest.raises(NoveltyError, match=r"'foreign' .* was made with embedder None"):
        await on(fake_url, embedder, collection="foreign").__aenter__()


async def test_a_server_that_dies_is_an_error_and_no_decision(embedder: Embedder) -> None:
    with fake_server() as url:
        gate = await on(url, embedder).__aenter__()
        await gate.admit(PENS)
    with pytest.raises(NoveltyError, match="does not answer"):
        await gate.admit(COINS)
    await gate.__aexit__()


async def test_a_server_that_fails_now_and_then_is_retried(embedder: Embedder) -> None:
    with fake_server(FAKE_QDRANT_FAULTY="yes") as url:
        async with on(url, embedder) as gate:
            assert await gate.protect("b", [COINS]) == 1
            assert (await gate.admit(PENS)).verdict == "novel"
            assert (await gate.admit(PENS)).verdict == "novel", "its own again"
            assert (await gate.admit(by("run/9", PENS))).verdict == "duplicate"
            assert (await gate.look(COINS)).verdict == "contaminated"
            assert await gate.count() == {"accepted": 1, "benchmark": 1}


async def test_a_dead_claim_expires_and_a_resumed_one_goes_on(fake_url: str, embedder: Embedder) -> None:
    options = NoveltyOptions(store=fake_url, collection="claims")
    async with QdrantNovelty(options, embedder, lease_s=1.0) as gate:
        dead = await gate._preparer.one(PENS)
        claim: dict[str, Any] = {"state": "pending", "lease": 1.0}
        await gate._server.insert([(dead, dead.payload(**claim))])
        assert (await gate.admit(by("run/8", PENS))).verdict == "novel"  # took the dead one's place
        other = await gate._preparer.one(COINS)
        await gate._server.insert([(other, other.payload(**claim))])
        assert (await gate.admit(COINS)).verdict == "novel"  # found its own
        assert (await gate.admit(PENS)).nearest == "run/8"
        assert await gate.count() == {"accepted": 2, "benchmark": 0}


@pytest.mark.parametrize("scheme", NOVELTY_STORES)
def test_every_store_of_the_table_has_an_adapter_that_this_suite_opens(scheme: str) -> None:
    assert type(open_novelty(scheme if scheme == "edge" else f"{scheme}://127.0.0.1:9")) in ADAPTERS
