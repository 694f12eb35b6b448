"""From the bytes of a source to typed rows or a named rejection."""
