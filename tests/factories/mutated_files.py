"""Files of figures in every layout, damaged at random in the ways files get damaged."""

from hypothesis import strategies as st

from tests.factories import figure_tables as tables
from tests.factories.figure_files import FINGERTIPS, UPLOAD, WEBSITE

LIMITS = {
    "Lower CI 95.0 limit": "13.1",
    "Upper CI 95.0 limit": "14.7",
    "Lower CI 99.8 limit": "12.6",
    "Upper CI 99.8 limit": "15.2",
    "Count": "139",
    "Denominator": "1000",
    "Value note": '<b>A "note"</b>, with a comma',
}
TEMPLATE = {
    **tables.PLAIN,
    "indicator_id": "93085",
    "sex": "Female",
    "age": "18+",
    "category_type": "Decile",
    "category": "First",
    "lower95": "9.1",
    "upper95": "10.4",
    "lower998": "8.8",
    "upper998": "10.9",
    "count": "98",
    "denominator": "1000",
    "note": "two\nlines",
}
INTACT = (
    tables.csv_file(FINGERTIPS, *[tables.PUBLISHED | LIMITS] * 3),
    b"\xef\xbb\xbf"
    + tables.csv_file(WEBSITE, *[tables.PUBLISHED | LIMITS] * 3, extrasaction="ignore", quoting=1),
    tables.csv_file(UPLOAD, *[tables.UPLOADED] * 3),
    tables.csv_file(tables.NEXT_DATA, *[tables.SAMPLE] * 3),
    tables.csv_file(tables.TIDY, *[tables.COMPILED] * 3),
    tables.csv_file(list(TEMPLATE), *[TEMPLATE] * 3),
    tables.xlsx_file(list(TEMPLATE), *[list(TEMPLATE.values())] * 3),
)
NASTY = (
    *(b"\x00", b"\xff", b"\r", b"\n", b'"', b",", b"'", b"=", b"\xc3", b"\xef\xbb\xbf", b"\x1b", b"\x85"),
    *(b"1e309", b"nan", b"-1", b"9" * 50, b"0e99999999999", b"1_0", "\u0661".encode(), "\u2028".encode()),
    *(b"2022/24", b"9999", b"Q9", b"<![x[", b"<script>", b"&#0;", b"nE54000039", b"-", b"/", b"\t"),
)


@st.composite
def mutated_files(draw: st.DrawFn) -> bytes:
    """An intact file after up to six cuts, repetitions, exchanges and insertions."""
    content = draw(st.sampled_from(INTACT))
    for _ in range(draw(st.integers(0, 6))):
        start = draw(st.integers(0, len(content)))
        end = min(len(content), start + draw(st.sampled_from((0, 0, 1, 2, 5, 40, 400))))
        new = draw(
            st.one_of(
                st.sampled_from(NASTY),
                st.binary(max_size=4),
                st.just(content[start:end] * 2),
                st.just(content[: end - start]),
                st.just(b""),
            )
        )
        content = content[:start] + new + content[end:]
    return content
