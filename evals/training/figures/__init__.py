"""What a training came to: curves, cost, progress."""
