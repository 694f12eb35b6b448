from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from tracker.services.load_reference import BrokenReference, load_reference


class Command(BaseCommand):
    help = "Loads the bundled real data into the database. Twice changes nothing."

    def add_arguments(self, parser):
        parser.add_argument("--folder", type=Path, help="Another folder with the same tables.")

    def handle(self, *, folder, verbosity, **options):
        bar = tqdm(total=7, unit="step", disable=True if verbosity == 0 else None, leave=False)

        def show(step: str) -> None:
            bar.set_description(step)
            bar.update()

        try:
            load_reference(show, folder=folder)
        except BrokenReference as error:
            raise CommandError(str(error), returncode=1) from error
        finally:
            bar.close()
        self.stdout.write("Reference data is loaded.")
