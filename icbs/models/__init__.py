"""Areas, their codes and links; services and their rollout."""

from icbs.models.area import Area, AreaCode, AreaKind, AreaLink, CodeScheme, HexCell, LinkKind
from icbs.models.contact import Contact
from icbs.models.population import BoundaryNote, Population
from icbs.models.rollout import RolloutStatus, Service

__all__ = [
    "Area",
    "AreaCode",
    "AreaKind",
    "AreaLink",
    "BoundaryNote",
    "CodeScheme",
    "Contact",
    "HexCell",
    "LinkKind",
    "Population",
    "RolloutStatus",
    "Service",
]
