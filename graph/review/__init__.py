"""What reviewers do with the cases of a run, by whichever door: `list_cases`, `find_case` and `decide`."""
