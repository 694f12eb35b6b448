"""The admin's first page: what needs work today, each count the length of the list that it opens."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.urls import reverse

from tests.factories import rows
from tests.integration.test_admin_lists import (
    PUBLISHED,
    count_queries,
    make_board,
    make_one_of_each,
    make_verdict,
)
from tracker.admin.work import Work, find_work

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def with_demonstration(settings):
    settings.DEMONSTRATION = True


def find_item(words: str) -> Work:
    [item] = [item for item in find_work() if words in item.words]
    return item


def make_everything() -> None:
    make_one_of_each()
    make_verdict("missed", deadline=date(2024, 3, 31), deadline_precision="month")
    make_board(1)
    make_board(2, demonstration=True)
    rows.make_version(**PUBLISHED)
    rows.make_version()
    late = rows.make_indicator(publication_lag_days=300)
    rows.make_observation(series=rows.make_series(indicator=late), release=rows.make_release(dropped_count=1))
    rows.make_mail(last_error="SMTPException: no", attempts=1)
    rows.make_mail(demonstration=True)
    rows.make_upload(state="ready")
    rows.make_upload(state="refused", problem="A web page, not a table")
    make_jump()
    make_jump(demonstration=True)
    make_orphan()


def make_jump(*, demonstration: bool = False) -> None:
    """A board's share of England's denominator goes from 10% to 20% in 2022."""
    indicator = rows.make_version(**PUBLISHED).indicator
    england, board = rows.make_area(kind="england"), rows.make_area(demonstration=demonstration)
    for area, denominators in ((england, (1000, 1000)), (board, (100, 200))):
        series = rows.make_series(indicator=indicator, area=area)
        for year, denominator in zip((2021, 2022), denominators, strict=True):
            period = {"period_start": date(year, 1, 1), "period_end": date(year, 12, 31)}
            rows.make_observation(series=series, denominator=denominator, period_label=str(year), **period)


def make_orphan() -> None:
    closed = rows.make_area(closed=date(2026, 4, 1))
    rows.make_link(kind="succeeded_by", from_area=closed, valid_from=date(2026, 4, 1))
    rows.make_version(target=rows.make_target(body=closed), **PUBLISHED)


def count_questions(response) -> int:
    """The lines above a list."""
    [lines] = [response.context[name] for name in ("open_jumps", "orphans") if name in response.context]
    return len(lines)


def test_each_count_is_the_length_of_its_list(admin_client):
    make_everything()

    work = find_work()

    assert all(item.count for item in work)
    for item in work:
        if item.url == item.fictitious_url:
            assert count_questions(admin_client.get(item.url)) == item.count + item.fictitious_count, (
                item.words
            )
            continue
        for url, count in ((item.url, item.count), (item.fictitious_url, item.fictitious_count)):
            if url:
                assert admin_client.get(url).context["cl"].result_count == count, item.words


def test_each_line_below_a_count_leads_to_a_page(admin_client):
    make_everything()

    for line in (line for item in find_work() for line in item.lines):
        assert admin_client.get(line.url).status_code == 200, line.words


def test_the_index_costs_the_same_for_2_boards_and_12(admin_client):
    index = reverse("admin:index")
    make_board(1)
    make_board(2, demonstration=True)
    few = count_queries(admin_client, index)

    for number in range(3, 13):
        make_board(number, demonstration=number % 2 == 0)

    assert count_queries(admin_client, index) == few


def test_the_index_names_bodies_off_track_and_why_targets_have_no_verdict(admin_client):
    board = rows.make_area(short_name="Northvale", demonstration=True)
    make_verdict("off_track", body=board)
    make_verdict("cannot_assess", reason="words_only", value_pct=None, expected_pct=None)

    page = admin_client.get(reverse("admin:index")).content.decode()

    assert page.index("Work that waits") < page.index("Boards and services")
    assert "Northvale (Demonstration): 5% by 2030. ↑ Behind (firm)" in page
    assert "1: The target states no figure." in page


def test_fictitious_bodies_stand_outside_the_counts(admin_client, settings):
    make_verdict("off_track")
    make_verdict("off_track", body=rows.make_area(demonstration=True))

    item = find_item("Bodies off track for a deadline")
    assert (item.count, item.fictitious_count, len(item.lines)) == (1, 1, 2)

    settings.DEMONSTRATION = False
    item = find_item("Bodies off track for a deadline")
    assert (item.count, item.fictitious_count, len(item.lines)) == (1, 0, 1)


def test_a_body_with_two_targets_off_track_is_counted_once(admin_client):
    board = rows.make_area()
    make_verdict("off_track", body=board)
    make_verdict("missed", body=board)

    item = find_item("Bodies off track for a deadline")

    assert (item.count, len(item.lines)) == (1, 2)


def test_no_report_is_not_off_track(admin_client):
    rows.make_service()
    rows.make_area()

    assert find_item("March 2024").count == 0
    assert find_item("without a report").count == 1


def test_staff_see_only_the_work_of_lists_they_may_open(client):
    clerk = User.objects.create_user("clerk", is_staff=True)
    clerk.user_permissions.add(Permission.objects.get(codename="view_mail"))
    client.force_login(clerk, backend="django.contrib.auth.backends.ModelBackend")

    response = client.get(reverse("admin:index"))

    assert {item.permission for item in response.context["work"]} == {"alerts.view_mail"}


def test_an_empty_database_has_no_work(admin_client):
    assert not any(item.waits for item in find_work())
    assert admin_client.get(reverse("admin:index")).status_code == 200


def test_the_index_names_what_waits_for_a_person(admin_client):
    ready = rows.make_upload(file_name="april.csv", state="ready")
    rows.make_upload(file_name="taken-in.csv", state="applied")
    rows.make_upload(file_name="web-page.csv", state="refused", problem="A web page, not a table")
    rows.make_upload(file_name="killed.csv", state="reading", beat_at=rows.NOW - timedelta(days=900))
    make_jump(demonstration=True)
    make_orphan()

    page = admin_client.get(reverse("admin:index")).content.decode()

    assert reverse("admin:targets_upload_change", args=[ready.pk]) in page
    assert "april.csv: Ready to confirm" in page
    assert "web-page.csv: Refused" in page
    assert "killed.csv: Stopped before its end: start it again" in page
    assert "taken-in.csv" not in page
    assert "Has North restated it?" in page
    assert find_item("Jumps in who was surveyed").fictitious_count == 1
