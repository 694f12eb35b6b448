"""The admin of targets, indicators, figures and verdicts."""

from targets.admin import coverage, figures, follow_ups, promises, verdicts

__all__ = ["coverage", "figures", "follow_ups", "promises", "verdicts"]
