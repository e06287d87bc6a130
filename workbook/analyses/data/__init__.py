"""Data and starting position: what was read, how good it is, and where sales stand today."""
