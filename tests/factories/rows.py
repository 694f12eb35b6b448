"""Rows with fixed, readable numbers: what a test does not name is valid and unremarkable."""

from datetime import UTC, date, datetime
from uuid import uuid4

from alerts.models import Mail, MailItem, State, Subscription, Transition
from icbs.models import (
    Area,
    AreaCode,
    AreaLink,
    BoundaryNote,
    Contact,
    HexCell,
    Population,
    RolloutStatus,
    Service,
)
from targets.models import (
    AnnouncedEdition,
    Assessment,
    Break,
    CoverageClearance,
    EstimatePart,
    Indicator,
    MissingEstimate,
    Observation,
    PromiseFollowUp,
    Release,
    Series,
    StagedRow,
    Standing,
    StandingChange,
    Target,
    TargetVersion,
    UnreadPlace,
    Upload,
)

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SOURCED = {"source_title": "A report", "known_from": date(2023, 6, 1)}


def make_area(**changes) -> Area:
    values = {"code": f"X{uuid4().hex[:8]}", "kind": "icb", "name": "NHS North Board", "short_name": "North"}
    return Area.objects.create(**{**values, **changes})


def make_code(**changes) -> AreaCode:
    values = {"scheme": "ods", "code": f"C{uuid4().hex[:6]}", "source_title": "ODS"}
    return AreaCode.objects.create(**{**values, "area": changes.pop("area", None) or make_area(), **changes})


def make_link(**changes) -> AreaLink:
    values = {
        "kind": "member_of",
        "from_area": changes.pop("from_area", None) or make_area(),
        "to_area": changes.pop("to_area", None) or make_area(),
        "valid_from": date(2022, 7, 1),
        "source_title": "ONS",
    }
    return AreaLink.objects.create(**{**values, **changes})


def make_hex(**changes) -> HexCell:
    values = {"valid_from": date(2022, 7, 1), "label": "N", "row": 1, "col": 1}
    return HexCell.objects.create(**{**values, "area": changes.pop("area", None) or make_area(), **changes})


def make_contact(**changes) -> Contact:
    values = {
        "area": changes.pop("area", None) or make_area(),
        "role": "Tobacco lead",
        "name": "A. Person",
        "email": "a.person@example.org",
        "since": date(2024, 4, 1),
    }
    return Contact.objects.create(**{**values, **changes})


def make_population(**changes) -> Population:
    values = {"on": date(2022, 6, 30), "age_from": 18, "persons": 1000, **SOURCED}
    return Population.objects.create(
        **{**values, "area": changes.pop("area", None) or make_area(), **changes}
    )


def make_boundary_note(**changes) -> BoundaryNote:
    values = {"on": date(2026, 4, 1), "detail": "A ward left", "source_title": "ONS"}
    return BoundaryNote.objects.create(
        **{**values, "area": changes.pop("area", None) or make_area(), **changes}
    )


def make_service(**changes) -> Service:
    values = {
        "slug": f"s{uuid4().hex[:8]}",
        "name": "Inpatients",
        "short_name": "Inpatients",
        "order": Service.objects.count() + 1,
        "deadline": date(2024, 3, 31),
        "deadline_source_title": "The plan",
    }
    return Service.objects.create(**{**values, **changes})


def make_status(**changes) -> RolloutStatus:
    values = {
        "area": changes.pop("area", None) or make_area(),
        "service": changes.pop("service", None) or make_service(),
        "on": date(2023, 5, 1),
        "status": "partial",
        **SOURCED,
    }
    return RolloutStatus.objects.create(**{**values, **changes})


def make_indicator(**changes) -> Indicator:
    values = {
        "slug": f"i{uuid4().hex[:8]}",
        "name": "Adults who smoke",
        "short_name": "Smokers",
        "publisher": "A publisher",
        "population": "Adults",
        "unit": "% of adults who smoke",
        "collection": "sample",
    }
    return Indicator.objects.create(**{**values, **changes})


def make_series(**changes) -> Series:
    return Series.objects.create(
        indicator=changes.pop("indicator", None) or make_indicator(),
        area=changes.pop("area", None) or make_area(),
        **changes,
    )


def make_break(**changes) -> Break:
    values = {"on": date(2020, 3, 1), "kind": "break", "what": "By telephone", "source_title": "Publisher"}
    return Break.objects.create(
        **{**values, "indicator": changes.pop("indicator", None) or make_indicator(), **changes}
    )


def make_announced(**changes) -> AnnouncedEdition:
    values = {
        "indicator": changes.pop("indicator", None) or make_indicator(),
        "period_end": date(2025, 12, 31),
        "due_on": date(2026, 10, 1),
        "source_title": "The publisher's calendar",
    }
    return AnnouncedEdition.objects.create(**{**values, **changes})


def make_clearance(**changes) -> CoverageClearance:
    values = {
        "indicator": changes.pop("indicator", None) or make_indicator(),
        "area": changes.pop("area", None) or make_area(),
        "period_start": date(2020, 1, 1),
        "reason": "The survey asked more patients; they answer alike",
        "cleared_by": "A. Person, analyst",
    }
    return CoverageClearance.objects.create(**{**values, **changes})


def make_unread(**changes) -> UnreadPlace:
    values = {
        "release": changes.pop("release", None) or make_release(),
        "series": changes.pop("series", None) or make_series(),
        "period_start": date(2022, 1, 1),
        "period_end": date(2022, 12, 31),
    }
    return UnreadPlace.objects.create(**{**values, **changes})


def make_upload(**changes) -> Upload:
    values = {
        "file": "uploads/edition.csv",
        "file_name": "edition.csv",
        "known_from": date(2023, 9, 5),
        "known_from_basis": "The day it came out",
        "source_title": "A publisher",
    }
    return Upload.objects.create(**{**values, **changes})


def make_staged(**changes) -> StagedRow:
    values = {
        "batch": uuid4(),
        "staged_at": NOW,
        "line": 2,
        "indicator": changes.pop("indicator", None) or make_indicator(),
        "area": changes.pop("area", None) or make_area(),
        "period_months": 12,
        "period_label": "2022",
        "period_start": date(2022, 1, 1),
        "period_end": date(2022, 12, 31),
    }
    return StagedRow.objects.create(**{**values, **changes})


def make_release(**changes) -> Release:
    values = {
        "title": "An edition",
        "known_from_basis": "The day it came out",
        "file_name": "edition.csv",
        "file_sha256": uuid4().hex,
        **SOURCED,
    }
    return Release.objects.create(
        **{**values, "indicator": changes.pop("indicator", None) or make_indicator(), **changes}
    )


def make_observation(**changes) -> Observation:
    values = {
        "series": changes.pop("series", None) or make_series(),
        "release": changes.pop("release", None) or make_release(),
        "period_label": "2022",
        "period_start": date(2022, 1, 1),
        "period_end": date(2022, 12, 31),
        "value_text": "12",
        "value_pct": 12.0,
        "known_from": date(2023, 9, 5),
    }
    return Observation.objects.create(**{**values, **changes})


def make_part(**changes) -> EstimatePart:
    return EstimatePart.objects.create(
        **{
            "estimate": changes.pop("estimate", None) or make_observation(),
            "council_figure": changes.pop("council_figure", None) or make_observation(),
            "lsoa_count": 100,
            **changes,
        }
    )


def make_missing(**changes) -> MissingEstimate:
    values = {
        "period_label": "2022",
        "period_start": date(2022, 1, 1),
        "reason": "suppressed",
        "councils": "East",
    }
    return MissingEstimate.objects.create(
        **{
            **values,
            "release": changes.pop("release", None) or make_release(),
            "area": changes.pop("area", None) or make_area(),
            **changes,
        }
    )


def make_target(**changes) -> Target:
    values = {"slug": f"t{uuid4().hex[:8]}", "title": "5% by 2030"}
    return Target.objects.create(**{**values, "body": changes.pop("body", None) or make_area(), **changes})


def make_version(**changes) -> TargetVersion:
    values = {
        "wording": "Down to 5% by 2030.",
        "stated_on": date(2023, 3, 31),
        "indicator_words": "Adults who smoke",
        "comparator": "le",
        "value_pct": 5.0,
        "deadline": date(2030, 12, 31),
        "deadline_precision": "calendar_year",
        "target": changes.pop("target", None) or make_target(),
        "indicator": changes.pop("indicator", None) or make_indicator(),
        **SOURCED,
    }
    values |= changes
    if "stated_on" not in changes and "known_from" in changes:
        values["stated_on"] = changes["known_from"]
    if values["indicator"] == "none":
        values["indicator"] = None
    return TargetVersion.objects.create(**values)


def make_follow_up(**changes) -> PromiseFollowUp:
    values = {"answer": "not_restated", **SOURCED}
    return PromiseFollowUp.objects.create(
        **{
            **values,
            "target": changes.pop("target", None) or make_target(),
            "successor": changes.pop("successor", None) or make_area(),
            **changes,
        }
    )


def make_assessment(**changes) -> Assessment:
    version = changes.pop("version", None) or make_version()
    values = {
        "version": version,
        "area": version.target.body,
        "kind": "promise",
        "input_digest": uuid4().hex,
        "method_version": 1,
        "interval_source": "published",
        "value_pct": 12.0,
        "expected_pct": 11.0,
        "position": "off_track",
        "position_straight": "off_track",
        "position_constant_rate": "off_track",
        "flag": "red",
        "basis": "firm",
    }
    return Assessment.objects.create(**{**values, **changes})


def make_standing(**changes) -> Standing:
    assessment = changes.pop("assessment", None) or make_assessment()
    values = {
        "version": assessment.version,
        "area": assessment.area,
        "assessment": assessment,
        "cause": "first_verdict",
        "moved_at": NOW,
    }
    return Standing.objects.create(**{**values, **changes})


def make_change(**changes) -> StandingChange:
    standing = changes.pop("standing", None) or make_standing()
    values = {"after": standing.assessment, "cause": "new_reading", "became_true_on": date(2024, 10, 1)}
    return StandingChange.objects.create(standing=standing, **{**values, **changes})


def make_subscription(**changes) -> Subscription:
    return Subscription.objects.create(**{"email": f"{uuid4().hex[:8]}@example.org", **changes})


def make_state(**changes) -> State:
    change = changes.pop("last_change", None) or make_change()
    values = {"version": change.standing.version, "area": change.standing.area, "state": "ok"}
    return State.objects.create(last_change=change, **{**values, **changes})


def make_transition(**changes) -> Transition:
    state = changes.pop("state", None) or make_state()
    values = {
        "change": state.last_change,
        "after": "firing",
        "tell": "subscribers_slipped",
        "reason": "red",
        "became_true_on": date(2024, 10, 1),
    }
    return Transition.objects.create(state=state, **{**values, **changes})


def make_mail(**changes) -> Mail:
    subscription = changes.pop("subscription", None) or make_subscription()
    values = {
        "dedupe_key": uuid4().hex,
        "to_address": subscription.email,
        "message_id": f"<{uuid4().hex}@example.org>",
        "subject": "North: behind its path",
        "text": "Text",
        "html": "<p>Text</p>",
        "leave_url": "https://example.org/leave",
        "created_at": NOW,
        "due_at": NOW,
    }
    return Mail.objects.create(subscription=subscription, **{**values, **changes})


def make_item(**changes) -> MailItem:
    mail = changes.pop("mail", None) or make_mail()
    transition = changes.pop("transition", None) or make_transition()
    return MailItem.objects.create(mail=mail, subscription=mail.subscription, transition=transition)
