from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from alerts.services.deliver import deliver_due
from tracker.services.load_demonstration import BrokenDemonstration, DemonstrationOff, load_demonstration


class Command(BaseCommand):
    help = "Loads the fictitious boards and plays their editions. Twice changes nothing; purge_demo removes them."

    def handle(self, *, verbosity, **options):
        bar = tqdm(total=4, unit="step", disable=True if verbosity == 0 else None, leave=False)

        def show(step: str) -> None:
            bar.set_description(step)
            bar.update()

        try:
            played = load_demonstration(clock=timezone.now, progress=show)
        except DemonstrationOff as error:
            raise CommandError(str(error), returncode=2) from error
        except BrokenDemonstration as error:
            raise CommandError(str(error), returncode=1) from error
        finally:
            bar.close()
        delivery = deliver_due(clock=timezone.now)
        self.stdout.write(
            f"{played.boards} fictitious boards are loaded: {played.moved} verdicts moved, "
            f"{played.mails} mails written, {delivery.sent} delivered."
        )
        if delivery.failed:
            self.stderr.write(
                f"{delivery.failed} mails failed and are tried again later; the admin shows why they failed."
            )
