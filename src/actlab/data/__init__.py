"""What nets learn."""
