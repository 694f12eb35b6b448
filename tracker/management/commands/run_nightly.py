from django.core.management.base import BaseCommand
from django.utils import timezone

from tracker.services.nightly import run_nightly


class Command(BaseCommand):
    help = "The nightly job by hand: judges every target, follows what changed, delivers mails."

    def handle(self, **options):
        night = run_nightly(clock=timezone.now)
        delivery = night.delivery
        self.stdout.write(
            f"{night.judged} verdicts judged, {night.moved} changed, {night.followed} followed; "
            f"{delivery.sent} mails sent, {delivery.failed} failed."
        )
        if delivery.failed:
            self.stderr.write("A failed mail is tried again later; the admin shows why it failed.")
            raise SystemExit(1)
