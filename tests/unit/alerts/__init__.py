"""The table of alert states, row by row."""
