"""What the tests of fetching share: an indicator to ask for, its boards, and a good answer."""

from targets.models import Indicator
from tests.factories.fingertips_server import make_csv, make_row
from tests.factories.rows import make_area, make_code, make_indicator

GOOD = make_csv(make_row("E54000001", "14.1"), make_row("E54000002", "13.0"))


def make_smokers(**changes) -> Indicator:
    """An indicator that Fingertips is asked for, and the boards Q1 and Q2 of its figures."""
    for number in (1, 2):
        make_code(scheme="ons", code=f"E5400000{number}", area=make_area(code=f"Q{number}"))
    values = {"slug": "smokers", "fingertips_id": 92443, "fingertips_area_types": "221:15", "age": "18+"}
    return make_indicator(**values | changes)
