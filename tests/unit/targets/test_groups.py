import pytest
from hypothesis import given
from hypothesis import strategies as st

from targets.calc.groups import (
    canonical_age,
    canonical_age_from_bounds,
    canonical_code,
    canonical_sex,
    plain_text,
)


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("18+ yrs", "18+"),
        ("15+ yrs", "15+"),
        ("18-64 yrs", "18-64"),
        ("18 - 64 years", "18-64"),
        ("15 yrs", "15"),
        ("All ages", "All ages"),
        ("all ages", "All ages"),
        ("Not applicable", "Not applicable"),
        ("", ""),
        (" 18+ ", "18+"),
        ("School age", "School age"),
        ("<1 yr", "<1 yr"),
    ],
)
def test_ages_lose_their_unit(text, age):
    assert canonical_age(text) == age


@given(st.integers(0, 120), st.integers(0, 120))
def test_ages_from_bounds_and_from_text_are_spelt_alike(first, more):
    assert canonical_age(f"{first}+ yrs") == canonical_age_from_bounds(first, None)
    assert canonical_age(f"{first}-{first + 1 + more} yrs") == canonical_age_from_bounds(
        first, first + 1 + more
    )


@pytest.mark.parametrize(
    ("text", "sex"),
    [
        ("Persons", "Persons"),
        ("persons", "Persons"),
        ("Person", "Persons"),
        ("All  persons", "Persons"),
        ("male", "Male"),
        ("Female ", "Female"),
        ("Not applicable", "Not applicable"),
    ],
)
def test_sexes_have_one_spelling(text, sex):
    assert canonical_sex(text) == sex


@pytest.mark.parametrize("text", ["", "M", "F", "Women", "Males", "P\u00e9rsons"])
def test_a_sex_that_is_not_known_is_refused(text):
    with pytest.raises(ValueError, match="is not known: write Persons, Male, Female or Not applicable"):
        canonical_sex(text)


@pytest.mark.parametrize(
    ("first", "last", "age"),
    [
        (18, None, "18+"),
        (18, 64, "18-64"),
        (15, 15, "15"),
        (None, 40, "0-40"),
        (None, None, "All ages"),
        (0, None, "0+"),
    ],
)
def test_ages_are_made_from_their_bounds(first, last, age):
    assert canonical_age_from_bounds(first, last) == age


@pytest.mark.parametrize(("first", "last"), [(-1, None), (20, 19), (None, -1)])
def test_bounds_that_hold_nobody_are_refused(first, last):
    with pytest.raises(ValueError, match="no group of people"):
        canonical_age_from_bounds(first, last)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("nE54000039", "E54000039"),
        (" E54000039 ", "E54000039"),
        ("QRL", "QRL"),
        ("nQRL", "nQRL"),
        ("nE5400003", "nE5400003"),
        ("NE54000039", "NE54000039"),
    ],
)
def test_codes_lose_the_n_some_exports_put_before_them(text, code):
    assert canonical_code(text) == code


@pytest.mark.parametrize(
    ("html", "text"),
    [
        (
            '<span class="tooltipValueNote">* Value suppressed for disclosure control due to small count</span>',
            "* Value suppressed for disclosure control due to small count",
        ),
        ("There is a data quality issue", "There is a data quality issue"),
        ("a &amp; b &lt; c\n\td", "a & b < c d"),
        ("one<br>two<p>three</p>", "one two three"),
        ("fewer than <5 people", "fewer than <5 people"),
        ("kept<script>alert(1)</script><style>p{}</style> words", "kept words"),
        ("<![foo[ broken ]]> note", "note"),
        ("", ""),
    ],
)
def test_notes_lose_their_tags(html, text):
    assert plain_text(html) == text


@given(st.text(alphabet="<>![]&;/-a b\"'=?#x\n", max_size=40))
def test_no_note_is_too_broken_to_read(html):
    text = plain_text(html)

    assert text == " ".join(text.split())
