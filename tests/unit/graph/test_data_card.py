"""What a hub and other programs read of a dataset: the head of its card, and croissant.json.

MLCommons' own reader is not asked, as it brings 30 MB and warnings of its own. Its version 1.1.1 found no fault with
such a file, and read the rows by it, when this was written; here the same is done by hand.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import DatasetCard

from agents.rows import Survivor
from graph.campaign.folder.run_folder import RunFolder
from graph.reports.card import data_card
from graph.settings import Settings
from tests.made_up_run import SAMPLE, made_up

PYTHON = {"sc:Text": str, "sc:Integer": int, "sc:Float": float, "sc:Boolean": bool}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    settings = Settings(runs_dir=tmp_path_factory.mktemp("runs"), name="r", target=20, seed=1)
    summary = made_up(settings, 20)
    opened = RunFolder.open(settings, force=False)
    opened.add(summary.rows)
    opened.write_summary(summary)
    opened.close()
    return opened.path


def head(**settings: Any) -> dict[str, Any]:
    found: dict[str, Any] = dict(vars(DatasetCard(data_card(made_up(Settings(**settings), 3))).data))
    return found


def test_the_head_of_the_card_is_what_the_hub_searches_by() -> None:
    found = head(name="hard-1", domain="math")
    assert found["pretty_name"] == "hard-1"
    assert found["language"] == ["en"]
    assert found["license"] == "other"
    assert found["license_link"] == "README.md#licence"
    assert found["tags"] == ["synthetic", "reasoning", "nanoflux", "math"]
    assert found["annotations_creators"] == ["machine-generated"]
    assert found["size_categories"] == ["n<1K"]
    assert found["task_categories"] == ["question-answering", "text-generation"]
    assert found["configs"] == [{"config_name": "default", "data_files": "dataset.jsonl"}]
    assert [feature["name"] for feature in found["dataset_info"]["features"]] == list(Survivor.model_fields)


def test_a_declared_licence_stands_alone_and_a_text_that_is_none_is_refused() -> None:
    found = head(data_license="cc-by-4.0")
    assert found["license"] == "cc-by-4.0"
    assert "license_name" not in found
    with pytest.raises(ValueError, match="write it as the Hub does"):
        Settings(data_license="CC BY\nowned: true")


def test_croissant_describes_the_file_by_its_hash_and_says_that_the_data_is_synthetic(folder: Path) -> None:
    found = json.loads((folder / "croissant.json").read_text(encoding="utf-8"))
    assert "http://mlcommons.org/croissant/1.1" in found["conformsTo"]
    assert found["rai:hasSyntheticData"] is True
    assert "offline:attacker" in found["rai:dataCollection"]
    assert found["rai:machineAnnotationTools"] == ["offline:judge"]
    [file] = found["distribution"]
    assert file["sha256"] == hashlib.sha256((folder / file["contentUrl"]).read_bytes()).hexdigest()


def leaves(fields: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for field in fields:
        yield from leaves(field["subField"]) if "subField" in field else [field]


def follow(value: Any, path: str) -> list[Any]:
    """Return what lies on a path like `a.b[*].c`."""
    found = [value]
    for part in filter(None, path.split(".")):
        name = part.removesuffix("[*]")
        found = [one[name] if name else one for one in found if one is not None]
        if part.endswith("[*]"):
            found = [inner for one in found for inner in one or []]
    return found


def test_every_field_of_a_row_is_found_where_croissant_says_and_of_its_type(folder: Path) -> None:
    described = json.loads((folder / "croissant.json").read_text(encoding="utf-8"))
    [records] = described["recordSet"]
    assert [field["name"] for field in records["field"]] == [f"rows/{name}" for name in Survivor.model_fields]
    row = json.loads(SAMPLE.model_dump_json())
    every = list(leaves(records["field"]))
    assert len({field["@id"] for field in every}) == len(every) > 60
    for field in every:
        source = field["source"]
        assert source["fileObject"] == {"@id": described["distribution"][0]["@id"]}
        values = follow(row[source["extract"]["column"]], source.get("transform", {}).get("jsonPath", ""))
        if field.get("isArray"):
            assert field["arrayShape"] == "-1"
            values = [inner for value in values for inner in value or []]
        assert all(value is None or type(value) is PYTHON[field["dataType"]] for value in values), field["@id"]


def test_every_name_in_croissant_has_a_meaning(folder: Path) -> None:
    described = json.loads((folder / "croissant.json").read_text(encoding="utf-8"))
    of_schema_org = {
        "name", "description", "version", "license", "inLanguage", "keywords", "distribution", "contentUrl",
        "contentSize", "encodingFormat", "sha256",
    }  # fmt: skip

    def names(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            for name, inner in value.items():
                yield name
                yield from names(inner)
        if isinstance(value, list):
            for inner in value:
                yield from names(inner)

    context = described.pop("@context")
    used = {name for name in names(described) if not name.startswith(("@", "rai:"))}
    assert used <= of_schema_org | set(context)
    assert context["rai"] == "http://mlcommons.org/croissant/RAI/"
