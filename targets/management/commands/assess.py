import json
from datetime import date

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from kit.as_at import InvalidAsAt, parse_as_at
from targets.reports import list_verdict_records, print_verdicts
from targets.selectors.judging import judge_as_at
from targets.services.assess import assess_targets


class Command(BaseCommand):
    help = "Judges every target in force. With --as-at it answers for that day and writes nothing."

    def add_arguments(self, parser):
        parser.add_argument("--as-at", help="A past day: year-month-day.")
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *, as_at, format, **options):  # noqa: A002
        if as_at:
            judged = judge_as_at(self._day(as_at))
        else:
            run = assess_targets(now=timezone.now())
            judged = run.judged
            self.stderr.write(f"{len(judged)} verdicts, {run.moved} changed.")
        if not settings.DEMONSTRATION:
            judged = [row for row in judged if not row.pair.area.demonstration]
        if format == "json":
            self.stdout.write(json.dumps(list_verdict_records(judged), indent=1))
        else:
            self.stdout.write(print_verdicts(judged))

    def _day(self, text: str) -> date:
        try:
            return parse_as_at(text, today=timezone.localdate()).on
        except InvalidAsAt as error:
            raise CommandError(str(error), returncode=2) from error
