"""The rules by which two questions are the same, related or different; `decision` applies them in order."""
