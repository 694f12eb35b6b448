"""What the shared components promise to every page that uses them."""

from datetime import date

import django_tables2 as tables
import pytest
from django.template.loader import get_template
from django.test import RequestFactory
from django_tables2 import RequestConfig

from kit.as_at import AsAt
from kit.columns import TagColumn
from targets.calc.wording import Tag
from tracker.jinja2 import change_query, list_query


class BoardTable(tables.Table):
    caption = "Boards"

    name = tables.Column()
    position = TagColumn(default="no target")


def draw_table(address, rows, per_page=2):
    request = RequestFactory().get(address)
    table = BoardTable(rows)
    RequestConfig(request, paginate={"per_page": per_page}).configure(table)
    return table.as_html(request)


def rows_of(count):
    return [{"name": f"Board {i}", "position": Tag("Behind", "↑", "red")} for i in range(count)]


def test_changed_query_keeps_the_other_parameters_and_drops_an_export():
    request = RequestFactory().get("/icbs/?as_at=2024-04-30&region=NW&region=L&_export=csv&page=2")

    assert change_query(request, {"page": None, "sort": "-name"}) == (
        "?as_at=2024-04-30&region=NW&region=L&sort=-name"
    )
    assert list_query(request, "as_at", "page") == [("region", "NW"), ("region", "L")]


def test_table_names_its_columns_rows_and_order_to_assistive_technology():
    html = draw_table("/icbs/?sort=-name", rows_of(2))

    assert 'aria-sort="descending"' in html
    assert html.count('scope="col"') == 2
    assert html.count('scope="row"') == 2
    assert "Boards</caption>" in html


def test_sorting_paging_and_downloads_keep_filters_and_the_day():
    html = draw_table("/icbs/?as_at=2024-04-30&region=NW&page=2", rows_of(5))

    assert 'href="?as_at=2024-04-30&amp;region=NW&amp;sort=name"' in html
    assert 'href="?as_at=2024-04-30&amp;region=NW&amp;page=3"' in html
    for kind in ("csv", "xlsx", "json"):
        assert f'href="?as_at=2024-04-30&amp;region=NW&amp;_export={kind}"' in html


def test_empty_table_says_what_to_do_and_offers_no_download():
    html = draw_table("/icbs/", [])

    assert "Clear the filters" in html
    assert "_export" not in html


def test_cell_text_is_escaped_and_a_tag_is_drawn_with_its_word_and_sign():
    html = draw_table("/icbs/", [{"name": "<b>x", "position": Tag("Behind", "↑", "red")}])

    assert "&lt;b&gt;x" in html
    assert 'nhsuk-tag--red tracker-tag"><span aria-hidden="true">↑</span> Behind</strong>' in html


def test_downloaded_tag_is_its_word_alone():
    table = BoardTable([*rows_of(1), {"name": "Board 9", "position": None}])

    assert [row[1] for row in table.as_values()] == ["Position", "Behind", "no target"]


@pytest.mark.parametrize("name", ["400", "403", "404"])
def test_error_page_draws_without_a_context(name):
    html = get_template(f"errors/{name}.html").render({}, RequestFactory().get("/nowhere/"))

    assert "What you can do" in html


def test_server_error_page_needs_no_context():
    assert "Something went wrong" in get_template("errors/500.html").render()


def test_past_day_is_said_and_kept_in_the_navigation():
    context = {"as_at": AsAt(date(2024, 4, 30), date(2026, 6, 1)), "suggestions": [("Sussex", "/icbs/QNX/")]}
    html = get_template("errors/404.html").render(
        context, RequestFactory().get("/icbs/QXX/?as_at=2024-04-30")
    )

    assert "As known on 30 April 2024." in html
    assert 'href="/targets/?as_at=2024-04-30"' in html
    assert 'value="2024-04-30"' in html
    assert ">Sussex</a>" in html
