"""Reads that join apps: what the summary, the boards' list and a board's page show."""
