"""The pictures of a run: they show the figures, to every reader, whatever models wrote into a topic's name."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from lxml import etree

from graph.reports.pictures.coverage import heat
from graph.reports.pictures.figures import Figures, Moment, bars, gates, read_figures, write_figures
from graph.reports.pictures.frame import stylesheet
from graph.reports.pictures.gallery import PICTURES, draw, tiles
from graph.reports.pictures.over_time import in_words, thinned
from graph.reports.pictures.positions import positions, sample
from tests.unit.graph.pictured import figures

HOSTILE = "</svg><script>alert(1)</script>\x00\x1b\ud800 & \"quoted\" <b onload='x'>"
SVG = "{http://www.w3.org/2000/svg}"


def elements(svg: str) -> list[Any]:
    return list(etree.fromstring(svg).iter())


def texts(svg: str) -> list[str]:
    return [one.text or "" for one in elements(svg) if one.tag == f"{SVG}text"]


def hints(svg: str) -> list[str]:
    return [one.text or "" for one in elements(svg) if one.tag == f"{SVG}title"]


@pytest.mark.parametrize("name", PICTURES)
@pytest.mark.parametrize("size", [0, 30, 10_000])
def test_every_picture_has_a_name_and_its_message_in_words_and_no_style_of_its_own(name: str, size: int) -> None:
    drawn = draw(name, figures(size))
    parsed = elements(drawn)
    root = parsed[0]
    assert root.get("role") == "img"
    ids = [one.get("id") for one in parsed if one.get("id")]
    assert root.get("aria-labelledby") == " ".join(ids)
    assert [one.tag for one in parsed[1:3]] == [f"{SVG}title", f"{SVG}desc"]
    assert all(one.text and one.text.strip() for one in parsed[1:3])
    assert not [one for one in parsed if one.get("style") or one.tag in (f"{SVG}style", f"{SVG}script")]
    assert drawn == draw(name, figures(size)), "the same figures give the same bytes"
    assert len(drawn) < 100_000


@pytest.mark.parametrize("name", PICTURES)
def test_text_of_others_stays_text(name: str) -> None:
    drawn = draw(name, figures(300, [HOSTILE, f"{HOSTILE} too"], run=HOSTILE, state=HOSTILE), standalone=True)
    tags = {str(one.tag).removeprefix(SVG) for one in elements(drawn)}
    assert tags <= {"svg", "title", "desc", "style", "g", "path", "line", "rect", "text"}
    assert "<script" not in drawn


def test_a_standalone_picture_brings_its_colours_for_light_and_dark() -> None:
    [style] = [one for one in elements(draw("funnel", figures(30), standalone=True)) if one.tag == f"{SVG}style"]
    assert style.text == stylesheet()
    assert "prefers-color-scheme: dark" in stylesheet()


@pytest.mark.parametrize("name", PICTURES)
def test_every_class_of_a_picture_is_in_the_stylesheet(name: str) -> None:
    classes = set(re.findall(r"\.([a-z][a-z0-9-]*)", stylesheet()))
    used = {part for one in elements(draw(name, figures(900))) for part in (one.get("class") or "").split()}
    assert used - classes <= {"tick", "domain"}


def test_the_funnel_follows_the_questions_from_check_to_check() -> None:
    assert [(gate.name, gate.refused, gate.left) for gate in gates({"too_easy": 8, "malformed": 2}, 5)] == [
        ("malformed", 2, 13),
        ("too_easy", 8, 5),
    ]
    found = figures(30)
    shown = texts(draw("funnel", found))
    assert shown[:2] == ["written", str(found.written)]
    assert shown[-2:] == ["kept", str(found.kept)]
    assert f"−{found.gates[0].refused}" in shown


def test_the_coverage_map_gives_asked_and_kept_of_every_cell_and_is_warm_where_rows_are() -> None:
    found = figures(300)
    drawn = draw("coverage", found)
    shown = texts(drawn)
    assert all(f"{cell.kept}/{cell.asked}" in shown for cell in found.coverage)
    most = max(cell.kept for cell in found.coverage)
    hottest = [one[0].text or "" for one in elements(drawn) if one.get("class") == "heat5"]
    for cell in found.coverage:
        if cell.kept == most:
            assert any(hint.startswith(f"{cell.topic}, {cell.hops} hops: {most} kept") for hint in hottest)
    assert [heat(kept, 10) for kept in (0, 1, 2, 3, 10)] == [0, 1, 1, 2, 5]
    assert heat(0, 0) == 0


def test_histograms_count_what_there_is() -> None:
    found = figures(30, pass_rate=bars([0, 0, 0.25], [0.5, 1]), quality=bars([4.2, 4.2, 5]), hops=bars([3, 9]))
    assert {"0%: 2 kept", "25%: 1 kept", "50%: 1 refused", "100%: 1 refused"} <= set(hints(draw("pass_rate", found)))
    assert {"4.2: 2 kept", "5: 1 kept"} <= set(hints(draw("quality", found)))
    assert {"3: 1 kept", "9: 1 kept"} <= set(hints(draw("hops", found)))


@pytest.mark.parametrize(("usd", "unit"), [(3.0, "dollars"), (0.0, "tokens"), (None, "tokens")])
def test_where_nothing_is_paid_tokens_take_the_place_of_money(usd: float | None, unit: str) -> None:
    moments = [Moment(seconds=s, candidates=s, rows=s, usd=usd and s * 1.0, tokens=s * 100) for s in range(4)]
    assert unit in texts(draw("over_time", figures(30, usd=usd, timeline=moments)))
    assert tiles(figures(30, usd=None))[2].note == "prices are unknown"


def test_a_long_run_keeps_few_moments_and_its_ends() -> None:
    moments = figures(10_000).timeline
    few = thinned(moments, 50)
    assert 25 <= len(few) <= 50
    assert (few[0], few[-1]) == (moments[0], moments[-1])
    assert [in_words(seconds) for seconds in (5, 600, 9000, 200_000)] == ["5 s", "10 min", "2.5 h", "2.3 days"]


def test_questions_are_placed_by_their_two_widest_directions() -> None:
    rng = np.random.default_rng(0)
    plane = rng.normal(size=(40, 2)) * [5.0, 1.0]
    placed = positions((plane @ rng.normal(size=(2, 16))).astype(np.float32))
    assert placed.share == 1.0
    assert len(placed.points) == 40
    spread = np.ptp(np.array(placed.points), axis=0)
    assert spread[0] == pytest.approx(1.0, abs=0.002)
    assert spread[1] < spread[0]
    assert positions(np.zeros((2, 4), np.float32)).points == []
    assert set(positions(np.ones((5, 4), np.float32)).points) == {(0.5, 0.5)}
    assert sample(5, 9) == [0, 1, 2, 3, 4]
    assert len(set(sample(10_000, 300))) == 300


def test_figures_are_read_back_and_those_of_another_version_are_none(tmp_path: Path) -> None:
    found = figures(300)
    write_figures(tmp_path, found)
    assert read_figures(tmp_path) == found
    (tmp_path / "figures.json").write_text('{"run": "of another version"}')
    assert read_figures(tmp_path) is None
    assert read_figures(tmp_path / "nowhere") is None
    assert isinstance(found, Figures)
