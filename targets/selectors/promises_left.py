"""What closed boards had promised, and whether their successors have restated it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import F, FilteredRelation, Q

from icbs.models import Area, AreaLink, LinkKind
from targets.models import Answer, PromiseFollowUp, Target, TargetVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """What is known of one promise and one successor: restated as a target of its own, or not restated."""

    is_restated: bool
    restated_as: int | None
    restated_title: str
    source_title: str
    source_url: str
    known_from: date


@dataclass(frozen=True, slots=True)
class Question:
    """Has the successor restated a promise? `answer` is None where nobody knows."""

    successor: Area
    answer: FollowUp | None


@dataclass(frozen=True, slots=True)
class LeftPromise:
    """A target of a closed board as it stood, with one question for each successor."""

    version: TargetVersion
    questions: list[Question] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class OrphanedPromise:
    """A published target of a closed board that nobody has asked one successor about."""

    target: Target
    successor: Area

    @property
    def demonstration(self) -> bool:
        return self.target.body.demonstration


def find_left_promises(heirs: Iterable[tuple[Area, Area]], on: date) -> list[LeftPromise]:
    """Targets of closed boards in force on a day, with the answers known by then. One query; none without heirs.

    `heirs`: pairs of a closed board and a successor that is asked.
    """
    successors: dict[int, list[Area]] = defaultdict(list)
    for body, successor in heirs:
        successors[body.pk].append(successor)
    if not successors:
        return []
    versions: dict[int, TargetVersion] = {}
    answers: dict[tuple[int, int], FollowUp] = {}
    for row in _find_versions(list(successors), on):
        versions[row.pk] = row
        if row.followed_by is not None:
            answers[row.pk, row.followed_by] = _make_answer(row)
    return [
        LeftPromise(
            version,
            [Question(heir, answers.get((key, heir.pk))) for heir in successors[version.target.body_id]],
        )
        for key, version in versions.items()
    ]


def _find_versions(bodies: list[int], on: date) -> Iterable[Any]:
    """Each version once for each answer about it."""
    known = Q(target__follow_ups__known_from__lte=on)
    return (
        TargetVersion.objects.in_force(on)
        .filter(target__body__in=bodies)
        .select_related("target__body")
        .annotate(following=FilteredRelation("target__follow_ups", condition=known))
        .annotate(
            followed_by=F("following__successor"),
            answer=F("following__answer"),
            restated_as=F("following__restated_as"),
            restated_title=F("following__restated_as__title"),
            answer_source_title=F("following__source_title"),
            answer_source_url=F("following__source_url"),
            answer_known_from=F("following__known_from"),
        )
        .order_by("target__body__short_name", "target__slug")
    )


def _make_answer(row: Any) -> FollowUp:
    return FollowUp(
        is_restated=row.answer == Answer.RESTATED,
        restated_as=row.restated_as,
        restated_title=row.restated_title or "",
        source_title=row.answer_source_title,
        source_url=row.answer_source_url,
        known_from=row.answer_known_from,
    )


def find_heirs(on: date) -> list[tuple[Area, Area]]:
    """Every board closed by a day with each body that its area passed to when it closed. One query.

    A part given away while the board went on passes on no promise.
    """
    links = AreaLink.objects.filter(
        kind=LinkKind.SUCCEEDED_BY,
        valid_from__lte=on,
        from_area__closed__lte=on,
        valid_from__gte=F("from_area__closed"),
    ).select_related("from_area", "to_area")
    ordered = links.order_by("from_area__demonstration", "from_area__short_name", "to_area__short_name")
    return [(link.from_area, link.to_area) for link in ordered]


def find_orphaned_promises(on: date) -> list[OrphanedPromise]:
    """Published targets of closed boards without a follow-up, one row a target and successor. Three queries."""
    heirs = find_heirs(on)
    targets: dict[int, list[Target]] = defaultdict(list)
    in_force = TargetVersion.objects.in_force(on).filter(target__body__in={body.pk for body, _ in heirs})
    for version in in_force.select_related("target__body").order_by("target__slug"):
        targets[version.target.body_id].append(version.target)
    asked = set(
        PromiseFollowUp.objects.filter(
            target__in=[target.pk for held in targets.values() for target in held]
        ).values_list("target", "successor")
    )
    return [
        OrphanedPromise(target, successor)
        for body, successor in heirs
        for target in targets[body.pk]
        if (target.pk, successor.pk) not in asked
    ]
