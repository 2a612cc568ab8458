"""Floor 3, the order of work: settings, state machine, campaign, command line."""
