"""The benchmarks by name: where each comes from, and in which shape.

A name is looked for as a file first, then on the hub, where there is a network and the package `datasets`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from agents.errors import SetupError
from evals.benchmarks.published import Item
from tools.extras import install_command

MULTIMEDQA = (
    "medqa",
    "medmcqa",
    "pubmedqa",
    "mmlu_anatomy",
    "mmlu_clinical_knowledge",
    "mmlu_college_biology",
    "mmlu_college_medicine",
    "mmlu_medical_genetics",
    "mmlu_professional_medicine",
)
"""The nine multiple-choice sets that an accuracy on MultiMedQA is over."""


class Benchmark(NamedTuple):
    """Where a benchmark is on the hub, and the name of its rows' format; `train` is the split of worked examples."""

    form: str
    hub: str
    config: str | None = None
    split: str = "test"
    train: str | None = "train"


BENCHMARKS: dict[str, Benchmark] = {
    "gsm8k": Benchmark("gsm8k", "openai/gsm8k", "main"),
    "gsm_hard": Benchmark("gsm_hard", "reasoning-machines/gsm-hard", split="train", train=None),
    "genome_bench": Benchmark("genome_bench", "Mingyin0312/Genome-Bench"),
    "medqa": Benchmark("medqa", "GBaker/MedQA-USMLE-4-options-hf"),
    "pubmedqa": Benchmark("pubmedqa", "bigbio/pubmed_qa", "pubmed_qa_labeled_fold0_source"),
    "medmcqa": Benchmark("medmcqa", "openlifescienceai/medmcqa", split="validation"),
    **{
        name: Benchmark("mmlu", "cais/mmlu", name.removeprefix("mmlu_"), train="dev")
        for name in MULTIMEDQA
        if name.startswith("mmlu_")
    },
}
"""To add one, write one row; a format that is not there yet is one function in `published`."""


def gsm_symbolic(count: int, seed: int) -> list[Item]:
    """Make items of GSM-Symbolic's kind by reasoning-gym, each a function of seed and number.

    Raises:
        SetupError: reasoning-gym is not installed.
    """
    try:
        import reasoning_gym  # noqa: PLC0415  # an extra
    except ImportError as error:
        raise SetupError(f"gsm_symbolic takes reasoning-gym: {install_command('dev')}") from error
    made = reasoning_gym.create_dataset("gsm_symbolic", size=count, seed=seed)
    return [Item(question=one["question"], answer=str(one["answer"]), group="gsm_symbolic") for one in made]


def hub_rows(name: str, *, training: bool = False) -> Iterator[dict[str, Any]]:
    """Give a benchmark's rows from the hub, those of its training split where examples are wanted.

    Raises:
        SetupError: There is no such benchmark, no package for it, or no network.
    """
    if name not in BENCHMARKS:
        raise SetupError(f"{name!r} is no file and no benchmark of the hub; there is {', '.join(BENCHMARKS)}")
    where = BENCHMARKS[name]
    try:
        import datasets  # noqa: PLC0415  # an extra
    except ImportError as error:
        raise SetupError(f"reading {name} from the hub takes datasets: {install_command('train')}") from error
    try:
        loaded = datasets.load_dataset(where.hub, where.config, split=where.train if training else where.split)
    except (OSError, ValueError, datasets.exceptions.DatasetNotFoundError) as error:
        reason = str(error).strip().splitlines()[0][:200]
        raise SetupError(
            f"{name} cannot be had from the hub ({reason}); name a file with --format {where.form}"
        ) from error
    for row in loaded:
        yield dict(row) | ({"subject": where.config} if where.form == "mmlu" else {})


def multimedqa_files(folder: Path) -> dict[Path, str]:
    """Return the files of a folder that hold the nine sets, each with its format.

    Raises:
        SetupError: One of the four formats has no file.
    """
    found: dict[Path, str] = {}
    for form in ("medqa", "medmcqa", "pubmedqa", "mmlu"):
        files = sorted(one for one in folder.glob(f"{form}*") if one.suffix in (".jsonl", ".json", ".parquet"))
        if not files:
            raise SetupError(
                f"{str(folder)!r} has no file {form}*.jsonl; MultiMedQA is medqa, medmcqa, pubmedqa and mmlu"
            )
        found |= dict.fromkeys(files, form)
    return found


def nine_sets(items: Sequence[Item]) -> list[Item]:
    """Keep the items of the nine sets, which other subjects of MMLU are not."""
    return [item for item in items if item.group in MULTIMEDQA]


Loader = Callable[[Path, str], list[Item]]


def load_multimedqa(folder: Path, load: Loader) -> list[Item]:
    """Read the nine sets from a folder."""
    return nine_sets([item for file, form in multimedqa_files(folder).items() for item in load(file, form)])
