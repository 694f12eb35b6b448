"""Fixtures of the integration tests."""

from tests.factories.reference import reference_data

__all__ = ["reference_data"]
