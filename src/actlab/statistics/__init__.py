"""Intervals, paired tests and simultaneous comparisons; knows nothing of nets."""
