"""Does the data help: export for trainers, and benchmarks of models before and after training."""
