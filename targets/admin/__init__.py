"""The admin of targets, indicators, figures and verdicts."""

from targets.admin import figures, promises, verdicts

__all__ = ["figures", "promises", "verdicts"]
