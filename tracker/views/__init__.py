"""Pages that join several apps, and what machines ask for."""

from tracker.views.health import livez, readyz
from tracker.views.methods import methods
from tracker.views.pages import home, icb_detail, icb_list

__all__ = ["home", "icb_detail", "icb_list", "livez", "methods", "readyz"]
