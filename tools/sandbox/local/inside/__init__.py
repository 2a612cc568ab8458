"""What runs around the program, in its process or beside it; imports nothing but the standard library."""
