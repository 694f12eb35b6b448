"""The methods page's examples: figures as the bundled data gives them, results done again by other means."""

import csv
from datetime import date
from pathlib import Path

import pytest

from tracker.selectors import worked_examples as given

DATA = Path(__file__).resolve().parents[2] / "data"
COUNCILS = {
    "Barnsley": "E08000016",
    "Doncaster": "E08000017",
    "Rotherham": "E08000018",
    "Sheffield": "E08000019",
}


def read_rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_figure(edition: int, area: str, year: int) -> float:
    rows = read_rows(f"observations/aps_edition_{edition}.csv")
    return next(float(row[str(year)]) for row in rows if row["area"] == area)


@pytest.mark.parametrize(
    ("edition", "year", "typed"),
    [
        (1, 2019, given.ENGLAND_2019_PCT),
        (3, 2019, given.ENGLAND_2019_PCT),
        (1, 2022, given.ENGLAND_2022_FIRST_PCT),
        (3, 2022, given.ENGLAND_2022_REVISED_PCT),
        (3, 2024, given.ENGLAND_2024_PCT),
    ],
)
def test_england_is_typed_as_published(edition: int, year: int, typed: float) -> None:
    assert read_figure(edition, "E92000001", year) == typed


def test_editions_bear_their_days() -> None:
    days = [
        date.fromisoformat(row["known_from"])
        for row in read_rows("releases.csv")
        if row["indicator"] == "adults-smoking-aps-18"
    ]

    assert (min(days), max(days)) == (given.FIRST_EDITION_ON, given.LATEST_EDITION_ON)


def test_south_yorkshire_is_typed_as_published() -> None:
    weights = {
        row["council"]: int(row["lsoa_count"])
        for row in read_rows("council_lookups.csv")
        if (row["lookup"], row["board"]) == ("april_2026", "QF7")
    }

    assert {
        name: (read_figure(3, code, 2024), weights[code]) for name, code in COUNCILS.items()
    } == given.SOUTH_YORKSHIRE_2024


def test_board_count_is_that_of_today() -> None:
    boards = [row for row in read_rows("areas.csv") if row["kind"] == "icb" and not row["closed"]]

    assert len(boards) == given.BOARD_COUNT


def test_cheshire_states_its_baseline() -> None:
    [target] = [
        row for row in read_rows("targets.csv") if row["slug"] == "cheshire-and-merseyside-adults-2030"
    ]

    assert float(target["baseline_pct"]) == given.CHESHIRE_STATED_2021_PCT
    assert target["baseline_period_start"] == "2021-01-01"


def test_results_done_again_by_hand() -> None:
    example = given.work_examples()

    assert example.path_2024_pct == pytest.approx(13.9 - 8.9 * 5 / 11)
    assert example.rate_2024_pct == pytest.approx(13.9 * (5 / 13.9) ** (5 / 11))
    assert example.path_2022_pct == pytest.approx(13.9 - 8.9 * 3 / 11)
    assert example.gap_2024_pp == pytest.approx(0.5454545)
    assert (example.observed_pp, example.required_pp) == (pytest.approx(-0.7), pytest.approx(-0.9))
    assert example.south_yorkshire_pct == pytest.approx(10895.4 / 860)
    assert (example.deadline, example.deciding) == (2024.25, 2024.5)
    assert example.restated_pp == pytest.approx(-1.2)
    assert example.promise_2024_pct == pytest.approx(12.5 - 7.5 * 3 / 9)
    assert example.comparison_2024_pct == pytest.approx(12.4 - 7.4 * 5 / 11)
    assert example.amber_by_chance == pytest.approx(0.9)
    assert (round(example.any_amber_pct), round(example.any_red_pct)) == (60, 4)


def test_words_of_the_examples() -> None:
    example = given.work_examples()

    assert [survey.tag.word for survey in example.surveys] == ["On track", "Too close to call", "Behind"]
    assert [survey.flag for survey in example.surveys] == ["none", "none", "red"]
    assert example.england_tag.word == "Above its path"
    assert "Isles of Scilly" in example.missing
