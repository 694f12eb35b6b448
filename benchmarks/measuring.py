"""Times a piece of work and its floor in turn, and writes the line that the budgets are read from."""

import gc
import json
import resource
import sys
import time
from collections.abc import Callable
from statistics import median

TURNS = 5


def measure(
    name: str, *, work: Callable[[], object], floor: Callable[[], object], budget: float, **facts: object
) -> None:
    """Writes name, value and floor (median seconds of five), ratio, budget, the peak of this process, and `facts`."""
    work(), floor()
    pairs = [(_time(work), _time(floor)) for _ in range(TURNS)]
    value, bare = (median(times) for times in zip(*pairs, strict=True))
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    write_line(name, value=value, floor=bare, budget=budget, peak_mb=peak_mb, **facts)


def write_line(
    name: str, *, value: float, floor: float, budget: float, peak_mb: float, **facts: object
) -> None:
    write_facts(
        name=name,
        value=round(value, 6),
        floor=round(floor, 6),
        ratio=round(value / floor, 3),
        budget=budget,
        peak_mb=round(peak_mb, 1),
        **facts,
    )


def write_facts(**facts: object) -> None:
    sys.stdout.write(f"{json.dumps(facts)}\n")
    sys.stdout.flush()


def _time(work: Callable[[], object]) -> float:
    gc.collect()
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
