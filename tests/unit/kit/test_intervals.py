import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.calc.intervals import (
    Z95,
    Z998,
    InvalidProportion,
    normal_limits,
    standard_error_from_limits,
    wilson_interval,
    wilson_interval_pct,
)

# Numbers of the published test data of PHEindicatormethods 2.1.0 (fractions, relative 1.5e-8).
PHE_CASES = [
    (65, 100, 0.95, 0.5525444329688797, 0.7363575175690247),
    (0.445, 1, 0.95, 0.04381744772058822, 0.9334621276979156),
    (1045, 5000, 0.998, 0.19179381799015244, 0.22731562902525818),
    (1, 100, 0.95, 0.0017674320641406511, 0.054486196178705294),
    (1, 100, 0.998, 0.000873065697299977, 0.1045544528370582),
    (20, 100, 0.95, 0.1333669333310325, 0.28882916559315885),
    (20, 100, 99.8, 0.10519162066711432, 0.3471109417008601),
    (9856, 12345, 95, 0.7912101752909069, 0.8053640073614909),
    (9856, 12345, 0.998, 0.7869924108419063, 0.8093061412589626),
    (222, 3215, 0.95, 0.060791690363636595, 0.07833956681383633),
    (222, 3215, 0.998, 0.05647101964624248, 0.08418414185270134),
    (10, 200, 0.95, 0.027382645600763925, 0.08957814813877597),
    (130, 200, 0.95, 0.5816346433604008, 0.7127117587264192),
    (15552912, 15128673354, 0.95, 0.0010275314947741198, 0.0010285528098907119),
    (1998, 6912, 0.95, 0.2784949436323704, 0.2998643901720741),
]
# R 4.2.2, prop.test(correct=FALSE) (fractions, relative 1e-7, absolute 1e-10).
R_CASES = [
    (9, 29, 0.172756167444832, 0.492301342330932),
    (0, 29, 0.0, 0.116969798499741),
    (1, 29, 0.00611321429276266, 0.171755218793203),
    (4, 32, 0.0497013438748007, 0.280683054816502),
    (3, 34, 0.0304659436746486, 0.229604865628089),
]
counts = st.floats(0, 1e9, allow_nan=False)
shares = st.floats(0, 1)


def test_the_normal_quantiles_are_exact():
    assert (Z95, Z998) == (1.959963984540054, 3.090232306167813)


@pytest.mark.parametrize(("count", "denominator", "confidence", "lower", "upper"), PHE_CASES)
def test_wilson_interval_matches_public_health_england(count, denominator, confidence, lower, upper):
    interval = wilson_interval(count, denominator, confidence=confidence)

    assert interval == pytest.approx((lower, upper), rel=1.5e-8, abs=1e-12)


@pytest.mark.parametrize(("count", "denominator", "lower", "upper"), R_CASES)
def test_wilson_interval_matches_r(count, denominator, lower, upper):
    assert wilson_interval(count, denominator) == pytest.approx((lower, upper), rel=1e-7, abs=1e-10)


@pytest.mark.parametrize("confidence", [1, 100])
@pytest.mark.parametrize(("count", "denominator"), [(65, 100), (0.445, 1)])
def test_certainty_needs_the_whole_range(count, denominator, confidence):
    assert wilson_interval(count, denominator, confidence=confidence) == (0.0, 1.0)


@given(st.floats(1e-3, 1e12))
def test_nobody_and_everybody_reach_the_exact_ends(denominator):
    assert wilson_interval(0.0, denominator)[0] == 0.0
    assert wilson_interval(denominator, denominator)[1] == 1.0


@given(shares, st.floats(1, 1e9))
def test_wilson_interval_encloses_the_proportion_and_mirrors(share, denominator):
    lower, upper = wilson_interval(share * denominator, denominator)
    lower_rest, upper_rest = wilson_interval(denominator - share * denominator, denominator)

    assert 0 <= lower <= share * denominator / denominator <= upper <= 1
    assert (lower_rest, upper_rest) == pytest.approx((1 - upper, 1 - lower), abs=1e-9)


@pytest.mark.parametrize(
    ("count", "denominator", "confidence"),
    [
        (-4, 1, 0.95),
        (80, 50, 0.95),
        (65, 100, 14),
        (65, 100, 0.8),
        (65, 100, 130),
        (65, 100, math.nan),
        (30, -100, 0.95),
        (0, 0, 0.95),
        (math.nan, 100, 0.95),
        (10, math.nan, 0.95),
        (10, math.inf, 0.95),
        ([65, -80, 30], [100, 100, 100], 0.95),
    ],
)
def test_wilson_interval_refuses_impossible_input(count, denominator, confidence):
    with pytest.raises(InvalidProportion):
        wilson_interval(count, denominator, confidence=confidence)


def test_wilson_interval_broadcasts():
    lower, upper = wilson_interval(np.array([[20], [1]]), np.array([100, 200]))

    assert lower.shape == upper.shape == (2, 2)
    assert lower[0, 0] == wilson_interval(20, 100)[0]


def test_percent_limits_use_the_effective_number():
    assert wilson_interval_pct(20, 150, design_effect=1.5) == pytest.approx(
        (13.33669333310325, 28.882916559315884), rel=1.5e-8
    )


def test_percent_limits_are_missing_where_an_argument_is():
    lower, upper = wilson_interval_pct([20, math.nan, 20], [100, 100, math.nan])

    assert np.isnan(lower).tolist() == np.isnan(upper).tolist() == [False, True, True]


@pytest.mark.parametrize(
    ("value", "denominator", "effect"),
    [(120, 10, 1), (-1, 10, 1), (20, 0, 1), (20, 10, 0), (20, 10, math.inf)],
)
def test_percent_limits_refuse_impossible_input(value, denominator, effect):
    with pytest.raises(InvalidProportion):
        wilson_interval_pct(value, denominator, design_effect=effect)


@given(st.floats(0, 100), st.floats(0, 50))
def test_limits_and_standard_error_undo_each_other(value, error):
    assert standard_error_from_limits(*normal_limits(value, error)) == pytest.approx(error, abs=1e-12)


def test_a_missing_limit_gives_no_standard_error():
    errors = standard_error_from_limits([10, math.nan, 10], [12, 12, math.inf])

    assert np.isnan(errors).tolist() == [False, True, True]
