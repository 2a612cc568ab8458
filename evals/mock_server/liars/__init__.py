"""Seats that lie: a table of liars, what each changes and replies, and the kinds of answers they lie about."""
