"""Believed: waves of the survey. Its models come with a later issue; its place in the layers is kept."""
