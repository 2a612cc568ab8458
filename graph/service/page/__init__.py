"""Pages for people, rendered here: no build step, nothing fetched from elsewhere, readable without script."""
