"""What runs without a model: sandboxes, the novelty gate, the comparison of answers, the Judge's tools."""
