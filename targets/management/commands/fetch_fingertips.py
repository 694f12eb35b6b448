import json

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from targets.services.fetch_fingertips import UnknownIndicator, fetch_fingertips


class Command(BaseCommand):
    help = "Asks Fingertips for indicators and takes in what differs from the last release."

    def add_arguments(self, parser):
        parser.add_argument(
            "indicators",
            nargs="*",
            metavar="INDICATOR",
            help="Slug or Fingertips ID; none: every indicator that is still published there.",
        )
        parser.add_argument("--dry-run", action="store_true", help="Ask and compare, but keep nothing.")
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *, indicators, dry_run, format, **options):  # noqa: A002
        try:
            fetched = fetch_fingertips(indicators, clock=timezone.now, dry_run=dry_run, say=self.stderr.write)
        except UnknownIndicator as error:
            raise CommandError(str(error), returncode=2) from error
        if format == "json":
            self.stdout.write(json.dumps([done.as_json() for done in fetched], indent=1))
        else:
            nothing = "No indicator that is still published has a Fingertips ID and area types."
            self.stdout.write("\n".join(done.as_text() for done in fetched) or nothing)
        refused = sum(done.has_refusals for done in fetched)
        if refused:
            raise CommandError(
                f"{refused} of {len(fetched)} files were refused in whole or in part; the reasons are above.",
                returncode=1,
            )
