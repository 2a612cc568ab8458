"""What a run tells people: funnel, data card, report, progress, the trace of one candidate."""
