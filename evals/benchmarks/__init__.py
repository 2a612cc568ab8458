"""Published benchmarks: their rows as published, their sets, and answers by the first token."""
