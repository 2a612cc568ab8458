"""The order of work: settings, state machine of a candidate, campaign, storage, reports, command line."""
