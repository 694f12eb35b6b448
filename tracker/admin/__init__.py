"""The admin where apps meet: bodies on one page, and what needs work today."""

from tracker.admin import bodies, work

__all__ = ["bodies", "work"]
