"""The as-at date of a request: what was known on that day."""

from dataclasses import dataclass
from datetime import date

from django.core.exceptions import BadRequest
from django.http import HttpRequest
from django.utils import timezone

EARLIEST = date(2011, 1, 1)


class InvalidAsAt(BadRequest):
    """The as-at date cannot be used; the message says what to do. Answered with status 400."""


@dataclass(frozen=True, slots=True)
class AsAt:
    """`on` is the day asked about; `is_past` tells whether it differs from today."""

    on: date
    today: date

    @property
    def is_past(self) -> bool:
        return self.on != self.today

    @property
    def query(self) -> str:
        """What a link adds so that the next page shows the same day."""
        return f"?as_at={self.on.isoformat()}" if self.is_past else ""


def parse_as_at(text: str | None, *, today: date) -> AsAt:
    """
    Raises:
        InvalidAsAt: not a date, before the first figures or after today.
    """
    if not text:
        return AsAt(today, today)
    try:
        on = date.fromisoformat(text.strip())
    except ValueError:
        raise InvalidAsAt(
            f"“{text[:40]}” is not a date. Write the day as year-month-day, for example 2024-04-30."
        ) from None
    if on > today:
        raise InvalidAsAt(f"{on.isoformat()} lies in the future. Choose today or an earlier day.")
    if on < EARLIEST:
        raise InvalidAsAt(
            f"Nothing was known on {on.isoformat()}. The first figures are for {EARLIEST.year}."
        )
    return AsAt(on, today)


def read_as_at(request: HttpRequest) -> AsAt:
    return parse_as_at(request.GET.get("as_at"), today=timezone.localdate())
