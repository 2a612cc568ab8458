"""Where untrusted Python runs: the port, the registry, one file a backend."""
