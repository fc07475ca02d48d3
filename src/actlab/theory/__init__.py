"""What to expect before anyone trains."""
