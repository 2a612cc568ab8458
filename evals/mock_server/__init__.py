"""An OpenAI-compatible server for tests: it plays all three seats, knows the true answers, and fails on request."""
