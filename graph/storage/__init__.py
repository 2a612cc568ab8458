"""What lasts of a run: the journal of paid calls, records, and the SQLite files."""
