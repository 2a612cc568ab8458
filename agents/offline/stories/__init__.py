"""How the offline models write stories, read them back, and solve what they read."""
