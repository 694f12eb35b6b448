"""What needs work today, counted by the same filters that its links open."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from alerts.admin import DELIVERY_CHOICES
from alerts.models import Mail
from icbs.models import Area
from kit.calc.formats import format_day
from targets.admin.coverage import describe_open_jump, link_to_clear, list_open_jumps
from targets.admin.figures import RECENT_DAYS, filter_releases, find_overdue, mark_fictitious
from targets.admin.follow_ups import describe_orphan, link_to_answer, list_orphaned_promises
from targets.admin.promises import find_drafts
from targets.admin.uploads import describe_state, has_failed, is_waiting
from targets.admin.verdicts import (
    ANY_REASON,
    NOT_JUDGED,
    filter_standings,
    find_promises,
    is_not_judged,
    show_verdict,
)
from targets.calc.choosing import Reason
from targets.calc.wording import REASONS
from targets.models import Release, Standing, Target, Upload
from tracker.admin.bodies import filter_bodies, find_bodies

SHOWN = 10
"""Lines below a count; the list behind it has them all."""


@dataclass(frozen=True, slots=True)
class Line:
    words: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One kind of work: how many real rows and how many fictitious ones, each with its filtered list."""

    words: str
    permission: str
    count: int
    url: str
    fictitious_count: int = 0
    fictitious_url: str = ""
    lines: list[Line] = field(default_factory=list)

    @property
    def waits(self) -> bool:
        return bool(self.count or self.fictitious_count)

    @property
    def first_lines(self) -> list[Line]:
        return self.lines[:SHOWN]

    @property
    def more_count(self) -> int:
        return max(0, len(self.lines) - SHOWN)


def find_work() -> list[Work]:
    """Everything that may wait, in the order of its weight; a fixed number of queries."""
    return [
        *_find_slipping(),
        *_find_unjudged(),
        *_find_uploads(),
        *_find_figures(),
        *_find_questions(),
        *_find_mails(),
    ]


def _list_url(model: str, **query: str) -> str:
    return f"{reverse(f'admin:{model}_changelist')}?{urlencode(query)}"


def _make_work(
    words: str,
    model: str,
    flag: str,
    flags: Iterable[bool],
    query: dict[str, str],
    lines: Iterable[Line] = (),
) -> Work:
    """`flags` tells of each row whether it is fictitious; `flag` is the parameter that tells lists so."""
    counted = Counter(flags)
    app, name = model.split("_")
    return Work(
        words=words,
        permission=f"{app}.view_{name}",
        count=counted[False],
        url=_list_url(model, **query, **{flag: "0"}),
        fictitious_count=counted[True] if settings.DEMONSTRATION else 0,
        fictitious_url=_list_url(model, **query, **{flag: "1"}),
        lines=list(lines),
    )


def _make_body_work(
    words: str, areas: Iterable[Area], query: dict[str, str], lines: Iterable[Line] = ()
) -> Work:
    flags = {area.pk: area.demonstration for area in areas}.values()
    return _make_work(words, "icbs_area", "demonstration__exact", flags, query, lines)


def _find_slipping() -> list[Work]:
    today = timezone.localdate()
    promises = find_promises(today).select_related("assessment", "area", "version__target")
    ordered = promises.order_by("area__demonstration", "area__short_name", "version__target__slug")

    def on_promises(words: str, choice: str) -> Work:
        rows = list(filter_standings(ordered, choice))
        lines = [
            _describe_standing(row) for row in rows if settings.DEMONSTRATION or not row.area.demonstration
        ]
        return _make_body_work(words, (row.area for row in rows), {"promise": choice}, lines)

    bodies = find_bodies()
    by_service = filter_bodies(bodies, "march_2024")
    by_target = list(filter_standings(ordered, "march_2024"))
    return [
        on_promises("Bodies off track for a deadline", "off_track_firm"),
        on_promises("Bodies off track on indicative verdicts only", "off_track_indicative"),
        _make_body_work(
            "Bodies off track for March 2024, by a service or a target of their own",
            [*by_service, *(row.area for row in by_target)],
            {"march_2024": "off_track"},
            _describe_march(by_service, by_target),
        ),
        on_promises("Bodies whose deadline has passed, awaiting the deciding reading", "awaiting"),
        _make_body_work(
            "Boards without a report on any service",
            filter_bodies(bodies, "no_report"),
            {"services": "no_report", "in_being": "yes"},
        ),
    ]


def _describe_standing(standing: Standing) -> Line:
    badge = " (Demonstration)" if standing.area.demonstration else ""
    return Line(
        f"{standing.area.short_name}{badge}: {standing.version.target.title}. {show_verdict(standing.assessment)}",
        reverse("admin:targets_target_change", args=[standing.version.target_id]),
    )


def _describe_march(by_service: list[Area], by_target: list[Standing]) -> list[Line]:
    real_bodies = {row.area_id for row in by_target if not row.area.demonstration}
    services = sum(not area.demonstration for area in by_service)
    return [
        Line(
            f"By a service: {services}",
            _list_url("icbs_area", services="march_2024", demonstration__exact="0"),
        ),
        Line(
            f"By a target of their own: {len(real_bodies)}",
            _list_url("icbs_area", promise="march_2024", demonstration__exact="0"),
        ),
    ]


def _find_unjudged() -> list[Work]:
    today = timezone.localdate()
    unjudged = list(filter_standings(find_promises(today), "unjudged").select_related("assessment", "area"))
    waiting = list(Target.objects.filter(is_not_judged(today)).select_related("body"))
    drafts = list(
        Target.objects.filter(Exists(find_drafts().filter(target=OuterRef("pk")))).select_related("body")
    )
    reasons = Counter(row.assessment.reason for row in unjudged if not row.area.demonstration)
    lines = [
        _describe_reason(REASONS[Reason(reason)], reason, count) for reason, count in reasons.most_common()
    ]
    if real_waiting := sum(not target.body.demonstration for target in waiting):
        lines.append(_describe_reason("The nightly job has not judged it.", NOT_JUDGED, real_waiting))
    flags = [row.area.demonstration for row in unjudged] + [target.body.demonstration for target in waiting]
    flag = "body__demonstration__exact"
    return [
        _make_work("Targets without a verdict", "targets_target", flag, flags, {"reason": ANY_REASON}, lines),
        _make_work(
            "Targets with a draft to be published",
            "targets_target",
            flag,
            [target.body.demonstration for target in drafts],
            {"draft": "yes"},
        ),
    ]


def _describe_reason(words: str, reason: str, count: int) -> Line:
    query = {"reason": reason, "body__demonstration__exact": "0"}
    return Line(f"{count}: {words}", _list_url("targets_target", **query))


def _find_figures() -> list[Work]:
    overdue = find_overdue(timezone.localdate())
    lines = [
        Line(
            f"{indicator.short_name}: due {format_day(due)}",
            reverse("admin:targets_indicator_change", args=[indicator.pk]),
        )
        for indicator, due in overdue.items()
        if not indicator.fictitious
    ]
    return [
        _make_work(
            "Publications overdue",
            "targets_indicator",
            "demonstration",
            [indicator.fictitious for indicator in overdue],
            {"edition": "overdue"},
            lines,
        ),
        _make_release_work("Editions with rejected rows", "rejected"),
        _make_release_work("Editions that dropped rows of the one before", "dropped"),
        _make_release_work(f"Imports: editions taken in within {RECENT_DAYS} days", "recent"),
    ]


def _find_uploads() -> list[Work]:
    now = timezone.now()
    held = Upload.objects.defer("preview", "staged").order_by("pk")

    def on_uploads(words: str, choice: str, condition: Q) -> Work:
        uploads = list(held.filter(condition))
        lines = [
            Line(
                f"{upload.file_name}: {describe_state(upload)}",
                reverse("admin:targets_upload_change", args=[upload.pk]),
            )
            for upload in uploads
        ]
        return Work(
            words=words,
            permission="targets.view_upload",
            count=len(uploads),
            url=_list_url("targets_upload", work=choice),
            lines=lines,
        )

    return [
        on_uploads("Uploaded files that wait to be confirmed", "waiting", is_waiting(now)),
        on_uploads("Uploaded files that were refused, or whose reading stopped", "failed", has_failed(now)),
    ]


def _find_questions() -> list[Work]:
    """What only a person can answer; the lists behind name every one above their table."""
    jumps = list_open_jumps()
    orphans = list_orphaned_promises()
    return [
        _make_question_work(
            "Jumps in who was surveyed, not cleared by anybody",
            "targets_coverageclearance",
            [jump.demonstration for jump in jumps],
            [Line(describe_open_jump(jump), link_to_clear(jump)) for jump in jumps],
        ),
        _make_question_work(
            "Promises of closed boards that no successor was asked about",
            "targets_promisefollowup",
            [orphan.demonstration for orphan in orphans],
            [Line(describe_orphan(orphan), link_to_answer(orphan)) for orphan in orphans],
        ),
    ]


def _make_question_work(words: str, model: str, flags: list[bool], lines: list[Line]) -> Work:
    app, name = model.split("_")
    return Work(
        words=words,
        permission=f"{app}.view_{name}",
        count=flags.count(False),
        url=_list_url(model),
        fictitious_count=flags.count(True),
        fictitious_url=_list_url(model),
        lines=lines,
    )


def _make_release_work(words: str, choice: str) -> Work:
    releases: QuerySet[Any] = mark_fictitious(filter_releases(Release.objects.all(), choice), "indicator")
    flags = list(releases.values_list("fictitious", flat=True))
    return _make_work(words, "targets_release", "demonstration", flags, {"rows": choice})


def _find_mails() -> list[Work]:
    return [
        _make_work(
            words,
            "alerts_mail",
            "demonstration__exact",
            list(Mail.objects.filter(DELIVERY_CHOICES[choice][1]).values_list("demonstration", flat=True)),
            {"delivery": choice},
        )
        for words, choice in (("Mails that failed", "failed"), ("Mails waiting to be sent", "waiting"))
    ]
