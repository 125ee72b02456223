"""Tasks, their rows, tokens, and the prepared folder."""
