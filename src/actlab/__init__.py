"""actlab, the activation-function laboratory."""
