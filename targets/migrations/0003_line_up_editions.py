"""Editions taken in before editions could come in any order: what they cover, and what each of their rows did."""

from django.db import migrations
from django.db.models import Max, Min, Q

STATED = "adults-smoking-aps-18"


def line_up_editions(apps, schema_editor):
    models = {name: apps.get_model("targets", name) for name in ("Indicator", "Series", "Release", "Observation")}
    models["Indicator"].objects.filter(slug=STATED).update(age="18+", estimated_from_councils=True)
    models["Series"].objects.filter(indicator__slug=STATED, age="").update(age="18+")
    models["Observation"].objects.filter(release__kind="estimate").update(estimated=True)
    for release in models["Release"].objects.order_by("known_from", "pk"):
        _write_scope(release, models["Observation"].objects, apps.get_model("icbs", "Area").objects)
    for row in models["Observation"].objects.exclude(known_to=None).select_related("release").order_by("pk"):
        _point_at(row, models["Observation"].objects, models["Release"].objects)


def _write_scope(release, observations, areas):
    rows = observations.filter(
        Q(known_to=None) | Q(known_to__gt=release.known_from),
        series__indicator=release.indicator_id,
        release__kind=release.kind,
        known_from__lte=release.known_from,
    )
    groups = set(rows.values_list("series__sex", "series__age", "series__area__kind"))
    spans = rows.values("series__period_months").annotate(first=Min("period_start"), last=Max("period_end"))
    release.accepted_count = release.new_count + release.unchanged_count + release.revised_count
    release.layout = "" if release.kind == "estimate" else "wide"
    release.covers = {
        "kinds": sorted({kind for *_, kind in groups}),
        "sexes": sorted({sex for sex, *_ in groups}),
        "ages": sorted({age for _, age, _ in groups}),
        "categories": [["", ""]] if groups else [],
        "spans": {
            str(span["series__period_months"]): [span["first"].isoformat(), span["last"].isoformat()]
            for span in spans
        },
    }
    if release.kind == "estimate":
        in_being = Q(opened=None) | Q(opened__lte=release.known_from)
        boards = areas.filter(
            in_being, Q(closed=None) | Q(closed__gt=release.known_from), kind="icb", demonstration=False
        )
        release.covers["areas"] = sorted(boards.values_list("pk", flat=True))
    release.save()


def _point_at(row, observations, releases):
    """The row that replaced it, or one that says that the figure is no longer given."""
    place = {
        "series": row.series_id,
        "period_start": row.period_start,
        "period_end": row.period_end,
        "estimated": row.estimated,
    }
    following = observations.filter(**place, known_from=row.known_to).exclude(pk=row.pk)
    if following.update(change="revised", replaces=row):
        return
    editions = releases.filter(
        indicator=row.release.indicator_id, kind=row.release.kind, known_from=row.known_to
    )
    edition = editions.order_by("-pk").first()
    if edition is None:
        return
    later = observations.filter(**place, known_from__gt=row.known_to).order_by("known_from").first()
    observations.create(
        series_id=row.series_id,
        release=edition,
        period_label=row.period_label,
        period_start=row.period_start,
        period_end=row.period_end,
        known_from=row.known_to,
        known_to=later.known_from if later else None,
        estimated=row.estimated,
        dropped=True,
        change="dropped",
        replaces=row,
    )


class Migration(migrations.Migration):
    dependencies = [("targets", "0002_figures_in"), ("icbs", "0002_figures_in")]

    operations = [migrations.RunPython(line_up_editions, migrations.RunPython.noop)]
