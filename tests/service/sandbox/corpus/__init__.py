"""Hostile and harmless programs for sandboxes, and what runs them against a backend."""
