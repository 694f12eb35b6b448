"""Registers that staff keep in spreadsheets, imported and exported by the admin."""

from icbs.resources.contacts import ContactResource
from icbs.resources.exchange import RegisterExchange
from icbs.resources.trusts import TrustResource

__all__ = ["ContactResource", "RegisterExchange", "TrustResource"]
