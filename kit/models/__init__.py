"""Abstract bases: who recorded a fact, when, and where it comes from."""

from kit.models.recorded import Recorded, Sourced

__all__ = ["Recorded", "Sourced"]
