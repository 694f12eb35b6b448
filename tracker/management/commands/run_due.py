from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from tracker.services.schedule import run_due


class Command(BaseCommand):
    help = "Runs everything the schedule says is due, for cron without a broker."

    def handle(self, **options):
        due = run_due(clock=timezone.now)
        if due.ran or not due.failed:
            self.stdout.write("\n".join(f"Ran: {name}" for name in due.ran) or "Nothing is due.")
        if due.failed:
            raise CommandError(
                f"Failed: {'; '.join(due.failed)}. The log says why; it is run again the next time.",
                returncode=1,
            )
