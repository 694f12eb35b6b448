"""Areas, their codes and links; services and their rollout."""

from icbs.models.area import Area, AreaCode, AreaKind, AreaLink, CodeScheme, LinkKind
from icbs.models.rollout import RolloutStatus, Service

__all__ = [
    "Area",
    "AreaCode",
    "AreaKind",
    "AreaLink",
    "CodeScheme",
    "LinkKind",
    "RolloutStatus",
    "Service",
]
