"""Fixtures of the long drills."""

from tests.integration.test_broken_files import first_edition

__all__ = ["first_edition"]
