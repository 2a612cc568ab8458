"""Programs that prove an answer: a look before they run, and `solve` called on many inputs in one sandbox run."""
