"""The model behind each seat: loading, structured output, and the one layer that retries."""
