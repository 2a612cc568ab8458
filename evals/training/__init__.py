"""Fine-tuning by TRL: rows as a trainer reads them, presets, the trainers, what a training cost, sampled answers."""
