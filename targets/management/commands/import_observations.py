import json
from datetime import date
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import URLValidator
from django.utils import timezone
from tqdm import tqdm

from kit.calc.formats import format_day
from kit.readers.csv_table import BrokenTable
from kit.readers.source_file import SourceFile
from targets.models import Indicator, Release
from targets.services.import_release import (
    NamesNoIndicator,
    Outcome,
    RefusedRelease,
    Request,
    import_file,
)

WRONG_USE = 2
DAY_NOT_GIVEN = "No day of publication was given: the day it was taken in, so known at the latest by then"
SHOWN_REJECTIONS = 20
LENGTHS = {"basis": 200, "source": 300, "source_url": 500}
COUNTS = {
    "new": "New",
    "unchanged": "Unchanged",
    "revised": "Revised",
    "duplicate": "Repeated in the file",
    "dropped": "No longer published",
}


class Command(BaseCommand):
    help = "Takes a file of published figures in as an edition: each row new, unchanged, revised or refused."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, metavar="FILE", help="CSV or XLSX in a known layout.")
        parser.add_argument("--indicator", metavar="SLUG", help="Needed where the file names none.")
        parser.add_argument("--released", metavar="DATE", help="When the public could know it: 2024-10-01.")
        parser.add_argument("--basis", default="", help="How that day is known.")
        parser.add_argument("--source", default="", metavar="TITLE", help="What to name as the source.")
        parser.add_argument("--source-url", default="", metavar="URL")
        parser.add_argument(
            "--only-named-areas",
            action="store_true",
            help="The file is a part: figures of areas it does not name are not taken as dropped.",
        )
        parser.add_argument("--dry-run", action="store_true", help="Show what would change; keep nothing.")
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *, file, dry_run, format, **options):  # noqa: A002
        request = _make_request(file, options)
        bar = tqdm(unit="B", unit_scale=True, disable=None, leave=False)

        def show(source: SourceFile) -> None:
            bar.total = source.size
            bar.update(source.bytes_read - bar.n)

        try:
            outcome = import_file(file, request, dry_run=dry_run, progress=show)
        except (BrokenTable, RefusedRelease) as error:
            reason = _explain_refusal(error)
            if format == "json":
                self.stdout.write(json.dumps(Outcome().as_json() | {"error": reason}, indent=1))
            raise CommandError(f"{reason} Nothing was taken in.", returncode=1) from error
        finally:
            bar.close()
        if dry_run:
            outcome.releases = outcome.known
        if format == "json":
            self.stdout.write(json.dumps(outcome.as_json(), indent=1))
        else:
            self.stdout.write(_print_outcome(outcome, file.name, dry_run=dry_run))
        if outcome.rejected:
            raise CommandError(_explain_rejections(len(outcome.rejected), outcome, dry_run), returncode=1)


def _make_request(file: Path, options: dict) -> Request:
    if not file.is_file():
        raise CommandError(f"There is no file {file}: check the path.", returncode=WRONG_USE)
    for name, most in LENGTHS.items():
        if len(options[name]) > most:
            option = name.replace("_", "-")
            raise CommandError(
                f"--{option} has {len(options[name])} characters, and at most {most} are kept: shorten it.",
                returncode=WRONG_USE,
            )
    _check_address(options["source_url"])
    released = _read_day(options["released"])
    return Request(
        file_name=file.name,
        known_from=released or timezone.localdate(),
        known_from_basis=options["basis"] or ("As given when it was taken in" if released else DAY_NOT_GIVEN),
        source_title=options["source"] or f"Taken in from the file {file.name}",
        source_url=options["source_url"],
        indicator=_find_indicator(options["indicator"]),
        only_named_areas=options["only_named_areas"],
    )


def _check_address(address: str) -> None:
    try:
        if address:
            URLValidator()(address)
    except ValidationError:
        raise CommandError(
            f"--source-url {address!r} is not a web address. Write it with https:// in front.",
            returncode=WRONG_USE,
        ) from None


def _read_day(text: str | None) -> date | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise CommandError(
            f"--released {text!r} is not a date. Write it as 2024-10-01.", returncode=WRONG_USE
        ) from None
    if day > timezone.localdate():
        raise CommandError(
            f"--released {day} lies in the future: no edition is known before it is out.",
            returncode=WRONG_USE,
        )
    return day


def _find_indicator(slug: str | None) -> Indicator | None:
    if not slug:
        return None
    found = Indicator.objects.filter(slug=slug).first()
    if found is None:
        known = ", ".join(Indicator.objects.order_by("slug").values_list("slug", flat=True)) or "none yet"
        raise CommandError(f"There is no indicator {slug}. The tracker holds: {known}.", returncode=WRONG_USE)
    return found


def _print_outcome(outcome: Outcome, name: str, *, dry_run: bool) -> str:
    counts = outcome.as_json()
    lines = [f"{name}: {outcome.read:,} rows read", ""]
    lines += [f"{words:<22}{counts[key]:>10,}" for key, words in COUNTS.items()]
    lines += [f"{'Refused':<22}{len(outcome.rejected):>10,}", ""]
    lines += [f"Line {row['line']}: {row['reason']}" for row in outcome.rejected[:SHOWN_REJECTIONS]]
    more = len(outcome.rejected) - SHOWN_REJECTIONS
    if more > 0:
        lines.append(f"And {more:,} more, which --format json lists.")
    lines += [""] if outcome.rejected else []
    lines += [_describe_release(release, known=release in outcome.known) for release in outcome.releases]
    if dry_run:
        lines.append("This was a dry run: nothing was kept.")
    elif not outcome.releases:
        lines.append("No row could be taken in, so there is no edition.")
    return "\n".join(lines)


def _describe_release(release: Release, *, known: bool) -> str:
    day = format_day(release.known_from)
    if known:
        return f"This file is held already as release {release.pk} ({release.title}, known from {day})."
    return (
        f"Taken in as release {release.pk} ({release.title}, known from {day}). "
        f"It is shown at /data/releases/{release.pk}/."
    )


def _explain_refusal(error: Exception) -> str:
    return f"{error} Name it with --indicator SLUG." if isinstance(error, NamesNoIndicator) else str(error)


def _explain_rejections(count: int, outcome: Outcome, dry_run: bool) -> str:
    rows = "1 row is" if count == 1 else f"{count:,} rows are"
    if dry_run:
        return f"{rows} refused."
    kept = "the others were taken in" if outcome.releases else "nothing was taken in"
    return f"{rows} refused; {kept}."
