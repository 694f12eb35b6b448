"""The pages of targets and of services, on the bundled data with the fictitious boards beside it."""

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from icbs.models import Area, Service
from icbs.selectors import find_matrix
from kit.as_at import AsAt
from kit.calc.formats import format_day
from targets.calc.types import Position
from targets.calc.wording import REASONS
from targets.models import Standing, Target
from targets.selectors.listing import find_target_list
from targets.selectors.target_page import TargetPage, find_target_page
from tests.factories.rows import make_area, make_link, make_status, make_version
from tracker.services.load_demonstration import load_demonstration
from tracker.services.purge_demo import purge_demonstration

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("pages_b")]

PAST = date(2024, 4, 30)
AMBITION = "england-adults-2030"
MOST_QUERIES = 12


@pytest.fixture(scope="module")
def world(reference_data, django_db_blocker) -> Iterator[None]:
    """Everything loaded and judged, real and fictitious."""
    with django_db_blocker.unblock():
        load_demonstration(clock=timezone.now, progress=lambda step: None, folder=None)
        try:
            yield
        finally:
            purge_demonstration()


@pytest.fixture(autouse=True)
def with_demonstration(world, settings) -> None:
    settings.DEMONSTRATION = True


def today() -> AsAt:
    return AsAt(timezone.localdate(), timezone.localdate())


def past() -> AsAt:
    return AsAt(PAST, timezone.localdate())


def address_of(slug: str, query: str = "") -> str:
    return reverse("target_detail", kwargs={"pk": Target.objects.get(slug=slug).pk}) + query


def page_of(slug: str, as_at: AsAt | None = None, area: str = "") -> TargetPage:
    target = Target.objects.get(slug=slug)
    page = find_target_page(target.pk, as_at or today(), area_code=area, demonstration=True)
    assert page is not None
    return page


def read_text(html: str) -> str:
    """What a reader sees, without scripts and tags."""
    html = re.sub(r"(?s)<(script|style|title).*?</\1>", " ", html)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def read_csv(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode())))


def count_queries(client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def leave_two_boards() -> None:
    kept = Area.objects.boards().real().in_being(timezone.localdate()).order_by("code")[:2]
    Area.objects.boards().real().exclude(pk__in=[board.pk for board in kept]).update(
        opened="2022-07-01", closed="2023-01-01"
    )


# The list


def test_list_opens_with_the_counts_of_real_boards(client):
    found = find_target_list(today(), demonstration=True)
    counts = found.board_counts

    text = read_text(client.get(reverse("target_list")).text)

    assert f"Boards set themselves {counts.total} smoking targets" in text
    assert counts.total == sum(not row.demonstration and row.body != "England" for row in found.promises)
    assert f"{counts.of('on_track')} on track or met" in text


def test_list_marks_fictitious_boards_and_hides_them_when_switched_off(client, settings):
    assert "tracker-tag--demonstration" in client.get(reverse("target_list") + "?page=2").text

    settings.DEMONSTRATION = False
    page = client.get(reverse("target_list") + "?page=2").text

    assert "Demo:" not in page
    assert "tracker-tag--demonstration" not in page


def test_promises_and_comparisons_are_two_tables(client):
    found = find_target_list(today(), demonstration=True)

    assert {row.kind for row in found.promises} == {"promise"}
    assert {row.kind for row in found.comparisons} == {"comparison"}
    assert not any(row.demonstration for row in found.comparisons)


@pytest.mark.parametrize(
    ("query", "column", "wanted"),
    [
        ("basis=Firm", "Basis", "Firm"),
        ("body=QYG", "Code", "QYG"),
        ("position=missed", "Position", "Missed"),
        ("kind=promise", "Kind", "promise"),
    ],
)
def test_filter_keeps_only_what_was_asked_for(client, query, column, wanted):
    rows = read_csv(client.get(f"{reverse('target_list')}?{query}&_export=csv").content)

    assert rows
    assert all(wanted in row[column] for row in rows)


def test_filter_by_deadline_year(client):
    rows = read_csv(client.get(f"{reverse('target_list')}?year=2024&_export=csv").content)

    assert {row["Deadline's last day"][:4] for row in rows} == {"2024"}


@pytest.mark.parametrize("query", ["position=missed&body=QYG", "body=nowhere", "basis=x"])
def test_filter_without_a_result_says_so(client, query):
    text = read_text(client.get(f"{reverse('target_list')}?{query}").text)

    assert "No target matches" in text
    assert "Clear one of them or all of them." in text


def test_list_before_anything_was_known_says_so(client):
    text = read_text(client.get(reverse("target_list") + "?as_at=2015-01-01").text)

    assert "Nothing was known on this day" in text
    assert "1 January 2015" in text


def test_list_of_a_past_day_holds_what_was_stated_by_then():
    now, then = (find_target_list(day, demonstration=False).promises for day in (today(), past()))

    assert {row.target_id for row in then} < {row.target_id for row in now}


@pytest.mark.parametrize("prefix", ["", "beside-"])
def test_download_holds_every_row_and_marks_the_fictitious(client, prefix):
    found = find_target_list(today(), demonstration=True)
    expected = found.comparisons if prefix else found.promises

    rows = read_csv(client.get(f"{reverse('target_list')}?{prefix}_export=csv").content)

    assert len(rows) == len(expected)
    marked = {row["Body"] for row in rows if row["demonstration"] == "yes"}
    assert marked == {row.body for row in expected if row.demonstration}
    assert not any(
        value in {"", "None"} for row in rows for name, value in row.items() if name != "Why indicative"
    )


# One target


def test_every_judged_target_recomputes_from_its_page():
    standings = Standing.objects.select_related("assessment", "area", "version__target")
    seen = set()
    for standing in standings:
        page = page_of(standing.version.target.slug, area=standing.area.code)
        steps = {step.what.split(" (")[0]: step.result for step in page.steps}
        assessment = standing.assessment
        if not page.steps:
            continue
        seen.add(assessment.position)
        own = "Equal steps" if standing.version.shape != "constant_rate" else "Equal percentage a year"
        path = steps.get("What is needed") or steps.get("Its path") or steps[own]
        assert float(path.rstrip("%")) == pytest.approx(assessment.expected_pct, abs=6e-5), standing
        if assessment.p_above is not None and 0.0001 < assessment.p_above < 0.9999:
            chance = next(result for what, result in steps.items() if what.startswith("Chance"))
            assert float(chance.split()[0]) == pytest.approx(assessment.p_above, abs=6e-5), standing
    assert len(seen) >= 8


def test_board_estimate_is_the_weighted_mean_of_its_councils():
    page = page_of("cheshire-and-merseyside-adults-2030")
    [made] = page.sums

    assert made.weighted / made.lsoa_count == pytest.approx(made.value_pct, abs=1e-6)
    assert page.verdict.assessment.value_pct == made.value_pct
    assert len(made.parts) == 9


def test_baseline_estimate_is_shown_beside_that_of_the_latest_figure(client):
    page = page_of(AMBITION, area="QYG")
    text = read_text(client.get(address_of(AMBITION, "?area=QYG")).text)

    assert [made.period for made in page.sums] == ["2024", "2019"]
    assert "Our estimate for 2019, the baseline" in text


def test_councils_left_out_are_named_with_their_neighbourhoods():
    standings = Standing.objects.filter(assessment__reading__release__kind="estimate").select_related("area")
    left_out = [
        made
        for standing in standings
        for made in page_of(AMBITION, area=standing.area.code).sums
        if made.left_out
    ]

    assert left_out
    for made in left_out:
        assert not {name for name, _ in made.left_out} & {part.council for part in made.parts}
        pieces = sum(count for _, count in made.left_out)
        assert pieces <= 0.2 * (pieces + made.lsoa_count)


def test_page_names_the_source_the_edition_and_the_first_day(client):
    page = page_of("cheshire-and-merseyside-adults-2030")
    text = read_text(client.get(address_of("cheshire-and-merseyside-adults-2030")).text)
    reading = page.verdict.assessment.reading

    assert reading.release.title in text
    assert f"known from {format_day(reading.known_from)}" in text
    assert text.count(f"How that day is known: {reading.release.known_from_basis}.") == 1
    assert "irst published" not in text
    assert page.version.source_title in text
    assert f"page {page.version.source_page}" in text


@pytest.mark.parametrize(
    "slug", ["south-yorkshire-gap-2024", "nottingham-and-nottinghamshire-smokefree-generation-2040"]
)
def test_target_that_cannot_be_judged_says_why_and_what_it_needs(client, slug):
    page = page_of(slug)
    text = read_text(client.get(address_of(slug)).text)

    assert page.verdict.sentence in text
    assert page.needed in text
    assert "so there is no chart" in text
    assert page.steps == []


def test_no_page_shows_a_machine_word(client):
    for target in Target.objects.all():
        for query in ("", f"?as_at={PAST.isoformat()}"):
            page = client.get(reverse("target_detail", kwargs={"pk": target.pk}) + query)
            text = read_text(page.text)
            assert page.status_code == 200
            assert not re.search(r"\bNone\b(?! of)|N/A|\bnull\b|\bnan\b|Undefined", text), (target, text)


def test_every_position_of_the_demonstration_has_a_page(client):
    positions = set()
    for standing in Standing.objects.filter(area__demonstration=True).select_related("assessment", "version"):
        page = client.get(reverse("target_detail", kwargs={"pk": standing.version.target_id}))
        positions.add(standing.assessment.position)
        assert "tracker-tag--demonstration" in page.text
    assert {Position.OFF_TRACK, Position.MISSED, Position.CANNOT_ASSESS} <= positions


def test_history_holds_only_what_could_be_known_by_the_day(client):
    slug = "demo-northvale-adults-2040"
    whole = page_of(slug).changes
    day = whole[-1].became_true_on
    short = page_of(slug, AsAt(day, timezone.localdate())).changes

    assert len(whole) > len(short) >= 1
    assert all(change.became_true_on <= day for change in short)
    assert [change.cause for change in whole][-1] == "First verdict recorded"


def test_first_verdict_names_the_day_it_was_recorded(client):
    page = page_of("demo-northvale-adults-2040")
    text = read_text(client.get(address_of("demo-northvale-adults-2040")).text)

    assert f"recorded its first verdict on {format_day(page.changes[-1].recorded_on)}; earlier days" in text


def test_period_without_an_estimate_is_explained_between_the_figures(client):
    slug = "north-east-and-north-cumbria-adults-2030"
    page = page_of(slug)
    rows = client.get(address_of(slug, "?figures-_export=json")).json()
    [hole] = [row for row in rows if row["figure"] == "no estimate"]

    assert (hole["period"], hole["gap_pp"]) == ("2023", "no figure")
    assert hole["role"].endswith("from its councils: the publisher withheld the figure for Eden.")
    assert [row["period"] for row in rows] == [str(year) for year in range(2011, 2025)]
    assert "2023" not in [reading.period for reading in page.figures.readings]
    assert hole["role"] in read_text(client.get(address_of(slug)).text)
    assert [row.period for row in page_of(slug, past()).figures.holes] == []
    for order in ("figure", "-gap_pp", "role"):
        assert client.get(address_of(slug, f"?figures-sort={order}")).status_code == 200


def test_period_before_the_first_figure_or_after_the_last_is_no_hole():
    for board in Area.objects.boards().real().in_being(timezone.localdate()):
        figures = page_of(AMBITION, area=board.code).figures
        held = [reading.time for reading in figures.readings]
        assert all(held[0] < hole.time < held[-1] for hole in figures.holes)


def test_day_before_the_first_edition_is_explained(client):
    text = read_text(client.get(address_of(AMBITION, "?area=QHM&as_at=2023-06-01")).text)

    assert "the first edition held was known from 5 September 2023" in text


def test_pace_from_a_stated_baseline_names_the_statement(client):
    assert (
        "From the 13.0% stated for 2020 it has fallen"
        in page_of("north-east-and-north-cumbria-adults-2030").pace
    )


def test_gap_is_as_exact_as_its_figure_and_the_table_says_how_it_is_made(client):
    rows = find_target_list(today(), demonstration=False).comparisons
    close = [row for row in rows if row.gap_pp is not None and row.places == 2]
    text = read_text(client.get(reverse("target_list") + "?kind=comparison&beside-per_page=50").text)

    assert close
    assert any(f" {abs(row.gap_pp):.2f} points" in text for row in close)
    assert "Gaps are worked out before rounding." in text


def test_age_of_a_figure_is_said_in_downloads():
    rows = find_target_list(today(), demonstration=False).promises
    stale = [row for row in rows if row.verdict.stale]

    assert {row.stale for row in rows if row not in stale} <= {"no"}
    assert all(row.stale == f"yes: {row.period} figures; newer ones are overdue" for row in stale)


def test_page_of_a_past_day_is_judged_on_the_figures_of_that_day(client):
    slug = "cheshire-and-merseyside-adults-2030"
    text = read_text(client.get(address_of(slug, f"?as_at={PAST.isoformat()}")).text)

    assert page_of(slug, past()).verdict.assessment.reading_label == "2022"
    assert "As known on 30 April 2024." in text
    assert "worked out anew from what was known on that day" in text


def test_target_before_it_was_stated_says_so(client):
    text = read_text(client.get(address_of("cheshire-and-merseyside-adults-2030", "?as_at=2020-01-01")).text)

    assert "Nothing was known of this target on that day." in text
    assert "What was promised" not in text


def test_every_version_known_by_the_day_is_listed():
    target = Target.objects.get(slug="cheshire-and-merseyside-adults-2030")
    first = target.versions.get()
    make_version(
        target=target,
        indicator=first.indicator,
        number=2,
        status="published",
        known_from=date(2025, 1, 1),
        value_pct=4.0,
    )

    assert [row.number for row in page_of(target.slug).versions] == [2, 1]
    assert [row.number for row in page_of(target.slug, past()).versions] == [1]


def test_ambition_lists_every_board_and_links_to_each(client):
    page = page_of(AMBITION)
    html = client.get(address_of(AMBITION)).text

    boards = Area.objects.boards().real().in_being(timezone.localdate())
    assert {row.body_code for row in page.beside} == set(boards.values_list("code", flat=True))
    assert all(f"?area={row.body_code}" in html for row in page.beside)


def test_board_code_may_be_written_in_small_letters(client):
    assert "Cheshire and Merseyside" in client.get(address_of(AMBITION, "?area=qyg")).text


def test_closed_board_says_so_and_names_its_successor(client):
    text = read_text(client.get(address_of(AMBITION, "?area=QHG")).text)

    assert "has closed, so the target is no longer laid beside it" in text
    assert "Central East, which followed it" in text


def test_closed_board_is_still_judged_on_a_day_when_it_was_there(client):
    assert page_of(AMBITION, past(), area="QHG").verdict is not None


@pytest.mark.parametrize(
    ("slug", "query", "words"),
    [
        (AMBITION, "?area=QYX", "is not the code of a board"),
        ("cheshire-and-merseyside-adults-2030", "?area=QHM", "it is not laid beside other boards"),
    ],
)
def test_board_that_the_target_is_not_laid_beside_is_not_found(client, slug, query, words):
    page = client.get(address_of(slug, query))

    assert page.status_code == 404
    assert words in read_text(page.text)
    assert "Did you mean" in page.text


@pytest.mark.parametrize("number", [999_999, 999_999_999_999_999_999_999])
def test_unknown_target_is_not_found(client, number):
    page = client.get(reverse("target_detail", kwargs={"pk": number}))

    assert page.status_code == 404
    assert f"no target with the number {number}" in read_text(page.text)


def test_fictitious_target_is_not_found_when_switched_off(client, settings):
    address = address_of("demo-northvale-adults-2040")
    settings.DEMONSTRATION = False

    assert client.get(address).status_code == 404


def test_figures_of_the_chart_download_as_numbers(client):
    rows = client.get(address_of("demo-northvale-adults-2040", "?figures-_export=json")).json()
    page = page_of("demo-northvale-adults-2040")

    assert [row["figure"] for row in rows] == [
        round(reading.value_pct, 6) for reading in page.figures.readings
    ]
    assert all(row["demonstration"] is True for row in rows)


def read_traces(html: str) -> list[dict]:
    [figure] = re.findall(r'(?s)<script id="target-chart-figure"[^>]*>(.*?)</script>', html)
    return json.loads(figure)["data"]


def find_symbols(traces: list[dict]) -> set[str]:
    marked = [trace["marker"]["symbol"] for trace in traces if "marker" in trace]
    return {symbol for symbols in marked if isinstance(symbols, list) for symbol in symbols}


def test_chart_tells_estimates_from_published_figures(client):
    board = read_traces(client.get(address_of(AMBITION, "?area=QYG")).text)
    england = read_traces(client.get(address_of(AMBITION)).text)

    assert find_symbols(board) == {"circle-open"}
    assert find_symbols(england) == {"circle"}
    assert "England" in [trace["name"] for trace in board]
    assert "England" not in [trace["name"] for trace in england]


def test_chart_draws_whiskers_only_where_there_is_an_interval(client):
    board = read_traces(client.get(address_of(AMBITION, "?area=QYG")).text)
    fictitious = read_traces(client.get(address_of("demo-northvale-adults-2040")).text)

    assert not any("error_y" in trace for trace in board)
    assert any(min(trace["error_y"]["array"]) > 0 for trace in fictitious if "error_y" in trace)


# Services


def test_boards_without_a_report_are_neither_done_nor_missed(client):
    matrix = find_matrix(timezone.localdate(), demonstration=True)
    text = read_text(client.get(reverse("rollout")).text)

    assert f"None of the {matrix.real_count} boards has a published report" in text
    assert "Why no board has a report." in text
    assert {count.no_report for count in matrix.counts} == {matrix.real_count}
    assert {count.most_in_place for count in matrix.counts} == {matrix.real_count}


def test_counts_keep_honest_bounds(client):
    first, second, third = Area.objects.boards().real().in_being(timezone.localdate())[:3]
    service, *others = Service.objects.order_by("order")
    for board, status in ((first, "full"), (second, "partial"), (third, "dont_know")):
        make_status(
            area=board, service=service, status=status, on=date(2024, 3, 1), known_from=date(2024, 4, 2)
        )
    for other in others:
        make_status(
            area=first, service=other, status="full", on=date(2024, 3, 1), known_from=date(2024, 4, 2)
        )

    matrix = find_matrix(timezone.localdate(), demonstration=True)
    count, every = matrix.counts[0], matrix.counts[-1]
    total = matrix.real_count

    assert (count.in_place, count.not_in_place, count.dont_know, count.no_report) == (1, 1, 1, total - 3)
    assert count.of_known == "1 of 2 (50%)"
    assert count.of_all.startswith(f"between 1 and {total - 1} of {total} ")
    assert (every.in_place, every.not_in_place) == (1, 1)
    assert matrix.sentence.startswith(f"All 3 services are in place in between 1 and {total - 1} of {total}")
    assert find_matrix(date(2024, 4, 1), demonstration=False).reporting_count == 0


def test_no_report_and_dont_know_are_drawn_apart(client):
    html = client.get(reverse("rollout")).text

    assert 'nhsuk-tag--white tracker-tag"><span aria-hidden="true">–</span> No report' in html
    assert 'nhsuk-tag--grey tracker-tag"><span aria-hidden="true">?</span> Don&#39;t know' in html


def test_each_service_names_its_deadline_and_the_source(client):
    text = read_text(client.get(reverse("rollout")).text)

    for service in Service.objects.all():
        assert f"by {format_day(service.deadline)}" in text
        assert service.deadline_source_title in text


def test_filters_of_the_matrix(client):
    def names(query: str) -> set[str]:
        return {
            row["Board"] for row in read_csv(client.get(f"{reverse('rollout')}?{query}&_export=csv").content)
        }

    everyone = names("page=1")
    assert names("region=Y62") < everyone
    assert names("verdict=no_report") < everyone
    missed = names("missed=on")
    assert missed
    assert all(name.startswith("Demo:") for name in missed)
    assert names("missed=on&service=maternity") <= missed
    assert names("verdict=partly&service=maternity") < names("verdict=partly")


def test_filter_by_service_leaves_its_column_alone(client):
    html = client.get(reverse("rollout") + "?service=maternity").text
    head = html[html.index('id="table"') :]
    head = head[: head.index("</thead>")]

    assert "Maternity" in head
    assert "Inpatients" not in head


def test_filter_of_the_matrix_without_a_result_says_so(client, settings):
    settings.DEMONSTRATION = False
    text = read_text(client.get(reverse("rollout") + "?missed=on").text)

    assert "No board matches" in text
    assert "none can be off track" in text


def test_matrix_before_the_boards_came_into_being_says_so(client):
    text = read_text(client.get(reverse("rollout") + "?as_at=2015-01-01").text)

    assert "No Integrated Care Board was in being on 1 January 2015." in text
    assert "came into being on 1 July 2022" in text


def test_fictitious_boards_are_marked_in_the_matrix_and_its_download(client, settings):
    rows = read_csv(client.get(reverse("rollout") + "?_export=csv").content)

    assert {row["demonstration"] for row in rows if row["Board"].startswith("Demo:")} == {"yes"}
    assert "tracker-tag--demonstration" in client.get(reverse("rollout")).text
    settings.DEMONSTRATION = False
    assert "Demo:" not in client.get(reverse("rollout")).text


# What all have in common


@pytest.mark.parametrize("query", ["", f"as_at={PAST.isoformat()}"])
@pytest.mark.parametrize("name", ["target_list", "rollout", "ambition", "board"])
def test_page_costs_the_same_for_2_boards_and_for_all(client, name, query):
    address = {
        "ambition": address_of(AMBITION),
        "board": address_of("cheshire-and-merseyside-adults-2030"),
    }.get(name) or reverse(name)
    many = count_queries(client, f"{address}?{query}")

    leave_two_boards()
    Area.objects.filter(code="QYG").update(closed=None)

    assert count_queries(client, f"{address}?{query}") == many <= MOST_QUERIES


def test_costliest_page_keeps_the_budget(client):
    assert count_queries(client, address_of(AMBITION, f"?area=QYG&as_at={PAST.isoformat()}")) <= MOST_QUERIES


@pytest.mark.parametrize("name", ["target_list", "rollout"])
def test_wrong_day_is_answered_with_what_to_do(client, name):
    page = client.get(reverse(name) + "?as_at=yesterday")

    assert page.status_code == 400
    assert "Write the day as year-month-day" in read_text(page.text)


@pytest.mark.parametrize("name", ["target_list", "rollout"])
def test_pages_are_only_read(client, name):
    assert client.post(reverse(name)).status_code == 405


def test_reasons_of_the_demonstration_are_said_in_words(client):
    unjudged = Standing.objects.filter(assessment__position="cannot_assess", area__demonstration=True)
    for standing in unjudged.select_related("assessment"):
        text = read_text(client.get(reverse("target_detail", kwargs={"pk": standing.version.target_id})).text)
        reason = standing.assessment.reason
        assert (standing.assessment.reason_detail or REASONS[reason]).replace("'", "&#39;") in text


def test_name_that_holds_markup_is_shown_as_text(client):
    board = make_area(code="QZZ", short_name="<b>North</b>", opened=date(2022, 7, 1))
    make_link(from_area=board, to_area=Area.objects.filter(kind="nhs_region").first())

    assert "&lt;b&gt;North&lt;/b&gt;" in client.get(reverse("rollout")).text
