"""Programs on this machine, contained by the kernel: the host's side here, the box's own code in `inside`."""
