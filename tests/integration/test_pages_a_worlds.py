"""The same pages on small worlds: fiction, mergers, reports, errors, health and the number of queries."""

import csv
import io
from datetime import date

import pytest
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import DatabaseError
from django.test import Client, RequestFactory
from openpyxl import load_workbook
from pytest_django import DjangoAssertNumQueries

from icbs.models import Area
from kit.exports import export_table
from targets.models import Observation
from targets.services.assess import assess_targets
from tests.factories.rows import (
    make_area,
    make_hex,
    make_indicator,
    make_link,
    make_observation,
    make_release,
    make_series,
    make_service,
    make_status,
    make_target,
    make_version,
)
from tests.integration.pages import NOW, read_words, stay_in_november
from tracker.selectors.board_list import BoardRow
from tracker.tables import BoardTable
from tracker.views import errors, health

__all__ = ["stay_in_november"]

BUDGET = 12

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stay_in_november")]


def make_boards(count: int) -> list[Area]:
    """Boards that each have a region, a figure, a place on the map, a target and a report."""
    indicator = make_indicator()
    region = make_area(kind="nhs_region", short_name="Region")
    england = make_area(kind="england", short_name="England")
    old = make_release(indicator=indicator, known_from=date(2022, 9, 1))
    new = make_release(indicator=indicator, known_from=date(2026, 4, 1))
    service = make_service()
    national = make_target(body=england, compared_with_boards=True)
    make_version(target=national, indicator=indicator, status="published")
    areas = [make_area(short_name=f"Board {number}", opened=date(2022, 7, 1)) for number in range(count)]
    for number, area in enumerate([england, *areas]):
        series = make_series(indicator=indicator, area=area)
        for year, release, value in ((2021, old, 12.0), (2024, new, 9.0 + number % 3)):
            make_observation(
                series=series,
                release=release,
                period_label=str(year),
                period_start=date(year, 1, 1),
                period_end=date(year, 12, 31),
                value_pct=value,
                lower95_pct=value - 0.5,
                upper95_pct=value + 0.5,
                known_from=release.known_from,
            )
    for number, area in enumerate(areas):
        make_link(from_area=area, to_area=region)
        make_hex(area=area, row=1, col=1 + 4 * number)
        make_version(target=make_target(body=area), indicator=indicator, status="published")
        make_status(area=area, service=service)
    assess_targets(now=NOW)
    return areas


def test_fictitious_boards_are_in_no_count(client: Client) -> None:
    make_boards(2)
    fiction = make_area(short_name="Demo", demonstration=True, opened=date(2022, 7, 1))
    make_version(target=make_target(body=fiction), status="published")

    words = read_words(client, "/")

    assert "Of the 2 targets that boards set themselves" in words
    assert "Demo" not in words


@pytest.mark.parametrize("wanted", ["csv", "xlsx"])
def test_no_text_runs_as_a_formula(wanted: str) -> None:
    row = BoardRow(
        code="=1+1",
        name="@SUM(A1)",
        region="-2+3",
        target="+44",
        target_count=0,
        position=None,
        position_rank=0,
        basis="No verdict",
        group="none",
        ambition=None,
        ambition_rank=0,
        ambition_basis="No verdict",
        figure="plain",
        figure_pct=-1.5,
        services="No report",
        services_rank=-1,
        updated_on=date(2024, 1, 2),
        off_track_march_2024=False,
        demonstration=True,
    )
    request = RequestFactory().get(f"/?_export={wanted}")

    response = export_table(request, BoardTable([row], as_at=None), name="boards")

    assert response is not None
    if wanted == "csv":
        [cells] = csv.DictReader(io.StringIO(response.content.decode()))
        values = list(cells.values())
    else:
        sheet = load_workbook(io.BytesIO(response.content)).active
        values = [cell.value for cell in sheet[2]]
        assert {cell.data_type for cell in sheet[2]} <= {"s", "n", "d"}
    assert values[:4] == ["'@SUM(A1)", "'=1+1", "'-2+3", "'+44"]
    assert values[-1] == "yes"
    assert str(-1.5) in map(str, values)


def test_predecessors_promises_stay_theirs(client: Client) -> None:
    old = make_area(short_name="Old", opened=date(2022, 7, 1), closed=date(2026, 4, 1))
    new = make_area(code="NEW1", short_name="New", opened=date(2026, 4, 1))
    make_link(kind="succeeded_by", from_area=old, to_area=new, valid_from=date(2026, 4, 1), share=1.0)
    make_version(target=make_target(body=old, title="4% by 2029"), status="published")

    words = read_words(client, "/icbs/NEW1/")

    assert "New has set itself no target that we found" in words
    assert "What its predecessors had promised" in words
    assert "Old: 4% by 2029" in words


def test_reports_make_a_timeline(client: Client) -> None:
    area = make_area(code="N1", short_name="North", opened=date(2022, 7, 1))
    service = make_service()
    make_status(area=area, service=service, status="partial", on=date(2023, 5, 1))
    make_status(area=area, service=service, status="full", on=date(2024, 5, 12), known_from=date(2024, 6, 1))

    words = read_words(client, "/icbs/N1/")

    assert "1 of its 1 tobacco dependence services, due by 31 March 2024, is reported in place." in words
    assert "42 days late" in words
    assert words.index("1 May 2023: partly in place") < words.index("12 May 2024: fully in place")


def test_fictitious_board_is_badged_or_not_there(client: Client, settings) -> None:
    make_area(code="DEMO1", short_name="Demo", demonstration=True, opened=date(2022, 7, 1))

    assert "This board is fictitious" in read_words(client, "/icbs/DEMO1/")
    assert "Demo Demonstration" in read_words(client, "/icbs/")
    settings.DEMONSTRATION = False
    assert client.get("/icbs/DEMO1/").status_code == 404
    assert "No Integrated Care Board was in being" in read_words(client, "/icbs/")


class TestErrors:
    @pytest.mark.parametrize("address", ["/", "/icbs/", "/icbs/QYG/", "/methods/"])
    @pytest.mark.parametrize("day", ["tomorrow", "2027-01-01", "1999-01-01", "2024-02-30"])
    def test_unusable_day_is_400_and_says_what_to_do(self, client: Client, address: str, day: str) -> None:
        words = read_words(client, f"{address}?as_at={day}", 400)

        assert "Nothing was changed." in words

    def test_unknown_page(self, client: Client) -> None:
        assert "Find a board in the list" in read_words(client, "/nowhere/", 404)

    @pytest.mark.parametrize("address", ["/", "/icbs/", "/icbs/QYG/", "/methods/", "/livez", "/readyz"])
    def test_pages_are_only_read(self, client: Client, address: str) -> None:
        assert client.post(address).status_code == 405

    def test_handlers_speak_to_readers(self) -> None:
        request = RequestFactory().get("/")

        assert b"Do this." in errors.bad_request(request, BadRequest("Do this.")).content
        assert (
            b"Invalid HTTP_HOST" not in errors.bad_request(request, ValueError("Invalid HTTP_HOST")).content
        )
        assert errors.permission_denied(request, PermissionDenied()).status_code == 403
        assert errors.csrf_failure(request, reason="no cookie").status_code == 403
        assert b"Something went wrong" in errors.server_error(request).content


class TestHealth:
    def test_live_and_ready(self, client: Client) -> None:
        assert client.get("/livez").content == b"The process is running.\n"
        assert client.get("/readyz").content == b"Ready.\n"

    def test_database_that_does_not_answer(self, client: Client, monkeypatch) -> None:
        def refuse() -> None:
            raise DatabaseError

        monkeypatch.setattr(health.connection, "cursor", refuse)
        response = client.get("/readyz")

        assert response.status_code == 503
        assert b"The database does not answer" in response.content

    def test_broker_that_does_not_answer(self, client: Client, settings) -> None:
        settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
        response = client.get("/readyz")

        assert response.status_code == 503
        assert b"The message broker does not answer" in response.content


@pytest.mark.parametrize("day", ["", "?as_at=2026-06-01"])
@pytest.mark.parametrize("place", ["/", "/?map=ambition", "/icbs/", "/icbs/{code}/"])
def test_queries_are_the_same_for_2_boards_and_42(
    client: Client, place: str, day: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    code = make_boards(2)[0].code
    address = place.format(code=code) + (day.replace("?", "&") if "?" in place else day)
    with django_assert_max_num_queries(BUDGET) as few:
        assert client.get(address).status_code == 200
    make_more_boards(40)
    with django_assert_max_num_queries(BUDGET) as many:
        assert client.get(address).status_code == 200

    assert len(few) == len(many)


def make_more_boards(count: int) -> None:
    """Beside those there are, with figures of the same indicator."""
    known = Observation.objects.filter(series__area__kind="icb").select_related("series", "release")
    old, new = known.order_by("period_start").first(), known.order_by("-period_start").first()
    assert old is not None
    assert new is not None
    for number in range(count):
        area = make_area(short_name=f"More {number}", opened=date(2022, 7, 1))
        series = make_series(indicator=old.series.indicator, area=area)
        for figure in (old, new):
            make_observation(
                series=series,
                release=figure.release,
                period_label=figure.period_label,
                period_start=figure.period_start,
                period_end=figure.period_end,
                known_from=figure.known_from,
            )
        make_hex(area=area, row=3, col=1 + 4 * number)
        make_version(target=make_target(body=area), indicator=old.series.indicator, status="published")
    assess_targets(now=NOW)
