"""Rounds of generating against a model and tuning it: its local server, the steps of a round, and the curve."""
