import json
from datetime import date

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from icbs.reports import list_rollout_records, print_rollout
from icbs.selectors import find_rollout
from kit.as_at import InvalidAsAt, parse_as_at


class Command(BaseCommand):
    help = "One row per board and service: how far it is in place, against its deadline."

    def add_arguments(self, parser):
        parser.add_argument("--as-at", help="A past day: year-month-day.")
        parser.add_argument("--deadline", help="Judge against this day instead of each service's own.")
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *, as_at, deadline, format, **options):  # noqa: A002
        try:
            on = parse_as_at(as_at, today=timezone.localdate()).on
        except InvalidAsAt as error:
            raise CommandError(str(error), returncode=2) from error
        bodies = find_rollout(on, demonstration=settings.DEMONSTRATION, deadline=self._deadline(deadline))
        if format == "json":
            self.stdout.write(json.dumps(list_rollout_records(bodies), indent=1))
        else:
            self.stdout.write(print_rollout(bodies))

    def _deadline(self, text: str | None) -> date | None:
        if text is None:
            return None
        try:
            return date.fromisoformat(text)
        except ValueError as error:
            raise CommandError(
                f"--deadline {text!r} is not a date. Write it as 2024-03-31.", returncode=2
            ) from error
