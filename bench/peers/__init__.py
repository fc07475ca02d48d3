"""What a user would write without actlab, written as cleanly as we can."""
