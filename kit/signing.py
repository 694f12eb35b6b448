"""Signed links: what a mail may carry without an account."""

from django.core import signing

LEAVE = "leave"


class InvalidLink(ValueError):
    """The link was cut off or changed on its way; the message says what to do."""


def sign_link(purpose: str, key: int) -> str:
    return signing.dumps(key, salt=f"link.{purpose}")


def read_link(purpose: str, token: str, *, max_age_days: int | None = None) -> int:
    """The key that was signed for this purpose."""
    try:
        return signing.loads(token, salt=f"link.{purpose}", max_age=max_age_days and max_age_days * 86_400)
    except signing.SignatureExpired:
        raise InvalidLink("This link has expired: ask for a new one.") from None
    except signing.BadSignature:
        raise InvalidLink("This link is not complete: copy the whole address from the e-mail.") from None
