"""Trials by subject: each module lists its own in `TRIALS`."""
