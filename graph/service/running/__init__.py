"""The runs themselves: carried out, watched, found on disk, their rows listed; knows nothing of HTTP."""
