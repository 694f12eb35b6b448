"""Waves, questions and answers come with a later issue."""
