"""The formats in which a dataset leaves: rows for trainers, and packages for RL environments and evaluations."""
