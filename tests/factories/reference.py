"""The bundled data, loaded once for a module of tests that ask for `reference_data`."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.core.management import call_command

from tracker.services.load_reference import load_reference


@pytest.fixture(scope="module")
def reference_data(django_db_setup, django_db_blocker) -> Iterator[None]:
    """Committed, so that every test of the module starts from it; emptied after the last one."""
    with django_db_blocker.unblock():
        load_reference(lambda step: None)
        try:
            yield
        finally:
            call_command("flush", verbosity=0, interactive=False)


def read_all_rows() -> dict[str, list[tuple]]:
    """Every row of every table, with all its values: what "changes nothing" is held against."""
    return {
        model._meta.label: list(model._base_manager.order_by("pk").values_list())
        for model in apps.get_models()
    }
