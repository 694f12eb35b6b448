"""A million verdicts on both shapes, against the arithmetic they cannot do without."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from benchmarks.measuring import measure
from kit.calc.intervals import Z95, Z998
from targets.calc.judging import Cases, judge
from targets.calc.types import Shape

ROWS = 1_000_000
BUDGET = 2.0

Floats = NDArray[np.float64]
Numbers = dict[str, Floats]


def make_numbers() -> Numbers:
    """Fixed numbers like those of real targets: some deadlines have passed, most have not."""
    random = np.random.default_rng(20240331)
    reading = random.uniform(4, 22, ROWS)
    error = random.uniform(0.3, 2, ROWS)
    return {
        "baseline_time": np.full(ROWS, 2019.5),
        "baseline_pct": random.uniform(8, 25, ROWS),
        "target_time": random.choice([2024.25, 2030.5], ROWS),
        "target_pct": random.uniform(3, 7, ROWS),
        "reading_time": random.choice([2020.5, 2022.5, 2024.5], ROWS),
        "reading_pct": reading,
        "lower95": reading - Z95 * error,
        "upper95": reading + Z95 * error,
    }


def judge_both(straight: Cases) -> None:
    judge(straight)
    judge(straight.with_shape(Shape.CONSTANT_RATE))


def compute_both(numbers: Numbers) -> None:
    _compute_bare(numbers, at_constant_rate=False)
    _compute_bare(numbers, at_constant_rate=True)


def _compute_bare(numbers: Numbers, *, at_constant_rate: bool) -> None:
    """Path, gap, chance, position and flag in plain numpy, for 'at or below' and readings with an interval."""
    start, goal, y = numbers["baseline_pct"], numbers["target_pct"], numbers["reading_pct"]
    low, high = numbers["lower95"], numbers["upper95"]
    decides = numbers["reading_time"] >= numbers["target_time"]
    elapsed = (numbers["reading_time"] - numbers["baseline_time"]) / (
        numbers["target_time"] - numbers["baseline_time"]
    )
    path = start * (goal / start) ** elapsed if at_constant_rate else start + (goal - start) * elapsed
    path = np.where(decides, goal, path)
    gap = y - path
    error = (high - low) / (2 * Z95)
    ndtr(gap / error)
    position = np.full(ROWS, 8, dtype=np.int8)
    for code, rows in (
        (7, low <= path),
        (6, y <= path),
        (5, high <= path),
        (4, decides),
        (3, decides & (low > goal)),
        (2, y <= goal),
        (1, high <= goal),
    ):
        np.copyto(position, code, where=rows)
    np.add(low > path, y - Z998 * error > path, dtype=np.int8)


if __name__ == "__main__":
    numbers = make_numbers()
    cases = Cases.build(**numbers, shape=Shape.STRAIGHT)
    measure("judge", work=lambda: judge_both(cases), floor=lambda: compute_both(numbers), budget=BUDGET)
