"""The roles (Attacker, Defender, Judge): their records, their seats, and what each asks of its model."""
