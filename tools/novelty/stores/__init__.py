"""The stores of accepted questions and benchmark items: one file each."""
