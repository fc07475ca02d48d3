"""What an activation is: an expression, its derivative, its facts."""
