"""A small fictitious world, written by a process of its own: `python -m tests.services.world STEP …`.

One board is to fall from 15% in 2020 to 5% in 2040 in a straight line: 14% in the middle of 2022, 13.5% in
the middle of 2023. Its first edition reads 13.5% for 2022 (on track), its second adds 17% for 2023 (red).
"""

import sys
import time
from datetime import date

import django


def build(subscriber_count: str) -> None:
    """The board with its target and first edition, judged once, and its subscribers."""
    from django.utils import timezone

    from alerts.models import Frequency, Subscription
    from icbs.models import Area
    from targets.models import Indicator, Target, TargetVersion, VersionStatus
    from tracker.services.nightly import run_nightly

    board = Area.objects.create(
        code="FICT1",
        kind="icb",
        name="Fictitious Northvale",
        short_name="Northvale",
        opened=date(2022, 7, 1),
        demonstration=True,
    )
    indicator = Indicator.objects.create(
        slug="fictitious-survey",
        name="Fictitious survey of smoking",
        short_name="Fictitious survey",
        publisher="Fictitious",
        population="Adults",
        unit="% of adults who smoke",
        collection="sample",
    )
    TargetVersion.objects.create(
        target=Target.objects.create(slug="northvale-5", body=board, title="5% of adults by 2040"),
        status=VersionStatus.PUBLISHED,
        wording="At most 5% of adults smoke by 2040.",
        source_title="Fictitious",
        stated_on=date(2021, 1, 1),
        known_from=date(2021, 1, 1),
        indicator=indicator,
        indicator_words="Adults who smoke",
        comparator="le",
        value_pct=5,
        deadline=date(2040, 12, 31),
        deadline_precision="calendar_year",
        baseline_pct=15,
        baseline_period_start=date(2020, 1, 1),
        baseline_period_end=date(2020, 12, 31),
    )
    for number in range(int(subscriber_count)):
        subscription = Subscription.objects.create(
            email=f"reader{number}@example.org",
            frequency=Frequency.IMMEDIATE,
            confirmed_at=timezone.now(),
            demonstration=True,
        )
        subscription.areas.add(board)
    _publish(known_from=date(2023, 6, 1), readings=[(2022, 13.5)])
    run_nightly(clock=timezone.now)


def publish_second_edition() -> None:
    _publish(known_from=date(2024, 6, 1), readings=[(2022, 13.5), (2023, 17.0)])


def run_nightly_at(moment: str) -> None:
    """The nightly job, begun at a moment in seconds since 1970, so that two begin together."""
    from django.utils import timezone

    from tracker.services.nightly import run_nightly

    time.sleep(max(0.0, float(moment) - time.time()))
    run_nightly(clock=timezone.now)


def schedule_every_second(which: str) -> None:
    """Both entries of the schedule, or only the one that delivers, run every second."""
    from django_celery_beat.models import IntervalSchedule, PeriodicTask

    from tracker.services import schedule

    often, _ = IntervalSchedule.objects.get_or_create(every=1, period=IntervalSchedule.SECONDS)
    PeriodicTask.objects.update(enabled=False)
    names = {"all": [schedule.NIGHTLY, schedule.DELIVER], "deliver": [schedule.DELIVER]}[which]
    for name in names:
        entry = PeriodicTask.objects.get(name=name)  # seeded by the migration
        entry.crontab, entry.interval, entry.enabled = None, often, True
        entry.save()


def _publish(*, known_from: date, readings: list[tuple[int, float]]) -> None:
    from targets.models import Indicator
    from targets.readers.reading import Reading
    from targets.services.editions import Edition
    from targets.services.import_release import take_in_readings

    take_in_readings(
        Edition(
            indicator=Indicator.objects.get(),
            title=f"Fictitious edition of {known_from:%Y}",
            known_from=known_from,
            known_from_basis="Fictitious",
            file_name="fictitious.csv",
            file_sha256=f"{known_from:%Y%m%d}".zfill(64),
            source_title="Fictitious",
            source_url="",
        ),
        [
            Reading(
                area_code="FICT1",
                period_label=str(year),
                period_start=date(year, 1, 1),
                period_end=date(year, 12, 31),
                value_text=str(pct),
                value_pct=pct,
                lower95_pct=pct - 0.5,
                upper95_pct=pct + 0.5,
                lower998_pct=pct - 0.8,
                upper998_pct=pct + 0.8,
            )
            for year, pct in readings
        ],
    )


STEPS = {
    step.__name__: step for step in (build, publish_second_edition, run_nightly_at, schedule_every_second)
}

if __name__ == "__main__":
    django.setup()
    STEPS[sys.argv[1]](*sys.argv[2:])
