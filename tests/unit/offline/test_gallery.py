from __future__ import annotations

import asyncio

import pytest

from agents.offline.families import all_families
from evals import gallery
from tests.unit.offline.offline_programs import SameProcess


def test_the_gallery_shows_every_family_from_its_fewest_steps_to_its_most() -> None:
    page = gallery.gallery()
    for family in all_families():
        shown = [hops for hops, _, _ in gallery.samples(family)]
        assert f"### {family.name}\n" in page
        assert (shown[0], shown[-1]) == (family.hops[0], family.hops[-1])


def test_the_figures_count_what_is_proved_and_what_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gallery, "ROWS", 8)
    found = asyncio.run(gallery.figures("medicine", 3, SameProcess()))
    assert (found.rows, found.perturbed) == (8, 8)
    assert found.templates > 0.5
    assert found.refused.total() <= 4


def test_without_a_flag_the_samples_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert gallery.main([]) == 0
    assert "## medicine: " in capsys.readouterr().out
