"""Formulas: read them, compare them here where that is sure and quick, else by Math-Verify in the sandbox."""
