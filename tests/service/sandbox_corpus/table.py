"""Print the table of backends that stands in docs/sandbox.md.

python -m tests.service.sandbox_corpus.table
"""

from __future__ import annotations

from tests.service.sandbox_corpus.benign import BENIGN, NEEDS_SCRATCH
from tests.service.sandbox_corpus.greedy import BOUNDED
from tests.service.sandbox_corpus.hostile import ATTACKS
from tools.sandbox import SANDBOXES


def table() -> str:
    """Return the table as Markdown; the local tiers' figures are what the tests insist on."""
    attacks, benign = len(ATTACKS) + len(BOUNDED), len(BENIGN) + len(NEEDS_SCRATCH)
    figures = {
        "namespace": (f"{attacks} of {attacks}", f"{benign} of {benign}"),
        "landlock": (f"{attacks} of {attacks}", f"{len(BENIGN)} of {benign}: no folder to write to"),
        "e2b": ("a virtual machine: not attacked by us", "the contract suite"),
        "process": ("none: it is no boundary", "the contract suite"),
    }
    lines = ["| `--sandbox` | what it is | attacks contained | harmless programs unharmed |", "|---|---|---|---|"]
    for name, place in SANDBOXES.items():
        contained, unharmed = figures.get(name, ("as the tier it takes", "as the tier it takes"))
        lines.append(f"| `{name}` | {place.summary} | {contained} | {unharmed} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table())
