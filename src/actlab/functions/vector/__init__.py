"""Functions of a whole vector."""
