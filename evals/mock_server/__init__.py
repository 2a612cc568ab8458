"""An OpenAI-compatible server that plays all three seats with known truth and chosen faults."""
