"""Print the table of backends that stands in docs/sandbox.md.

python -m tests.service.sandbox.corpus.table
"""

from __future__ import annotations

from tests.service.sandbox.corpus.benign import BENIGN, BROKEN, NEEDS_SCRATCH
from tests.service.sandbox.corpus.greedy import BOUNDED
from tests.service.sandbox.corpus.hostile import ATTACKS
from tools.sandbox.registry import SANDBOXES

ATTACKED = ("namespace", "landlock", "repl", "wasi", "monty")
"""The backends that the attacks are run on; none may get through anywhere."""
ELSEWHERE = {
    "auto": ("as the place it takes", "as the place it takes"),
    "e2b": ("a virtual machine: not attacked by us", "the contract suite"),
}


def table() -> str:
    """Return the table as Markdown; its figures are what the tests of containment insist on."""
    attacks, benign = len(ATTACKS) + len(BOUNDED), len(BENIGN) + len(NEEDS_SCRATCH)
    lines = ["| `--sandbox` | what it is | attacks contained | harmless programs unharmed |", "|---|---|---|---|"]
    for name, place in SANDBOXES.items():
        if name in ELSEWHERE:
            contained, unharmed = ELSEWHERE[name]
        else:
            contained = f"{attacks} of {attacks}" if name in ATTACKED else "not attacked: it is no boundary"
            unharmed = f"{benign - len(BROKEN[name])} of {benign}"
        lines.append(f"| `{name}` | {place.summary} | {contained} | {unharmed} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table())
