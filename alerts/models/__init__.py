"""Subscriptions; the alert state of each target; transitions and the mails that tell them."""

from alerts.models.mail import Mail, MailItem
from alerts.models.state import State, Transition
from alerts.models.subscription import Frequency, Subscription

__all__ = ["Frequency", "Mail", "MailItem", "State", "Subscription", "Transition"]
