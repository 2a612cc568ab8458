"""The tools that the Judge may call."""
