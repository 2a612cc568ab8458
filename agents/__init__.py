"""Floor 2, the roles: records, seats, and what each role asks of its model."""
