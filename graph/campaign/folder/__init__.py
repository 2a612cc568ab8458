"""The run's folder, and what is written there while the run goes on."""
