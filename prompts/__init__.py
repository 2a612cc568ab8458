"""Floor 1, the words: prompts as files, domain packs, and the fence around text that a model wrote."""
