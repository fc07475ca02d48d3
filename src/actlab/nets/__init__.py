"""Who is trained."""
