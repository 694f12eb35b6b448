"""How numbers and days are written everywhere: one decimal, units, "not published" for what is missing.

>>> format_pct(12.44), format_pct(None)
('12.4%', 'not published')
>>> format_interval(12.4, 11.3, 13.6)
'12.4% (11.3% to 13.6%)'
>>> format_pp(-0.42), format_pp(2.06)
('0.4 percentage points below', '2.1 percentage points above')
"""

from datetime import date

NOT_PUBLISHED = "not published"


def round_half_up(value: float, places: int = 1) -> float:
    """Rounds halves away from zero, as readers expect; floats a hair below a half count as one.

    >>> round_half_up(10.45), round_half_up(-0.25)
    (10.5, -0.3)
    """
    factor = 10**places
    return (1 if value >= 0 else -1) * int(abs(value) * factor + 0.5 + 1e-9) / factor


def format_pct(value: float | None, places: int = 1) -> str:
    return NOT_PUBLISHED if value is None else f"{round_half_up(value, places):.{places}f}%"


def places_to_tell_apart(one: float | None, other: float | None) -> int:
    """Decimals, one to three, that show which of two different numbers is the larger.

    >>> places_to_tell_apart(11.034, 10.975), places_to_tell_apart(11.0, 12.0)
    (2, 1)
    """
    if one is None or other is None or abs(one - other) < 1e-9:
        return 1
    apart = (places for places in (1, 2) if round_half_up(one, places) != round_half_up(other, places))
    return next(apart, 3)


def format_interval(value: float | None, lower: float | None, upper: float | None, places: int = 1) -> str:
    """The value with its 95% interval, or alone where no interval is held."""
    if value is None or lower is None or upper is None:
        return format_pct(value, places)
    return f"{format_pct(value, places)} ({format_pct(lower)} to {format_pct(upper)})"


def format_pp(gap: float | None, places: int = 1) -> str:
    """A distance from a path in words.

    >>> format_pp(0.058, 2)
    '0.06 percentage points above'
    """
    if gap is None:
        return "not known"
    if abs(gap) < 1e-9:
        return "exactly on the path"
    size, smallest = round_half_up(abs(gap), places), 10**-places
    shown = f"{size:.{places}f}" if size >= smallest else f"less than {smallest:.{places}f}"
    return f"{shown} percentage points {'above' if gap > 0 else 'below'}"


def format_day(day: date | None) -> str:
    """
    >>> format_day(date(2024, 3, 31))
    '31 March 2024'
    """
    return "not known" if day is None else f"{day.day} {day:%B %Y}"


def format_people(count: float | None) -> str:
    """People to the nearest hundred.

    >>> format_people(12345)
    'about 12,300 people'
    """
    return "not known" if count is None else f"about {round(count, -2):,.0f} people"


def join_words(words: list[str], last: str = "and") -> str:
    """
    >>> join_words(["Devon", "Dorset", "Kent"])
    'Devon, Dorset and Kent'
    """
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"
