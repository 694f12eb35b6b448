"""A reply of Fingertips is figures that were asked for, or is refused in one sentence."""

import csv
import io
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from targets.readers.fingertips_reply import (
    RefusedReply,
    check_encoding,
    check_head,
    check_rows,
    check_status,
    may_pass,
    quote,
    read_available,
    read_retry_after,
)
from tests.factories.fingertips_server import HEADER, make_csv, make_row

NOW = datetime(2026, 11, 23, 5, 30, tzinfo=UTC)
ENGLAND = "E92000001"


def check(*rows: str) -> int:
    table = csv.reader(io.StringIO(make_csv(*rows).decode(), newline=""))
    return check_rows(enumerate(table, 1), fingertips_id=92443)


def test_figures_of_the_indicator_asked_for_pass():
    rows = [
        make_row("E54000001", "14.1"),
        make_row("E54000001", "13.2", year=2023),
        make_row("E54000002", "14.1"),
    ]

    check_head(make_csv(*rows))
    assert check(*rows) == 3


@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf"])
def test_a_mark_before_the_header_does_no_harm(before):
    check_head(before + make_csv())


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "sent an empty reply"),
        (b" \r\n", "sent an empty reply"),
        (b"An error occurred", "but: An error occurred."),
        (b"<html><h1>Service</h1>\r\nunavailable</html>", "but: Service unavailable."),
        (b'{"Message": "No"}', 'but: {"Message": "No"}.'),
        (b"Area Code,Value\r\n", "no table that begins with the column Indicator ID"),
        (b"Indicator ID", "no table that begins with"),
        (b'"Indicator ID', "no table that begins with"),
    ],
)
def test_what_is_no_table_is_refused_and_quoted(body, words):
    with pytest.raises(RefusedReply) as refused:
        check_head(body)

    assert words in str(refused.value)


def test_another_indicators_rows_are_refused_by_its_id():
    with pytest.raises(RefusedReply, match=r"92443 was asked for, but line 3 is about indicator 92445\."):
        check(make_row("E54000001", "14.1"), make_row("E54000002", "14.1", indicator=92445))


def test_a_header_alone_is_no_rows():
    with pytest.raises(RefusedReply, match=r"^Fingertips sent no rows\.$"):
        check()


def test_a_row_that_is_cut_off_refuses_the_whole():
    with pytest.raises(RefusedReply, match="Line 3 has 7 cells where the header has 27"):
        check(make_row("E54000001", "14.1"), ",".join(make_row("E54000002", "14.1").split(",")[:7]))


def test_a_row_repeated_under_one_parent_is_a_wrong_pair():
    with pytest.raises(RefusedReply, match=r"Line 3 repeats an earlier row \(E54000001\): wrong pair"):
        check(make_row("E54000001", "14.1"), make_row("E54000001", "14.1"))


@pytest.mark.parametrize(
    "rows",
    [
        [make_row("E54000001", "14.1", parent="E40000003"), make_row("E54000001", "14.1")],
        [make_row(ENGLAND, "13.2", parent=""), make_row(ENGLAND, "13.2"), make_row(ENGLAND, "13.2")],
        [make_row("E54000001", "14.1"), make_row("E54000001", "14.2")],
    ],
)
def test_two_parents_england_and_different_figures_are_no_repetition(rows):
    assert check(*rows) == len(rows)


def test_without_a_column_for_areas_the_layout_is_left_to_the_reader():
    assert check_rows([(1, ["Indicator ID", "Value"]), (2, ["92443", "1"])], fingertips_id=92443) == 1


@pytest.mark.parametrize(
    ("status", "passing", "words"),
    [
        (400, False, "answered 400: Bad id."),
        (404, False, "answered 404: Bad id."),
        (204, False, "answered 204: Bad id."),
        (429, True, "answered 429"),
        (500, True, "answered 500"),
        (503, True, "answered 503"),
    ],
)
def test_a_status_is_told_with_its_words(status, passing, words):
    with pytest.raises(RefusedReply) as refused:
        check_status(status, body=b"Bad id.")

    assert words in str(refused.value)
    assert may_pass(status) is passing


def test_a_status_without_words_says_so():
    with pytest.raises(RefusedReply, match=r"answered 500: nothing came with it\."):
        check_status(500, body=b"")


def test_a_redirect_is_refused_with_where_it_points():
    with pytest.raises(RefusedReply, match=r"302 and pointed to https://elsewhere\.example/\."):
        check_status(302, body=b"", location="https://elsewhere.example/")

    check_status(200, body=b"")


def test_a_compressed_reply_is_refused():
    check_encoding("")
    check_encoding(" Identity ")
    with pytest.raises(RefusedReply, match=r"compressed reply \(gzip\)"):
        check_encoding("gzip")


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b'[{"IndicatorId": 92443, "AreaTypeId": 15}, {"IndicatorId": 92443, "AreaTypeId": 221}]', {15, 221}),
        (b"[]", set()),
        (b'[{"IndicatorId": 1, "AreaTypeId": 15}]', None),
        (b'[{"IndicatorId": 92443}]', None),
        (b'{"Message": "No"}', None),
        (b"[1]", None),
        (b"An error occurred", None),
        (b"\xff", None),
        (b"[" * 100_000, None),
    ],
)
def test_what_there_is_is_read_or_not_known(body, found):
    assert read_available(body, fingertips_id=92443) == found


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30", 30.0),
        ("Mon, 23 Nov 2026 05:31:00 GMT", 60.0),
        ("Mon, 23 Nov 2026 05:31:00 -0000", 60.0),
        ("Mon, 23 Nov 2026 05:00:00 GMT", 0.0),
        ("soon", None),
        ("", None),
        ("-5", None),
        ("²", None),
    ],
)
def test_how_long_to_wait_is_seconds_or_a_moment(text, seconds):
    assert read_retry_after(text, now=NOW) == seconds


@given(st.text(max_size=60))
@example("Mon, 99 Nov 2026 05:31:00 GMT")
@example("9" * 50)
@example("Mon, 23 Nov 2026 05:31:00 +99999999999999999")
def test_whatever_is_written_there_is_understood_or_not(text):
    assert (read_retry_after(text, now=NOW) or 0.0) >= 0


@given(st.binary(max_size=3000))
def test_a_quotation_is_one_short_line_that_can_be_printed(body):
    shown = quote(body)

    assert len(shown) <= 201
    assert shown.isprintable()


@given(st.binary(max_size=300))
@example(HEADER.encode()[:20])
@example(b"\x00,")
def test_nothing_but_a_refusal_comes_of_any_bytes(body):
    is_refused = False
    with suppress(RefusedReply):
        is_refused = True
        check_head(body)
        is_refused = False

    assert is_refused or b"indicator id" in body.lower()
