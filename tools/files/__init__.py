"""Files from outside, read with bounded memory, and what is wrong with one said in one line."""
