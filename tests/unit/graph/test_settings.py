from __future__ import annotations

import json
from pathlib import Path

import pytest

from agents.errors import SetupError
from agents.rows import survivor_id
from graph.cli.flags import read_settings
from graph.cli.parsers import build_parser
from graph.question.resources import Resources
from graph.settings import OFFLINE_DEFAULTS, PAID_DEFAULTS, Settings, candidate_id


def test_explicit_beats_environment_beats_default(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings().target == 12
    monkeypatch.setenv("NANOFLUX_TARGET", "30")
    assert Settings().target == 30
    assert Settings(target=5).target == 5


def test_unnamed_seats_are_offline_without_a_key_and_paid_with_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    offline = Settings().resolved()
    assert {seat: getattr(offline, seat) for seat in OFFLINE_DEFAULTS} == OFFLINE_DEFAULTS
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    mixed = Settings(defender="openai:mine").resolved()
    assert (mixed.attacker, mixed.defender) == (PAID_DEFAULTS["attacker"], "openai:mine")


def test_every_field_is_a_flag_with_a_description() -> None:
    flags = {option for action in build_parser()._actions for option in action.option_strings}
    for name, field in Settings.model_fields.items():
        assert f"--{name.replace('_', '-')}" in flags
        assert field.description


@pytest.mark.parametrize("name", ["a/b", "..", " ", "a.b", "-a", "x" * 65, "a\n"])
def test_a_run_name_that_is_no_folder_name_is_refused(name: str) -> None:
    with pytest.raises(SetupError, match="--name"):
        read_settings({"name": name})


def test_only_what_decides_the_rows_is_compared_on_resume() -> None:
    recorded = Settings(target=1, slots=2).model_dump(mode="json")
    assert Settings(target=9, slots=8).differences(recorded) == []
    assert Settings(domain="medicine", max_attempts=2).differences(recorded) == [
        "domain: was 'math', now 'medicine'",
        "max_attempts: was 3, now 2",
    ]


def test_a_candidate_has_the_same_id_in_every_process() -> None:
    assert candidate_id("r", 7) == candidate_id("r", 7) != candidate_id("r", 8)


async def test_benchmarks_of_one_name_are_all_protected(tmp_path: Path) -> None:
    files = [tmp_path / place / "test.jsonl" for place in ("a", "b")]
    for file in files:
        file.parent.mkdir()
        file.write_text(json.dumps({"question": f"What is in {file.parent.name}?"}) + "\n")
    other = tmp_path / "gsm.jsonl"
    other.write_text(json.dumps({"question": "What is in gsm?"}) + "\n")
    async with Resources() as resources:
        read = await resources.protected(Settings(protect=",".join(map(str, [*files, other]))))
    assert list(read) == [str(files[0]), str(files[1]), "gsm"]


def test_a_choice_question_is_named_with_its_choices() -> None:
    stem = "Which of these is true?"
    assert survivor_id("math", stem, ["1 < 2", "2 < 1"]) == survivor_id("math", stem, ["2 < 1", "1 < 2"])
    assert survivor_id("math", stem, ["1 < 2", "2 < 1"]) != survivor_id("math", stem, ["3 < 4", "4 < 3"])


def test_a_knob_that_an_older_run_did_not_have_was_as_it_is_by_default() -> None:
    recorded = Settings().model_dump(mode="json")
    del recorded["ask_borderline"]
    assert Settings().differences(recorded) == []
    assert Settings(ask_borderline=True).differences(recorded) == ["ask_borderline: was False, now True"]
