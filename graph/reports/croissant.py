"""`croissant.json`: the dataset described for machines, in Croissant 1.1 of MLCommons with its RAI vocabulary.

The Hub makes a description of its own, but one that does not say that the data is synthetic, nor how it was made.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from agents.row_form import Feature
from agents.rows import Survivor
from graph.reports.card import LIMITS, card_head, claim, remarks
from graph.reports.features import row_features
from graph.reports.run_summary import RunSummary

CROISSANT = "http://mlcommons.org/croissant/"
FILE, RECORDS = "dataset.jsonl", "rows"
TYPES = {"string": "sc:Text", "int64": "sc:Integer", "float64": "sc:Float", "bool": "sc:Boolean"}
TERMS = (
    "citeAs", "column", "conformsTo", "containedIn", "equivalentProperty", "extract", "field", "fileObject",
    "fileProperty", "fileSet", "format", "includes", "isArray", "arrayShape", "isLiveDataset", "jsonPath", "key", "md5",
    "parentField", "path", "recordSet", "references", "regex", "repeated", "replace", "samplingRate", "separator",
    "source", "subField", "transform",
)  # fmt: skip
"""Names that belong to Croissant; all others are those of schema.org."""


def croissant(summary: RunSummary, dataset: Path) -> str:
    """Write the description of a run's rows, with the hash of the file that holds them."""
    card = card_head(summary)
    content = dataset.read_bytes() if dataset.exists() else b""
    models = sorted({model for row in summary.rows for model in row.models.values()})
    described = {
        "@context": _context(),
        "@type": "sc:Dataset",
        "conformsTo": [f"{CROISSANT}1.1", f"{CROISSANT}RAI/1.0"],
        "name": summary.settings.run_name,
        "description": claim(summary.settings, summary.rows),
        "version": "1.0.0",
        "license": card["license"],
        "inLanguage": card["language"],
        "keywords": card["tags"],
        "isLiveDataset": not summary.ending,
        "rai:hasSyntheticData": True,
        "rai:dataCollection": (
            "A model or a program wrote the questions, another answered them, and a third solved them blind with "
            f"programs of its own. Models: {', '.join(models) or 'none yet'}."
        ),
        "rai:dataCollectionType": ["Synthetic"],
        "rai:dataAnnotationProtocol": "Two programs of two authors prove an answer; the Judge grades by a rubric.",
        "rai:machineAnnotationTools": sorted({row.models["judge"] for row in summary.rows}),
        "rai:dataLimitations": [*LIMITS, *remarks(summary.settings, summary.rows, summary.forced)],
        "rai:dataUseCases": ["Training of the model against which the questions were chosen"],
        "rai:personalSensitiveInformation": ["None was asked for; names in questions are invented."],
        "distribution": [
            {
                "@type": "cr:FileObject",
                "@id": FILE,
                "name": FILE,
                "contentUrl": FILE,
                "contentSize": f"{len(content)} B",
                "encodingFormat": "application/jsonlines",
                "sha256": hashlib.sha256(content).hexdigest(),
            }
        ],
        "recordSet": [
            {
                "@type": "cr:RecordSet",
                "@id": RECORDS,
                "name": RECORDS,
                "description": "One kept question with its proof.",
                "key": {"@id": f"{RECORDS}/id"},
                "field": [_field(feature) for feature in row_features()],
            }
        ],
    }  # fmt: skip
    return json.dumps(described, indent=1, ensure_ascii=False) + "\n"


def _context() -> dict[str, Any]:
    """Return where the names come from."""
    return {
        "@language": "en",
        "@vocab": "https://schema.org/",
        "sc": "https://schema.org/",
        "cr": CROISSANT,
        "rai": f"{CROISSANT}RAI/",
        "dct": "http://purl.org/dc/terms/",
        **{term: f"cr:{term}" for term in TERMS},
        "conformsTo": "dct:conformsTo",
        "data": {"@id": "cr:data", "@type": "@json"},
        "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
        "examples": {"@id": "cr:examples", "@type": "@json"},
    }


def _field(feature: Feature) -> dict[str, Any]:
    """Describe one field of a row."""
    name = feature["name"]
    described = _described(feature, f"{RECORDS}/{name}", name, "")
    if text := Survivor.model_fields[name].description:
        described["description"] = text
    return described


def _described(feature: Feature, identity: str, column: str, path: str) -> dict[str, Any]:
    """Describe a field by where it stands: in which column, and on which path within it."""
    described: dict[str, Any] = {"@type": "cr:Field", "@id": identity, "name": identity}
    if "list" in feature:
        described |= {"isArray": True, "arrayShape": "-1"}
    kind: Any = feature.get("list", feature.get("struct", feature.get("dtype")))
    if isinstance(kind, str):
        source: dict[str, Any] = {"fileObject": {"@id": FILE}, "extract": {"column": column}}
        if path:
            source["transform"] = {"jsonPath": path}
        return described | {"dataType": TYPES[kind], "source": source}
    before = f"{path}[*]." if "list" in feature else f"{path}." if path else ""
    parts = [_described(one, f"{identity}/{one['name']}", column, before + one["name"]) for one in kind]
    return described | {"subField": parts}
