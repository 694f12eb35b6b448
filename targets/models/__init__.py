"""Indicators and their figures; targets, their versions and their verdicts."""

from targets.models.assessment import Assessment, Standing, StandingChange
from targets.models.indicator import (
    AnnouncedEdition,
    Break,
    BreakKind,
    Collection,
    CoverageClearance,
    Indicator,
    Polarity,
    Series,
    YearType,
)
from targets.models.observation import (
    Change,
    EstimatePart,
    MissingEstimate,
    Observation,
    Release,
    ReleaseKind,
    UnreadPlace,
)
from targets.models.target import (
    COMPARATOR_LABELS,
    SHAPE_LABELS,
    Answer,
    DeadlinePrecision,
    Form,
    PromiseFollowUp,
    Target,
    TargetVersion,
    VersionStatus,
)
from targets.models.upload import StagedRow, Upload, UploadState

__all__ = [
    "COMPARATOR_LABELS",
    "SHAPE_LABELS",
    "AnnouncedEdition",
    "Answer",
    "Assessment",
    "Break",
    "BreakKind",
    "Change",
    "Collection",
    "CoverageClearance",
    "DeadlinePrecision",
    "EstimatePart",
    "Form",
    "Indicator",
    "MissingEstimate",
    "Observation",
    "Polarity",
    "PromiseFollowUp",
    "Release",
    "ReleaseKind",
    "Series",
    "StagedRow",
    "Standing",
    "StandingChange",
    "Target",
    "TargetVersion",
    "UnreadPlace",
    "Upload",
    "UploadState",
    "VersionStatus",
    "YearType",
]
