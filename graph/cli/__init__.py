"""What all commands share: flags, parsers, the settings file, output, interrupts, questions to a person."""
