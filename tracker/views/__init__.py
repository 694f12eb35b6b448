"""Pages that join several apps, and what machines ask for."""

from tracker.views.data import data, figures_download, release_detail
from tracker.views.health import livez, readyz
from tracker.views.methods import methods
from tracker.views.pages import home, icb_detail, icb_list

__all__ = [
    "data",
    "figures_download",
    "home",
    "icb_detail",
    "icb_list",
    "livez",
    "methods",
    "readyz",
    "release_detail",
]
