"""The admin's lists: each filter on real rows, the words of each column, and as many queries for 2 as for 12."""

import re
from datetime import date, timedelta

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from targets.models import Standing
from tests.factories import rows

pytestmark = pytest.mark.django_db

PUBLISHED = {"status": "published"}
MARCH = {"deadline": date(2024, 3, 31), "deadline_precision": "month"}
INLINE = re.compile(
    r"<script(?![^>]*\bsrc=)(?![^>]*application/json)|\sstyle=|\son[a-z]+=|javascript:", re.IGNORECASE
)


@pytest.fixture(autouse=True)
def with_demonstration(settings):
    settings.DEMONSTRATION = True


def list_url(model: str, query: str = "") -> str:
    return f"{reverse(f'admin:{model}_changelist')}?{query}"


def find_keys(client, model: str, query: str) -> set[int]:
    response = client.get(list_url(model, query))
    assert response.status_code == 200, response.url
    return {row.pk for row in response.context["cl"].result_list}


def make_verdict(position: str, *, body=None, version=None, kind="promise", area=None, **changes) -> Standing:
    """A published target of a board and where it stands."""
    if version is None:
        target = rows.make_target(body=body or rows.make_area())
        stated = {name: changes.pop(name) for name in MARCH if name in changes}
        version = rows.make_version(target=target, **PUBLISHED, **stated)
    judged = {"position": position, "flag": "none", "kind": kind, "area": area or version.target.body}
    return rows.make_standing(assessment=rows.make_assessment(version=version, **{**judged, **changes}))


def make_board(number: int, *, demonstration: bool = False):
    """A board with everything that a row of a list shows."""
    region = rows.make_area(kind="nhs_region", name=f"Region {number}", short_name=f"Region {number}")
    board = rows.make_area(short_name=f"Board {number}", demonstration=demonstration)
    rows.make_link(from_area=board, to_area=region)
    rows.make_code(area=board)
    standing = make_verdict("off_track", body=board)
    rows.make_status(area=board, service=rows.make_service())
    series = rows.make_series(area=board)
    release = rows.make_release(indicator=series.indicator, rejected=[{"line": 3, "reason": "no value"}])
    rows.make_part(estimate=rows.make_observation(series=series, release=release))
    rows.make_missing(area=board, release=release)
    rows.make_population(area=board)
    rows.make_boundary_note(area=board)
    rows.make_hex(area=board, col=number)
    rows.make_follow_up(
        target=standing.version.target,
        successor=board,
        answer="restated",
        restated_as=standing.version.target,
    )
    rows.make_contact(area=board)
    rows.make_upload(indicator=series.indicator, state="ready")
    rows.make_break(indicator=series.indicator, area=board)
    rows.make_clearance(indicator=series.indicator, area=board)
    state = rows.make_state(last_change=rows.make_change(standing=standing))
    mail = rows.make_mail(subscription=rows.make_subscription())
    mail.subscription.areas.add(board)
    rows.make_item(mail=mail, transition=rows.make_transition(state=state))
    return board


LISTS = [
    "icbs_area",
    "icbs_arealink",
    "icbs_service",
    "icbs_rolloutstatus",
    "icbs_population",
    "icbs_boundarynote",
    "icbs_hexcell",
    "icbs_contact",
    "targets_indicator",
    "targets_break",
    "targets_coverageclearance",
    "targets_release",
    "targets_observation",
    "targets_estimatepart",
    "targets_missingestimate",
    "targets_assessment",
    "targets_standing",
    "targets_standingchange",
    "targets_target",
    "targets_promisefollowup",
    "targets_upload",
    "alerts_mail",
    "alerts_mailitem",
    "alerts_subscription",
    "alerts_state",
    "alerts_transition",
]


def count_queries(client, url: str) -> int:
    client.get(url)  # content types are remembered from the first page on
    with CaptureQueriesContext(connection) as queries:
        response = client.get(url)
    assert response.status_code == 200
    return len(queries)


@pytest.mark.parametrize("model", LISTS)
def test_a_list_costs_the_same_for_2_boards_and_12(admin_client, model):
    for number in range(2):
        make_board(number)
    few = count_queries(admin_client, list_url(model))

    for number in range(2, 12):
        make_board(number)

    assert count_queries(admin_client, list_url(model)) == few


def test_every_list_of_the_apps_is_counted():
    ours = {"icbs", "surveys", "targets", "alerts"}
    models = {model._meta for model in admin.site._registry}

    assert {f"{opts.app_label}_{opts.model_name}" for opts in models if opts.app_label in ours} == set(LISTS)


def test_the_page_of_a_board_costs_the_same_with_2_targets_and_reports_and_with_12(admin_client):
    board = rows.make_area()
    url = reverse("admin:icbs_area_change", args=[board.pk])

    def add(count: int) -> int:
        for _ in range(count):
            make_verdict("off_track", body=board)
            report = rows.make_status(area=board)
            rows.make_status(area=board, service=report.service, status="full", corrects=report)
            rows.make_code(area=board)
            rows.make_link(from_area=board)
            rows.make_link(to_area=board)
        return count_queries(admin_client, url)

    assert add(2) == add(10)


@pytest.mark.parametrize("page", ["change", "history"])
def test_the_page_of_a_target_costs_the_same_with_2_versions_and_12(admin_client, page):
    target = rows.make_target()
    indicator = rows.make_indicator()
    url = reverse(f"admin:targets_target_{page}", args=[target.pk])

    def add(numbers: range) -> int:
        for number in numbers:
            rows.make_version(target=target, number=number, indicator=indicator, **PUBLISHED)
            target.title = f"Title {number}"
            target.save()
        return count_queries(admin_client, url)

    assert add(range(1, 3)) == add(range(3, 13))


@pytest.mark.parametrize("model", LISTS)
def test_pages_carry_no_inline_script_or_style(admin_client, model):
    make_board(1)
    listed = admin_client.get(list_url(model))
    row = listed.context["cl"].result_list[0]
    pages = [listed] + [
        admin_client.get(reverse(f"admin:{model}_{page}", args=[row.pk])) for page in ("change", "history")
    ]

    for page in pages:
        assert page.status_code == 200
        assert not INLINE.search(page.content.decode())


@pytest.mark.parametrize("page", ["periodictask_add", "periodictask_changelist", "crontabschedule_add"])
def test_the_pages_of_the_schedule_carry_no_inline_script_or_style(admin_client, page):
    response = admin_client.get(reverse(f"admin:django_celery_beat_{page}"))

    assert not INLINE.search(response.content.decode())


POSITIONS = {
    "off_track": {"off_track", "behind_point", "missed"},
    "off_track_firm": {"off_track", "missed"},
    "off_track_indicative": {"behind_point"},
    "too_close": {"behind_within_error", "missed_within_error"},
    "awaiting": {"awaiting_deadline_reading"},
    "on_track": {"on_track"},
    "unjudged": {"cannot_assess"},
}


def make_one_of_each() -> dict[str, Standing]:
    indicative = {"basis": "indicative"}
    unjudged = {"value_pct": None, "expected_pct": None}
    return {
        "off_track": make_verdict("off_track"),
        "behind_point": make_verdict("behind_point", **indicative),
        "missed": make_verdict("missed"),
        "behind_within_error": make_verdict("behind_within_error"),
        "missed_within_error": make_verdict("missed_within_error"),
        "awaiting_deadline_reading": make_verdict("awaiting_deadline_reading", **unjudged),
        "on_track": make_verdict("on_track"),
        "cannot_assess": make_verdict("cannot_assess", reason="no_reading", **unjudged),
    }


@pytest.mark.parametrize(("choice", "positions"), POSITIONS.items())
def test_lists_filter_by_verdict(admin_client, choice, positions):
    chosen = [standing for position, standing in make_one_of_each().items() if position in positions]

    assert find_keys(admin_client, "icbs_area", f"promise={choice}") == {row.area_id for row in chosen}
    assert find_keys(admin_client, "targets_target", f"verdict={choice}") == {
        row.version.target_id for row in chosen
    }
    assert find_keys(admin_client, "targets_standing", f"verdict={choice}") == {row.pk for row in chosen}
    assert find_keys(admin_client, "targets_assessment", f"verdict={choice}") == {
        row.assessment_id for row in chosen
    }


def test_a_comparison_is_no_promise(admin_client):
    ambition = rows.make_version(
        target=rows.make_target(body=rows.make_area(kind="england"), compared_with_boards=True), **PUBLISHED
    )
    board = rows.make_area()
    make_verdict("off_track", version=ambition, area=board, kind="comparison")

    assert find_keys(admin_client, "icbs_area", "promise=off_track") == set()
    assert find_keys(admin_client, "icbs_area", "comparison=off_track") == {board.pk}
    assert find_keys(admin_client, "icbs_area", "promise=no_target") == {board.pk}


def test_a_verdict_of_a_replaced_version_no_longer_counts(admin_client):
    old = make_verdict("off_track")
    target = old.version.target
    new = rows.make_version(target=target, number=2, **PUBLISHED)
    make_verdict("on_track", version=new)

    assert find_keys(admin_client, "icbs_area", "promise=off_track") == set()
    assert find_keys(admin_client, "targets_target", "verdict=off_track") == set()
    assert find_keys(admin_client, "targets_standing", "in_force=no") == {old.pk}


def test_a_closed_board_is_not_off_track_today(admin_client):
    closed = rows.make_area(closed=date(2026, 4, 1))
    make_verdict("off_track", body=closed)

    assert find_keys(admin_client, "icbs_area", "promise=off_track") == set()
    assert find_keys(admin_client, "icbs_area", "in_being=closed") == {closed.pk}


@pytest.mark.parametrize(
    ("position", "deadline", "is_off"),
    [
        ("missed", date(2024, 3, 31), True),
        ("missed_within_error", date(2024, 3, 31), True),
        ("off_track", date(2024, 3, 31), True),
        ("off_track", date(2030, 12, 31), False),
        ("missed", date(2025, 3, 31), False),
        ("behind_within_error", date(2024, 3, 31), False),
    ],
)
def test_a_target_is_off_track_for_march_2024(admin_client, position, deadline, is_off):
    standing = make_verdict(position, deadline=deadline, deadline_precision="month")

    expected = {standing.area_id} if is_off else set()
    assert find_keys(admin_client, "icbs_area", "march_2024=off_track") == expected
    assert find_keys(admin_client, "icbs_area", "promise=march_2024") == expected
    assert bool(find_keys(admin_client, "targets_target", "verdict=march_2024")) is is_off


@pytest.mark.parametrize(
    ("status", "is_off"),
    [
        ("full", False),
        ("partial", True),
        ("not_started", True),
        ("planned", True),
        ("not_confident", False),
        ("decommissioned", True),
        ("dont_know", False),
        ("confident", False),
        (None, False),
    ],
)
def test_a_service_is_off_track_for_march_2024(admin_client, status, is_off):
    board, service = rows.make_area(), rows.make_service()
    reports = [rows.make_status(area=board, service=service, status=status)] if status else []

    boards = find_keys(admin_client, "icbs_area", "march_2024=off_track")
    listed = find_keys(admin_client, "icbs_rolloutstatus", "verdict=march_2024")

    assert boards == find_keys(admin_client, "icbs_area", "services=march_2024")
    assert boards == ({board.pk} if is_off else set())
    assert listed == ({report.pk for report in reports} if is_off else set())


def test_a_service_with_another_deadline_is_not_off_track_for_march_2024(admin_client):
    rows.make_status(service=rows.make_service(deadline=date(2025, 3, 31)))

    assert find_keys(admin_client, "icbs_area", "march_2024=off_track") == set()


def test_boards_filter_by_their_services(admin_client):
    service = rows.make_service()
    boards = {status: rows.make_area() for status in ("full", "partial", "dont_know", "none")}
    for status in ("full", "partial", "dont_know"):
        rows.make_status(area=boards[status], service=service, status=status)

    def find(choice: str) -> set[int]:
        return find_keys(admin_client, "icbs_area", f"services={choice}")

    assert find("in_place") == {boards["full"].pk}
    assert find("off_track") == {boards["partial"].pk}
    assert find("dont_know") == {boards["dont_know"].pk}
    assert find("no_report") == {boards["none"].pk}


def test_reports_filter_by_what_the_latest_one_means(admin_client):
    service = rows.make_service()
    late = rows.make_status(service=service)
    in_place = rows.make_status(
        area=late.area, service=service, status="full", on=date(2024, 6, 1), known_from=date(2024, 6, 1)
    )
    behind = rows.make_status(service=service)

    assert find_keys(admin_client, "icbs_rolloutstatus", "verdict=off_track") == {behind.pk}
    assert find_keys(admin_client, "icbs_rolloutstatus", "verdict=in_place") == {in_place.pk}


def test_areas_filter_by_kind_region_being_and_demonstration(admin_client):
    region = rows.make_area(kind="nhs_region", code="Y01")
    board, other = rows.make_area(), rows.make_area(demonstration=True)
    later = rows.make_area(opened=timezone.localdate() + timedelta(days=30))
    rows.make_link(from_area=board, to_area=region)

    assert find_keys(admin_client, "icbs_area", "kind__exact=nhs_region") == {region.pk}
    assert find_keys(admin_client, "icbs_area", "region=Y01") == {board.pk}
    assert find_keys(admin_client, "icbs_area", "in_being=later") == {later.pk}
    assert find_keys(admin_client, "icbs_area", "demonstration__exact=1") == {other.pk}


def test_targets_filter_by_why_there_is_no_verdict(admin_client):
    unjudged = {"value_pct": None, "expected_pct": None}
    silent = make_verdict("cannot_assess", reason="no_reading", **unjudged).version.target
    words = make_verdict("cannot_assess", reason="words_only", **unjudged).version.target
    waiting = rows.make_version(**PUBLISHED).target
    draft = rows.make_version().target

    def find(reason: str) -> set[int]:
        return find_keys(admin_client, "targets_target", f"reason={reason}")

    assert find("no_reading") == {silent.pk}
    assert find("not_judged") == {waiting.pk}
    assert find("any") == {silent.pk, words.pk, waiting.pk}
    assert find_keys(admin_client, "targets_target", "draft=yes") == {draft.pk}


def test_releases_filter_by_what_became_of_their_rows(admin_client):
    rejected = rows.make_release(rejected=[{"line": 7, "reason": "not a number"}])
    dropped = rows.make_release(dropped_count=2, recorded_at=rows.NOW - timedelta(days=900))

    assert find_keys(admin_client, "targets_release", "rows=rejected") == {rejected.pk}
    assert find_keys(admin_client, "targets_release", "rows=dropped") == {dropped.pk}
    assert dropped.pk not in find_keys(admin_client, "targets_release", "rows=recent")
    page = admin_client.get(reverse("admin:targets_release_change", args=[rejected.pk]))
    assert "Line 7: not a number" in page.content.decode()


def test_indicators_filter_by_an_overdue_edition(admin_client):
    late = rows.make_indicator(publication_lag_days=300)
    rows.make_observation(series=rows.make_series(indicator=late))
    without_calendar = rows.make_indicator()
    rows.make_observation(series=rows.make_series(indicator=without_calendar))

    assert find_keys(admin_client, "targets_indicator", "edition=overdue") == {late.pk}
    listed = admin_client.get(list_url("targets_indicator")).content.decode()
    assert "26 October 2024 (overdue)" in listed
    assert "no calendar known" in listed


def test_a_board_shows_its_verdicts_and_services_in_sign_and_word(admin_client):
    board = rows.make_area(short_name="Northvale", demonstration=True)
    make_verdict("off_track", body=board)
    rows.make_status(area=board, service=rows.make_service(), status="full")
    rows.make_status(area=board, service=rows.make_service())

    for url in (list_url("icbs_area"), reverse("admin:icbs_area_change", args=[board.pk])):
        page = admin_client.get(url).content.decode()
        assert "↑ Behind (firm)" in page
        assert "1 of 2; ✕ off track for March 2024" in page
    assert (
        "Northvale <strong>(Demonstration)</strong>"
        in admin_client.get(list_url("icbs_area")).content.decode()
    )


def test_a_board_without_target_or_report_says_so(admin_client):
    rows.make_service()
    rows.make_area()

    page = admin_client.get(list_url("icbs_area")).content.decode()

    assert "No target stated" in page
    assert "– No report" in page


DEMONSTRATION_LISTS = [
    name
    for name in LISTS
    if name
    not in {
        "icbs_arealink",
        "icbs_service",
        "targets_break",
        "targets_estimatepart",
        "targets_upload",
        "alerts_mail",
        "alerts_mailitem",
        "alerts_subscription",
    }
]


@pytest.mark.parametrize("model", DEMONSTRATION_LISTS)
def test_fictitious_rows_are_hidden_where_demonstration_is_off(admin_client, settings, model):
    board = make_board(1, demonstration=True)
    shown = find_keys(admin_client, model, "")

    settings.DEMONSTRATION = False

    left = find_keys(admin_client, model, "")
    assert left < shown
    assert model != "icbs_area" or board.pk not in left
