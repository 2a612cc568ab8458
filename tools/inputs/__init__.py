"""The named quantities of a question: their kinds, where the text states them, and how they are redrawn."""
