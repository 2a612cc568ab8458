"""The forms in which a seat is asked for a record, and how the record is read from the reply."""
