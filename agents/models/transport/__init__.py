"""What goes over the wire to a model's server, and what comes back, in whatever shape."""
