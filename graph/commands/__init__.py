"""One file a command of `python -m graph.run`."""
