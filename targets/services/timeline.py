"""Keeps one line of history for each series and period, whatever the order in which editions come and go.

A row of `Observation` is what one edition says where that differs from the row before it: in its figures, or only in
its words. An edition that covers a place and has no row for it says what the last row before it says. So when an
edition is put in between others, or taken away, the next edition's word is first written down (`write_next`), and
then the rows of each place are lined up anew in the order in which their editions were known (`line_up`). All of it
in SQL: an edition may hold a million rows.
"""

from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Count

from targets.models import Change, Observation, Release
from targets.services.coverage import covered_places

FIGURES = (
    "value_pct",
    "lower95_pct",
    "upper95_pct",
    "lower998_pct",
    "upper998_pct",
    "count",
    "denominator",
)
WORDS = ("period_label", "value_text", "note")
PLACE = ("series_id", "period_start", "period_end")
COPIED = (*PLACE, *WORDS, *FIGURES)
EQUAL_TO = 1e-9
"""Relative: what separates two printings of one number is smaller, what a publisher revises is not."""


def same_figures(one: str, other: str, *, prefix: str = "") -> str:
    """SQL: whether two rows give the same numbers. `prefix` stands before the columns of `other`."""
    return " AND ".join(
        f"""(({one}."{name}" IS NULL) = ({other}."{prefix}{name}" IS NULL) AND ({one}."{name}" IS NULL
            OR abs({one}."{name}" - {other}."{prefix}{name}") <= {EQUAL_TO} * (1 + abs({one}."{name}"))))"""
        for name in FIGURES
    )


def same_words(one: str, other: str) -> str:
    """SQL: whether two rows are printed alike."""
    return " AND ".join(f'{one}."{name}" = {other}."{name}"' for name in WORDS)


def same_place(one: str, other: str) -> str:
    return " AND ".join(f"{one}.{name} = {other}.{name}" for name in PLACE)


def find_peers(release: Release) -> list[Release]:
    """Live releases of the same kind and indicator, in the order in which they were known."""
    peers = Release.objects.filter(indicator=release.indicator, kind=release.kind, withdrawn_at=None)
    return sorted(peers, key=_order)


def find_later(release: Release) -> list[Release]:
    return [row for row in find_peers(release) if _order(row) > _order(release)]


def _order(release: Release) -> tuple[date, int]:
    return release.known_from, release.pk


def write_next(release: Release, *, taken_away: bool) -> None:
    """The first later edition that covers a place of this one and has no row for it gets one.

    Put in: it had repeated what was known before this edition. Taken away: what this edition said.
    """
    peers = find_peers(release)
    former = [row.pk for row in peers if _order(row) < _order(release)]
    later = [row for row in peers if _order(row) > _order(release)]
    join = ""
    if not taken_away:
        join = f"""LEFT JOIN targets_observation said ON said.id = (
            SELECT former.id FROM targets_observation former
            WHERE {same_place("former", "mine")} AND former.release_id IN ({_marks(former) or "NULL"})
            ORDER BY former.known_from DESC, former.release_id DESC LIMIT 1)"""
    said = "mine" if taken_away else "said"
    place = ", ".join(f"mine.{name}" for name in PLACE)
    words = f"COALESCE({said}.period_label, mine.period_label), COALESCE({said}.value_text, ''), COALESCE({said}.note, '')"
    figures = ", ".join(f'{said}."{name}"' for name in FIGURES)
    names = ", ".join(f'"{name}"' for name in COPIED)
    for nearness, following in enumerate(later, start=1):
        covered, values = covered_places(following.covers, series="series", row="mine")
        nearer = [row.pk for row in later[:nearness]]
        day = connection.ops.adapt_datefield_value(following.known_from)
        _execute(
            f"""
            INSERT INTO targets_observation
                ({names}, release_id, known_from, known_to, estimated, dropped, change)
            SELECT {place}, {words}, {figures}, %s, %s, %s, mine.estimated,
                   COALESCE({said}.dropped, %s), 'repeated'
            FROM targets_observation mine
            {join}
            JOIN targets_series series ON series.id = mine.series_id
            JOIN icbs_area area ON area.id = series.area_id
            WHERE mine.release_id = %s AND {covered}
              AND NOT EXISTS (
                SELECT 1 FROM targets_observation held
                WHERE {same_place("held", "mine")} AND held.release_id IN ({_marks(nearer)}))
              AND NOT EXISTS (
                SELECT 1 FROM targets_unreadplace unread
                WHERE {same_place("unread", "mine")} AND unread.release_id = %s)
            """,
            [
                *(following.pk, day, day, True),
                *([] if taken_away else former),
                release.pk,
                *values,
                *nearer,
                following.pk,
            ],
        )


def _marks(keys: list[int]) -> str:
    return ", ".join(["%s"] * len(keys))


def line_up(release: Release) -> None:
    """Works out, for every place this release has a row for, which rows act, from when and to when.

    Only rows that change are written: first those that end, since one row a place may be without an end.
    """
    former = ", ".join(f'LAG(fact."{name}") OVER line AS "former_{name}"' for name in FIGURES)
    figures = ", ".join(f'fact."{name}"' for name in FIGURES)
    same = f"dropped = former_dropped AND {same_figures('ordered', 'ordered', prefix='former_')}"
    _execute(
        f"""
        CREATE TEMPORARY TABLE lined_up AS
        WITH ordered AS (
            SELECT fact.id, fact.series_id, fact.period_start, fact.period_end, fact.known_from, fact.release_id,
                   fact.dropped, {figures},
                   LAG(fact.id) OVER line AS former_id, LAG(fact.dropped) OVER line AS former_dropped, {former}
            FROM targets_observation mine
            JOIN targets_observation fact ON {same_place("fact", "mine")} AND fact.estimated = mine.estimated
            JOIN targets_release edition ON edition.id = fact.release_id
            WHERE mine.release_id = %s AND edition.withdrawn_at IS NULL
            WINDOW line AS (PARTITION BY fact.series_id, fact.period_start, fact.period_end
                            ORDER BY fact.known_from, fact.release_id)
        ), judged AS (
            SELECT id, series_id, period_start, period_end, known_from, release_id, dropped,
                   CASE WHEN former_id IS NULL THEN NOT dropped ELSE NOT ({same}) END AS acts
            FROM ordered
        )
        SELECT id AS row_id, LEAD(known_from) OVER line AS known_to, LAG(id) OVER line AS replaces_id,
               CASE WHEN dropped THEN 'dropped'
                    WHEN COALESCE(LAG(dropped) OVER line, %s) THEN 'new'
                    ELSE 'revised' END AS change
        FROM judged WHERE acts
        WINDOW line AS (PARTITION BY series_id, period_start, period_end ORDER BY known_from, release_id)
        UNION ALL
        SELECT id, known_from, NULL, 'repeated' FROM judged WHERE NOT acts
        """,
        [release.pk, True],
    )
    for wanted in (
        "fact.known_to IS NULL AND lined_up.known_to IS NOT NULL",
        """COALESCE(fact.known_to, '9999-12-31') <> COALESCE(lined_up.known_to, '9999-12-31')
           OR COALESCE(fact.replaces_id, 0) <> COALESCE(lined_up.replaces_id, 0) OR fact.change <> lined_up.change""",
    ):
        _execute(
            f"""
            UPDATE targets_observation AS fact
            SET known_to = lined_up.known_to, change = lined_up.change, replaces_id = lined_up.replaces_id
            FROM lined_up WHERE fact.id = lined_up.row_id AND ({wanted})
            """,
            [],
        )
    _execute("DROP TABLE lined_up", [])


def count_changes(releases: list[Release]) -> None:
    """Writes on each release what it changed."""
    found = (
        Observation.objects.filter(release__in=releases)
        .order_by()
        .values_list("release", "change")
        .annotate(rows=Count("pk"))
    )
    counts = {(release, change): rows for release, change, rows in found}
    for release in releases:
        release.new_count = counts.get((release.pk, Change.NEW), 0)
        release.revised_count = counts.get((release.pk, Change.REVISED), 0)
        release.dropped_count = counts.get((release.pk, Change.DROPPED), 0)
        release.unchanged_count = release.accepted_count - release.new_count - release.revised_count
        release.save(update_fields=["new_count", "revised_count", "dropped_count", "unchanged_count"])


def _execute(statement: str, values: list[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
