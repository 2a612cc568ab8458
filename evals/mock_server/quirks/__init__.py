"""Servers that differ from the API, one way each: a table of quirks, a server that plays them, a run against each."""
