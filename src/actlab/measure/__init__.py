"""What we observe in a net: plain functions of arrays."""
