"""Does a selection help: pools, arms, repeated trainings of each, their scores, and what a difference is worth."""
