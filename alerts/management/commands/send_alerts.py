from django.core.management.base import BaseCommand
from django.utils import timezone

from alerts.services.deliver import deliver_due


class Command(BaseCommand):
    help = "Delivers the mails that are due. Safe to run while another worker does."

    def handle(self, **options):
        delivery = deliver_due(clock=timezone.now)
        self.stdout.write(f"{delivery.sent} sent, {delivery.failed} failed.")
        if delivery.failed:
            self.stderr.write("A failed mail is tried again later; the admin shows why it failed.")
            raise SystemExit(1)
