import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.calc.intervals import Z95
from targets.calc.verdict_answer import VerdictLine, answer_verdict
from targets.readers.verdict_lines import LineError, read_verdict_lines

GOOD = {
    "id": "a",
    "baseline": {"time": 2018, "pct": 14.7, "se": 0.5},
    "target": {
        "time": 2030,
        "pct": 5,
        "comparator": "le",
        "shape": "straight",
        "milestones": [{"time": 2025, "pct": 10}],
    },
    "reading": {
        "time": 2023,
        "pct": 11.6,
        "lower95": 11,
        "upper95": 12.2,
        "lower998": 10.5,
        "upper998": 12.7,
    },
    "series": [{"time": 2022, "pct": 12, "se": 0.4}],
}
KEYS = [
    "id",
    "expected_pct",
    "gap_pp",
    "p_above",
    "position",
    "flag",
    "observed_pp_per_year",
    "required_from_now_pp_per_year",
    "required_from_now_pct_per_year",
    "projection",
]
# baseline, target, time asked, straight, constant rate, speeds to the target (closed forms in R 4.2.2)
R_PATHS = [
    (2018, 14.7, 2030, 5, 2023, 10.6583333333333, 9.37934722352694, -0.808333333333333, -8.5947678934812),
    (
        2022.75,
        11.9,
        2030,
        5,
        2023.5,
        11.1862068965517,
        10.8790437796703,
        -0.951724137931034,
        -11.2724783829114,
    ),
    (2022, 12.7, 2024.25, 10, 2023.5, 10.9, 10.82932132832, -1.2, -10.0781956201765),
    (2015, 18.8, 2035, 5, 2024, 12.59, 10.3591308549803, -0.69, -6.40759489806547),
]


def read(text):
    return next(read_verdict_lines([text]))


def answer(record):
    line = read(json.dumps(record))
    assert isinstance(line, VerdictLine), line
    return answer_verdict(line)


def change(path, value):
    record = copy.deepcopy(GOOD)
    *parents, last = path
    place = record
    for key in parents:
        place = place[key]
    place[last] = value
    return record


def question(start, base, end, goal, time, value, shape="straight", **limits):
    return {
        "id": 1,
        "baseline": {"time": start, "pct": base},
        "target": {"time": end, "pct": goal, "comparator": "le", "shape": shape},
        "reading": {"time": time, "pct": value, **limits},
    }


@pytest.mark.parametrize(
    ("start", "base", "end", "goal", "time", "straight", "rate", "points", "percent"), R_PATHS
)
def test_answers_match_r_on_paths_and_speeds(start, base, end, goal, time, straight, rate, points, percent):
    on_line = answer(question(start, base, end, goal, time, 9.0))
    at_rate = answer(question(start, base, end, goal, time, 9.0, shape="constant_rate"))
    from_start = answer(question(start, base, end, goal, start, base))

    assert on_line["expected_pct"] == pytest.approx(straight, rel=1e-7)
    assert at_rate["expected_pct"] == pytest.approx(rate, rel=1e-7)
    assert from_start["required_from_now_pp_per_year"] == pytest.approx(points, rel=1e-7)
    assert from_start["required_from_now_pct_per_year"] == pytest.approx(percent, rel=1e-7)
    assert from_start["observed_pp_per_year"] is None


@pytest.mark.parametrize(
    ("value", "error", "expected"), [(11.6, 0.6, 0.841344746068543), (10.2, 0.8, 0.158655253931457)]
)
def test_answers_match_r_on_the_chance_of_being_above_the_path(value, error, expected):
    limits = {"lower95": value - Z95 * error, "upper95": value + Z95 * error}
    given_answer = answer(question(2020, 12, 2030, 5, 2020 + 10 / 7, value, **limits))

    assert given_answer["expected_pct"] == pytest.approx(11)
    assert given_answer["p_above"] == pytest.approx(expected, rel=1e-7)


def test_an_answer_has_the_keys_of_the_contract_in_order():
    found = answer(GOOD)

    assert list(found) == KEYS
    assert found["expected_pct"] == pytest.approx(14.7 + (10 - 14.7) * 5 / 7)
    assert (found["id"], found["position"], found["flag"]) == ("a", "behind_within_error", "none")
    assert found["projection"] is None


def test_what_does_not_exist_is_null_and_never_nan():
    found = answer(question(2018, 14.7, 2030, 5, 2030, 0))

    assert (found["p_above"], found["required_from_now_pp_per_year"]) == (None, None)
    assert (found["position"], found["flag"]) == ("achieved_point", "none")
    json.dumps(found, allow_nan=False)


def test_brackets_may_be_left_out_or_null():
    bare = question(2018, 14.7, 2030, 5, 2023, 11.6)
    spelt = copy.deepcopy(bare) | {"series": None}
    spelt["baseline"]["se"] = spelt["target"]["milestones"] = None
    spelt["reading"] |= dict.fromkeys(["lower95", "upper95", "lower998", "upper998"])

    assert answer(bare) == answer(spelt)


@pytest.mark.parametrize("identity", ["x", 7, 1.5, None])
def test_an_id_comes_back_as_it_was(identity):
    assert answer(GOOD | {"id": identity})["id"] == identity


def test_a_missing_id_is_null():
    record = {key: value for key, value in GOOD.items() if key != "id"}

    assert answer(record)["id"] is None


WRONG = [
    (("extra",), 1, "extra is not a field"),
    (("baseline",), None, "baseline is missing"),
    (("baseline",), [1], "baseline must be an object"),
    (("baseline", "pct"), 120, "baseline.pct is 120"),
    (("baseline", "pct"), None, "baseline.pct is missing"),
    (("baseline", "se"), -1, "baseline.se"),
    (("baseline", "year"), 1, "baseline.year is not a field"),
    (("target", "pct"), -0.1, "target.pct"),
    (("target", "time"), 2018, "target.time must be later"),
    (("target", "time"), "2030", "target.time must be a number"),
    (("target", "time"), True, "target.time must be a number"),
    (("target", "time"), float("nan"), "target.time must be a finite"),
    (("target", "time"), float("inf"), "target.time must be a finite"),
    (("target", "time"), 10**400, "target.time must be a finite"),
    (("target", "comparator"), "<=", "target.comparator must be one of le, lt, ge"),
    (("target", "comparator"), None, "target.comparator"),
    (("target", "shape"), ["straight"], "target.shape must be one of straight, constant_rate"),
    (("target", "milestones"), {}, "target.milestones must be a list"),
    (("target", "milestones"), [3], r"target.milestones\[0\] must be an object"),
    (("target", "milestones"), [{"time": 2018, "pct": 9}], r"target.milestones\[0\].time must lie between"),
    (("target", "milestones"), [{"time": 2030, "pct": 9}], "must lie between"),
    (
        ("target", "milestones"),
        [{"time": 2025, "pct": 9}, {"time": 2025, "pct": 8}],
        r"target.milestones\[1\].time must be later",
    ),
    (("target", "milestones"), [{"time": 2025, "pct": 101}], r"milestones\[0\].pct"),
    (("reading",), None, "reading is missing"),
    (("reading", "pct"), False, "reading.pct must be a number"),
    (("reading", "lower95"), 11.7, "reading.lower95 is 11.7, above reading.pct"),
    (("reading", "upper95"), 11.5, "reading.pct is 11.6, above reading.upper95"),
    (("reading", "lower998"), 11.1, "reading.lower998 is 11.1, above reading.lower95"),
    (("reading", "upper998"), 12.1, "reading.upper95 is 12.2, above reading.upper998"),
    (("reading", "upper95"), 100.5, "reading.upper95"),
    (("series",), 5, "series must be a list"),
    (("series",), [4], r"series\[0\] must be an object"),
    (("series",), [{"time": 2022, "pct": 12}], r"series\[0\].se is missing"),
]


@pytest.mark.parametrize(("path", "value", "message"), WRONG)
def test_a_wrong_field_is_named(path, value, message):
    refused = read(json.dumps(change(path, value)))

    assert isinstance(refused, LineError)
    assert refused.id == "a"
    with pytest.raises(ValueError, match=message):
        raise ValueError(refused.error)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (("baseline", "pct"), "baseline.pct"),
        (("target", "pct"), "target.pct"),
        (("target", "milestones", 0, "pct"), "target.milestones[0].pct"),
    ],
)
def test_there_is_no_constant_rate_from_or_to_nothing(path, name):
    record = change(path, 0)
    record["target"]["shape"] = "constant_rate"

    assert read(json.dumps(record)).error.startswith(f"{name} is 0")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not JSON"),
        ("[1]", "not an object"),
        ("null", "not an object"),
        ("NaN", "not an object"),
        ("1" * 5000, "cannot be read|can be read"),
        ("[" * 200_000, "can be read"),
        ('{"id": [1]}', "id must be"),
        ('{"id": true}', "id must be"),
        ('{"id": 1e999}', "id must be"),
    ],
)
def test_a_line_that_cannot_be_read_has_no_id(text, message):
    refused = read(text)

    assert (refused.line, refused.id) == (1, None)
    with pytest.raises(ValueError, match=message):
        raise ValueError(refused.error)


def test_a_field_given_twice_is_refused():
    refused = read(json.dumps(GOOD).replace('"pct": 14.7', '"pct": 14.7, "pct": 13'))

    assert (refused.id, refused.error) == ("a", "pct is given twice in one object: keep one.")


def test_a_bad_line_does_not_stop_the_others_and_blank_ones_are_passed_over():
    good = json.dumps(GOOD)
    found = list(read_verdict_lines(["\ufeff" + good + "\n", "\n", "oops\n", good]))

    assert [type(line).__name__ for line in found] == ["VerdictLine", "LineError", "VerdictLine"]
    assert found[1].line == 3


numbers = st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from([0, 5, 12, 2020, 2030])
values = st.recursive(numbers | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3), max_leaves=5)
paths = st.sampled_from([path for path, _, _ in WRONG])


@given(st.lists(st.tuples(paths, values), max_size=3))
def test_whatever_comes_is_answered_or_refused(changes):
    record = copy.deepcopy(GOOD)
    for path, value in changes:
        if len(path) == 1:
            record[path[0]] = value
        elif isinstance(record.get(path[0]), dict):
            record[path[0]][path[1]] = value
    found = read(json.dumps(record))

    if isinstance(found, VerdictLine):
        json.dumps(answer_verdict(found), allow_nan=False)
    else:
        assert found.error
