"""Floor 1, the hands: sandbox, novelty gate, answer comparison; they know no role and no model."""
