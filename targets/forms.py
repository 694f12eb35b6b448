"""What staff may write, in the admin and in files they import."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError


def clean_milestones(steps: Any) -> list[dict[str, Any]]:
    """The stated steps of a target, each a day and a percentage; none is an empty list."""
    steps = steps or []
    if not isinstance(steps, list) or not all(map(_is_step, steps)):
        raise ValidationError(
            'Write each step with its day and its percentage, for example [{"on": "2027-12-31", "pct": 8}].'
        )
    return steps


def _is_step(step: Any) -> bool:
    try:
        date.fromisoformat(step["on"])
        return not isinstance(step["pct"], bool) and 0 <= float(step["pct"]) <= 100
    except (KeyError, TypeError, ValueError):
        return False
