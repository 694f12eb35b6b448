"""Bytes or text to typed rows, or a named refusal."""
