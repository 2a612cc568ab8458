"""Where accepted questions are kept: one file a store."""
