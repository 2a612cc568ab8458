from __future__ import annotations

import json

import pytest

from agents.row_versions import UPGRADES, RowVersionError, read_survivor
from agents.rows import SCHEMA_VERSION, Survivor
from graph.question.row_checks import field_faults, read_row
from tests import DATA, made_up_run

OLD = json.dumps(json.loads((DATA / "row_of_schema_1.json").read_text()))


def test_a_row_of_the_first_schema_is_read_checked_and_found_whole() -> None:
    read = read_row(OLD.encode())
    assert read.row is not None
    assert (read.faults, read.proved, field_faults(read.row, proved=False)) == ([], False, [])
    assert (read.row.asked.hops, read.row.easy, read.row.schema_version) == (7, False, SCHEMA_VERSION)


def test_a_row_whose_lists_were_lists_is_read_checked_and_is_the_same_today() -> None:
    before = json.dumps(json.loads((DATA / "row_of_schema_4.json").read_text()))
    read = read_row(before.encode())
    assert read.row is not None
    assert (read.faults, read.proved, field_faults(read.row)) == ([], True, [])
    assert read.row.model_copy(update={"sha256": ""}) == made_up_run.SAMPLE.model_copy(update={"sha256": ""})


def test_a_change_to_an_old_row_shows_in_its_hash() -> None:
    read = read_row(OLD.replace('"level": "L5"', '"level": "L4"').encode())
    assert [fault.check for fault in read.faults] == ["sha256"]


def test_every_version_before_this_one_has_an_upgrade() -> None:
    assert sorted(UPGRADES) == list(range(1, SCHEMA_VERSION))


def test_a_row_of_this_schema_comes_back_as_it_was() -> None:
    row = read_survivor(OLD)
    assert read_survivor(row.model_dump_json()) == row == Survivor.model_validate_json(row.model_dump_json())


@pytest.mark.parametrize("version", [SCHEMA_VERSION + 1, "2", None])
def test_a_row_of_a_later_schema_is_refused_by_name(version: object) -> None:
    later = json.dumps(json.loads(OLD) | {"schema_version": version})
    with pytest.raises(RowVersionError, match=rf"schema version {version!r}.*reads up to {SCHEMA_VERSION}"):
        read_survivor(later)
