"""Reads the JSON lines of the `verdict` command; every refusal names the field and what to do."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import isfinite
from typing import Any

from targets.calc.types import Comparator, Shape
from targets.calc.verdict_answer import DatedPct, VerdictLine

EQUAL_PP = 1e-9
LIMITS = ("lower95", "upper95", "lower998", "upper998")


@dataclass(frozen=True, slots=True, kw_only=True)
class LineError:
    """A line that was refused: its number from 1, its id if that could be read, and why."""

    line: int
    id: str | int | float | None
    error: str


class _Refused(ValueError):
    """Says which field is wrong and what to do."""


def read_verdict_lines(lines: Iterable[str]) -> Iterator[VerdictLine | LineError]:
    """One question or one refusal for each line that is not blank, in order."""
    for number, text in enumerate(lines, start=1):
        if not text.strip("\ufeff \t\r\n"):
            continue
        identity = None
        try:
            record, doubled = _parse(text)
            identity = _read_id(record)
            if doubled:
                raise _Refused(f"{doubled[0]} is given twice in one object: keep one.")
            yield _read_line(record, identity)
        except _Refused as refusal:
            yield LineError(line=number, id=identity, error=str(refusal))


def _parse(text: str) -> tuple[dict[str, Any], list[str]]:
    """The object of a line, and the keys that were given twice."""
    doubled: list[str] = []

    def collect(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        record = dict(pairs)
        if len(record) < len(pairs):
            keys = [key for key, _ in pairs]
            doubled.extend(key for key in record if keys.count(key) > 1)
        return record

    try:
        record = json.loads(text.lstrip("\ufeff"), object_pairs_hook=collect)
    except json.JSONDecodeError as error:
        raise _Refused(
            f"The line is not JSON ({error.msg} at character {error.pos + 1}): write one object a line."
        ) from None
    except (ValueError, RecursionError):
        raise _Refused("The line is not JSON that can be read: shorten its numbers and nesting.") from None
    if not isinstance(record, dict):
        raise _Refused("The line is not an object: write {...} with baseline, target and reading.")
    return record, doubled


def _read_id(record: dict[str, Any]) -> str | int | float | None:
    identity = record.get("id")
    if identity is None or isinstance(identity, str):
        return identity
    if isinstance(identity, int | float) and not isinstance(identity, bool) and abs(identity) < float("inf"):
        return identity
    raise _Refused("id must be text, a finite number or null.")


def _read_line(record: dict[str, Any], identity: str | float | None) -> VerdictLine:
    _check_keys(record, "", {"id", "baseline", "target", "reading", "series"})
    baseline = _read_point(record, "baseline", optional={"se"})
    target_record = _read_object(record, "target")
    _check_keys(target_record, "target.", {"time", "pct", "comparator", "shape", "milestones"})
    target = _read_dated(target_record, "target.")
    comparator = _read_word(target_record, "comparator", tuple(Comparator))
    shape = _read_word(target_record, "shape", tuple(Shape))
    if target.time <= baseline.time:
        raise _Refused("target.time must be later than baseline.time: check both.")
    milestones = _read_milestones(target_record, baseline, target)
    if shape == Shape.CONSTANT_RATE:
        _check_rate(baseline, milestones, target)
    reading_record = _read_object(record, "reading")
    _check_keys(reading_record, "reading.", {"time", "pct", *LIMITS})
    reading = _read_dated(reading_record, "reading.")
    return VerdictLine(
        id=identity,
        baseline=baseline,
        target=target,
        comparator=comparator,
        shape=shape,
        reading=reading,
        milestones=milestones,
        series=tuple(
            _read_series_point(point, f"series[{place}]")
            for place, point in enumerate(_read_list(record, "series", "series"))
        ),
        **_read_limits(reading_record, reading.pct),
    )


def _check_keys(record: dict[str, Any], prefix: str, allowed: set[str]) -> None:
    for key in record:
        if key not in allowed:
            known = ", ".join(sorted(allowed))
            raise _Refused(f"{prefix}{key} is not a field: remove it or use one of {known}.")


def _read_object(record: dict[str, Any], name: str) -> dict[str, Any]:
    value = record.get(name)
    if value is None:
        raise _Refused(f"{name} is missing: add it.")
    if not isinstance(value, dict):
        raise _Refused(f"{name} must be an object {{...}}.")
    return value


def _read_list(record: dict[str, Any], key: str, name: str) -> list[Any]:
    value = record.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise _Refused(f"{name} must be a list [...].")
    return value


def _read_number(record: dict[str, Any], key: str, name: str) -> float:
    value = record.get(key)
    if value is None:
        raise _Refused(f"{name} is missing: add a number.")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _Refused(f"{name} must be a number, without quotation marks.")
    try:
        number = float(value)
    except OverflowError:
        number = float("inf")
    if not isfinite(number):
        raise _Refused(f"{name} must be a finite number; leave a missing one out or write null.")
    return number


def _read_pct(record: dict[str, Any], key: str, name: str) -> float:
    number = _read_number(record, key, name)
    if not 0 <= number <= 100:
        raise _Refused(f"{name} is {number:g}: it must be a percentage between 0 and 100.")
    return number


def _read_dated(record: dict[str, Any], prefix: str) -> DatedPct:
    return DatedPct(
        time=_read_number(record, "time", f"{prefix}time"), pct=_read_pct(record, "pct", f"{prefix}pct")
    )


def _read_se(record: dict[str, Any], name: str) -> float:
    number = _read_number(record, "se", name)
    if number < 0:
        raise _Refused(f"{name} is {number:g}: a standard error is 0 or more percentage points.")
    return number


def _read_point(record: dict[str, Any], name: str, *, optional: set[str]) -> DatedPct:
    point = _read_object(record, name)
    _check_keys(point, f"{name}.", {"time", "pct", *optional})
    dated = _read_dated(point, f"{name}.")
    if point.get("se") is None:
        return dated
    return DatedPct(time=dated.time, pct=dated.pct, se=_read_se(point, f"{name}.se"))


def _read_series_point(value: Any, name: str) -> DatedPct:
    if not isinstance(value, dict):
        raise _Refused(f"{name} must be an object with time, pct and se.")
    _check_keys(value, f"{name}.", {"time", "pct", "se"})
    dated = _read_dated(value, f"{name}.")
    return DatedPct(time=dated.time, pct=dated.pct, se=_read_se(value, f"{name}.se"))


def _read_word(record: dict[str, Any], key: str, words: tuple[str, ...]) -> str:
    value = record.get(key)
    if not isinstance(value, str) or value not in words:
        raise _Refused(f"target.{key} must be one of {', '.join(words)}.")
    return value


def _read_milestones(record: dict[str, Any], baseline: DatedPct, target: DatedPct) -> tuple[DatedPct, ...]:
    milestones: list[DatedPct] = []
    for place, value in enumerate(_read_list(record, "milestones", "target.milestones")):
        name = f"target.milestones[{place}]"
        if not isinstance(value, dict):
            raise _Refused(f"{name} must be an object with time and pct.")
        _check_keys(value, f"{name}.", {"time", "pct"})
        milestone = _read_dated(value, f"{name}.")
        if not baseline.time < milestone.time < target.time:
            raise _Refused(f"{name}.time must lie between baseline.time and target.time.")
        if milestones and milestone.time <= milestones[-1].time:
            raise _Refused(f"{name}.time must be later than the milestone before it: sort them by time.")
        milestones.append(milestone)
    return tuple(milestones)


def _check_rate(baseline: DatedPct, milestones: tuple[DatedPct, ...], target: DatedPct) -> None:
    named = [("baseline.pct", baseline), ("target.pct", target)]
    named += [(f"target.milestones[{place}].pct", point) for place, point in enumerate(milestones)]
    for name, point in named:
        if point.pct <= 0:
            raise _Refused(f"{name} is 0, to or from which there is no constant rate: use shape straight.")


def _read_limits(record: dict[str, Any], pct: float) -> dict[str, float | None]:
    limits: dict[str, float | None] = {
        name: None if record.get(name) is None else _read_pct(record, name, f"reading.{name}")
        for name in LIMITS
    }
    for lower, higher in (
        ("lower998", "lower95"),
        ("lower95", "pct"),
        ("lower998", "pct"),
        ("pct", "upper95"),
        ("pct", "upper998"),
        ("upper95", "upper998"),
    ):
        low = pct if lower == "pct" else limits[lower]
        high = pct if higher == "pct" else limits[higher]
        if low is not None and high is not None and low > high + EQUAL_PP:
            raise _Refused(
                f"reading.{lower} is {low:g}, above reading.{higher} ({high:g}): limits must enclose pct, "
                "and the 99.8% limits the 95% ones."
            )
    return limits
