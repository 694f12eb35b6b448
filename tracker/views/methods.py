"""The methods page: words here and in its template, numbers from the worked examples."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from kit.as_at import read_as_at
from tracker.selectors import worked_examples as given

QUESTIONS = (
    ("path", "What is a path, and why are there two shapes of it?"),
    ("firm", "What do “firm” and “indicative” mean?"),
    ("estimates", "How are the boards' estimates made?"),
    ("close", "What does “too close to call” mean?"),
    ("missed", "When is a target missed?"),
    ("revisions", "What happens when published figures are revised?"),
    ("as-at", "What does “as known on” mean?"),
    ("missing", "Why is my board missing?"),
    ("ambition", "Who decided that the national ambition applies to a board?"),
    ("flags", "How sure are the flags?"),
)

FORMULAS = (
    (
        "Time",
        "t = year + share of the year",
        (
            "A reading sits at the middle of its period: 2024 is 2024.5. A deadline “by 2030” is the middle of 2030, so "
            "that whole years lie between; a dated deadline is the end of its day, each month counting a twelfth."
        ),
    ),
    (
        "Straight path",
        "T(t) = b + (τ − b) · (t − t₀) / (D − t₀)",
        (
            "b is the baseline at t₀, τ the target at D. Up to t₀ the path is b, from D on it is τ. A baseline that "
            "already meets the target keeps the target throughout."
        ),
    ),
    (
        "Constant-rate path",
        "T(t) = b · (τ / b)^((t − t₀) / (D − t₀))",
        "Only where b and τ are above 0.",
    ),
    (
        "Gap",
        "y − T(t)",
        "In percentage points; y is the reading. Below the path is good where fewer should smoke.",
    ),
    (
        "Interval",
        "(2x + z² ∓ z · √(z² + 4x(1 − x/n))) / (2(n + z²))",
        (
            "Published limits are used as published. From a count x of n people asked we compute Wilson's interval, z being "
            "1.959964 at 95% and 3.090232 at 99.8%. For a weighted survey n is divided by its design effect first; where none "
            "is published we take 2 and say so."
        ),
    ),
    (
        "Standard error",
        "se = (U − L) / (2 · 1.959964)",
        (
            "From the published 95% limits L and U. A measured baseline adds ((1 − f) · se₀)² to the variance, f being the "
            "share of the way that has passed."
        ),
    ),
    (
        "Position",
        "",
        (
            "On track: y at or below T. Too close to call: y above T, but the lower 95% limit at or below it. Behind: the lower "
            "limit above T. From the deadline's reading on the target itself takes the place of T. Two percentages closer "
            "than 0.000000001 are equal. Where a target asks for more and not less, all sides swap."
        ),
    ),
    (
        "Flag",
        "",
        (
            "Amber: lower 95% limit above T. Red: lower 99.8% limit above T; where none is published and none can be computed, "
            "y − 3.090232 · se. Never red for an indicative verdict."
        ),
    ),
    (
        "Chance of being above",
        "p = Φ((y − T) / se)",
        "Φ is the normal distribution. For information only: the limits decide.",
    ),
    (
        "Pace",
        "(y − b) / (t − t₀) and (τ − y) / (D − t)",
        "What has been managed a year, and what is needed a year from the latest reading on.",
    ),
    (
        "Board estimate",
        "Σ (value × neighbourhoods) / Σ neighbourhoods",
        "Over the councils that count; see question 3.",
    ),
)


@require_safe
def methods(request: HttpRequest) -> HttpResponse:
    context = {
        "as_at": read_as_at(request),
        "questions": QUESTIONS,
        "formulas": FORMULAS,
        "example": given.work_examples(),
        "south_yorkshire": given.SOUTH_YORKSHIRE_2024,
        "england_2022": {
            "first": given.ENGLAND_2022_FIRST_PCT,
            "revised": given.ENGLAND_2022_REVISED_PCT,
            "first_on": given.FIRST_EDITION_ON,
            "latest_on": given.LATEST_EDITION_ON,
        },
        "board_count": given.BOARD_COUNT,
    }
    return render(request, "pages/methods.html", context)
