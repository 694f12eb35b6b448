"""Indicators and their figures; targets, their versions and their verdicts."""

from targets.models.assessment import Assessment, Standing, StandingChange
from targets.models.indicator import Break, BreakKind, Collection, Indicator, Polarity, Series, YearType
from targets.models.observation import EstimatePart, MissingEstimate, Observation, Release, ReleaseKind
from targets.models.target import (
    COMPARATOR_LABELS,
    SHAPE_LABELS,
    DeadlinePrecision,
    Form,
    Target,
    TargetVersion,
    VersionStatus,
)

__all__ = [
    "COMPARATOR_LABELS",
    "SHAPE_LABELS",
    "Assessment",
    "Break",
    "BreakKind",
    "Collection",
    "DeadlinePrecision",
    "EstimatePart",
    "Form",
    "Indicator",
    "MissingEstimate",
    "Observation",
    "Polarity",
    "Release",
    "ReleaseKind",
    "Series",
    "Standing",
    "StandingChange",
    "Target",
    "TargetVersion",
    "VersionStatus",
    "YearType",
]
