"""Told: subscriptions, alert states, transitions and mails."""
