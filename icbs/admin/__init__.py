"""The admin of areas, services and rollout, and the bases that the admins of every app stand on."""

from icbs.admin.areas import AreaAdmin, InBeingFilter, RegionFilter
from icbs.admin.bases import (
    AddOnly,
    BadgedAreaMixin,
    DemonstrationAware,
    HttpsLinks,
    KeptForGood,
    Lookups,
    ReadOnlyAdmin,
    RecordingAdmin,
    RegisterAdmin,
    WholeForm,
    badge_area,
)
from icbs.admin.services import MARCH_2024, RolloutVerdictFilter, find_reported, is_off_for_march_2024

__all__ = [
    "MARCH_2024",
    "AddOnly",
    "AreaAdmin",
    "BadgedAreaMixin",
    "DemonstrationAware",
    "HttpsLinks",
    "InBeingFilter",
    "KeptForGood",
    "Lookups",
    "ReadOnlyAdmin",
    "RecordingAdmin",
    "RegionFilter",
    "RegisterAdmin",
    "RolloutVerdictFilter",
    "WholeForm",
    "badge_area",
    "find_reported",
    "is_off_for_march_2024",
]
