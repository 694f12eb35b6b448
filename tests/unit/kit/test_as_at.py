from datetime import date

import pytest

from kit.as_at import InvalidAsAt, parse_as_at

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize("text", [None, "", "2026-11-21"])
def test_today_is_the_default(text):
    as_at = parse_as_at(text, today=TODAY)

    assert (as_at.on, as_at.is_past, as_at.query) == (TODAY, False, "")


def test_a_past_day_is_carried_on_in_links():
    as_at = parse_as_at(" 2024-04-30 ", today=TODAY)

    assert (as_at.on, as_at.is_past, as_at.query) == (date(2024, 4, 30), True, "?as_at=2024-04-30")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("yesterday", "not a date"),
        ("30/04/2024", "year-month-day"),
        ("2024-02-30", "not a date"),
        ("2026-11-22", "future"),
        ("2010-12-31", "first figures are for 2011"),
    ],
)
def test_what_cannot_be_used_says_what_to_do(text, words):
    with pytest.raises(InvalidAsAt, match=words):
        parse_as_at(text, today=TODAY)
