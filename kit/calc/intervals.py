"""Sampling intervals of percentages. Pure functions on numbers and arrays."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

FloatArray = NDArray[np.float64]

Z95 = float(ndtri(0.975))
"""Normal quantile of a two-sided 95% interval, 1.959963984540054."""
Z998 = float(ndtri(0.999))
"""Normal quantile of a two-sided 99.8% interval, 3.090232306167813."""


class InvalidProportion(ValueError):
    """A count, denominator or confidence level from which no interval follows."""


def _find_quantile(confidence: float) -> float:
    """Two-sided normal quantile of a level written as 0.95 or 95; infinite for certainty."""
    level = confidence / 100 if confidence > 1 else confidence
    if not 0.9 <= level <= 1:
        raise InvalidProportion(
            f"Confidence {confidence} must lie between 0.9 and 1, or between 90 and 100 percent."
        )
    return float(ndtri((1 + level) / 2))


def _check_counts(count: FloatArray, denominator: FloatArray) -> None:
    if not (np.isfinite(count).all() and np.isfinite(denominator).all()):
        raise InvalidProportion("Counts and denominators must be finite numbers.")
    if (denominator <= 0).any():
        raise InvalidProportion("Every denominator must be greater than zero.")
    if (count < 0).any():
        raise InvalidProportion("Every count must be zero or more.")
    if (count > denominator).any():
        raise InvalidProportion("No count may exceed its denominator.")


def wilson_interval(
    count: ArrayLike, denominator: ArrayLike, *, confidence: float = 0.95
) -> tuple[FloatArray, FloatArray]:
    """Wilson score interval of a proportion.

    Args:
        count: people with the characteristic, 0 <= count <= denominator; may be fractional.
        denominator: people asked, more than 0; the effective number for a weighted survey.
        confidence: 0.9 to 1, or the same in percent (90 to 100). Certainty gives 0 and 1.

    Returns:
        Lower and upper limit as fractions 0-1, in the broadcast shape of the two arguments
        (numbers for numbers). Lower is exactly 0 at count 0, upper exactly 1 at count = denominator.

    Raises:
        InvalidProportion: for a missing or infinite number, or one outside those ranges.

    Source: Wilson 1927. The lower limit is written as 2x^2 / (n(2x + z^2 + root)), which is the same
    number without the loss of digits at small counts.

    >>> [round(float(limit), 4) for limit in wilson_interval(9, 29)]
    [0.1728, 0.4923]
    """
    x, n = np.broadcast_arrays(np.asarray(count, dtype=float), np.asarray(denominator, dtype=float))
    z = _find_quantile(confidence)
    _check_counts(x, n)
    if np.isinf(z):
        return np.zeros_like(x)[()], np.ones_like(x)[()]
    p = x / n
    root = z * np.sqrt(z * z + 4 * x * (1 - p))
    with np.errstate(under="ignore"):
        lower = 2 * p * x / (2 * x + z * z + root)
    upper = (2 * x + z * z + root) / (2 * (n + z * z))
    upper = np.where(x == n, 1.0, np.minimum(upper, 1.0))
    return np.minimum(lower, p)[()], np.maximum(upper, p)[()]


def wilson_interval_pct(
    value_pct: ArrayLike,
    denominator: ArrayLike,
    *,
    design_effect: ArrayLike = 1.0,
    confidence: float = 0.95,
) -> tuple[FloatArray, FloatArray]:
    """Wilson limits of a percentage from its value and the number of people behind it.

    Args:
        value_pct: percent 0-100; NaN where there is none.
        denominator: people asked, more than 0; NaN where unknown.
        design_effect: how many times simple random sampling's variance the survey has, more than 0.
        confidence: as in `wilson_interval`.

    Returns:
        Lower and upper limit in percent 0-100, broadcast; NaN where an argument is NaN.

    Raises:
        InvalidProportion: for an infinite number or one outside those ranges.

    Source: Wilson 1927 with n / design effect for n, and value x n_effective for the count.

    >>> [round(float(limit), 2) for limit in wilson_interval_pct(20.0, 200, design_effect=2.0)]
    [13.34, 28.88]
    """
    value, n, effect = np.broadcast_arrays(
        *(np.asarray(given, dtype=float) for given in (value_pct, denominator, design_effect))
    )
    known = ~(np.isnan(value) | np.isnan(n) | np.isnan(effect))
    if ((value < 0) | (value > 100)).any():
        raise InvalidProportion("Every percentage must lie between 0 and 100.")
    if ((effect <= 0) | np.isinf(effect)).any():
        raise InvalidProportion("Every design effect must be a finite number greater than zero.")
    n_effective = np.where(known, n / effect, 1.0)
    count = np.where(known, value, 0.0) / 100 * n_effective
    lower, upper = wilson_interval(np.minimum(count, n_effective), n_effective, confidence=confidence)
    return np.where(known, 100 * lower, np.nan)[()], np.where(known, 100 * upper, np.nan)[()]


def standard_error_from_limits(lower: ArrayLike, upper: ArrayLike, *, z: float = Z95) -> FloatArray:
    """Standard error that an interval implies, in the unit of its limits: (upper - lower) / 2z.

    Broadcasts; NaN where a limit is NaN or infinite.

    >>> round(float(standard_error_from_limits(10.0, 13.919928)), 6)
    1.0
    """
    with np.errstate(invalid="ignore"):
        error = (np.asarray(upper, dtype=float) - np.asarray(lower, dtype=float)) / (2 * z)
    return np.where(np.isfinite(error), error, np.nan)[()]


def normal_limits(
    value: ArrayLike, standard_error: ArrayLike, z: float = Z95
) -> tuple[FloatArray, FloatArray]:
    """Symmetric limits value - z se and value + z se, in the unit given. Broadcasts; NaN where missing.

    >>> [round(float(limit), 3) for limit in normal_limits(11.6, 0.6)]
    [10.424, 12.776]
    """
    middle = np.asarray(value, dtype=float)
    reach = z * np.asarray(standard_error, dtype=float)
    return (middle - reach)[()], (middle + reach)[()]
