"""Prompts as files, domain packs, and the fence around text that a model wrote."""
