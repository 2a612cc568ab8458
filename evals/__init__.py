"""Floor 4, does the data help: export, benchmark, and what compares models before and after."""
