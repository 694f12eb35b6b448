from django.core.management.base import BaseCommand, CommandError
from django.db.models import ProtectedError

from tracker.services.purge_demo import purge_demonstration


class Command(BaseCommand):
    help = "Removes the fictitious boards and everything that hangs on them. Real rows stay as they are."

    def handle(self, **options):
        try:
            removed = purge_demonstration()
        except ProtectedError as error:
            names = "; ".join(sorted(str(row) for row in error.protected_objects)[:3])
            raise CommandError(
                f"A real record rests on a fictitious one ({names}). Remove it first; nothing was removed.",
                returncode=1,
            ) from error
        self.stdout.write(f"{sum(removed.values())} fictitious rows removed.")
