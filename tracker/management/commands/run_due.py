from django.core.management.base import BaseCommand
from django.utils import timezone

from tracker.services.schedule import run_due


class Command(BaseCommand):
    help = "Runs everything the schedule says is due, for cron without a broker."

    def handle(self, **options):
        ran = run_due(clock=timezone.now)
        self.stdout.write("\n".join(f"Ran: {name}" for name in ran) or "Nothing is due.")
