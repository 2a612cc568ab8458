"""Tests, by what they try: `unit` a part on its own, `service` the tool through its public doors, `bench` its speed."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
DATA = ROOT / "tests" / "data"
SHARED = ROOT.parent / "shared" / "data"
"""Cases from outside, which a clone of its own does not have; their tests skip without."""
