"""Many candidates until the target: the pool of slots, what it may spend, how it resumes."""
