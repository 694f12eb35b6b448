"""Leaving the alerts: a link that is followed changes nothing, a button or one click ends it."""

import pytest
from django.test import Client
from django.urls import reverse

from alerts.models import Subscription
from kit.signing import LEAVE, sign_link
from tests.factories.rows import make_subscription

pytestmark = pytest.mark.django_db


@pytest.fixture
def subscription() -> Subscription:
    return make_subscription(email="reader@example.org")


@pytest.fixture
def strict_client() -> Client:
    """A client that is refused wherever a form's token is asked for."""
    return Client(enforce_csrf_checks=True)


def leave_address(subscription: Subscription) -> str:
    return reverse("leave", kwargs={"token": sign_link(LEAVE, subscription.pk)})


def test_following_the_link_shows_a_button_and_changes_nothing(client, subscription):
    address = leave_address(subscription)

    page = client.get(address)

    subscription.refresh_from_db()
    assert page.status_code == 200
    assert f'action="{address}"' in page.text
    assert ">Leave the alerts</button>" in page.text
    assert subscription.left_at is None


def test_the_button_leaves_and_says_so(client, subscription):
    page = client.post(leave_address(subscription))

    subscription.refresh_from_db()
    assert page.status_code == 200
    assert "Your subscription ended on" in page.text
    assert subscription.left_at is not None


def test_one_click_of_a_mail_program_leaves_without_a_token_of_ours(strict_client, subscription):
    answer = strict_client.post(leave_address(subscription), {"List-Unsubscribe": "One-Click"})

    subscription.refresh_from_db()
    assert answer.status_code == 200
    assert subscription.left_at is not None


def test_leaving_twice_keeps_the_first_day(client, subscription):
    client.post(leave_address(subscription))
    first = Subscription.objects.get(pk=subscription.pk).left_at

    client.post(leave_address(subscription))

    assert Subscription.objects.get(pk=subscription.pk).left_at == first


@pytest.mark.parametrize("method", ["get", "post"])
def test_damaged_link_says_what_to_do_and_changes_nothing(client, subscription, method):
    page = getattr(client, method)(leave_address(subscription)[:-4] + "/")

    subscription.refresh_from_db()
    assert page.status_code == 400
    assert "This link is not complete" in page.text
    assert "copy the address" in page.text
    assert subscription.left_at is None


def test_link_signed_for_another_purpose_is_refused(client, subscription):
    address = reverse("leave", kwargs={"token": sign_link("confirm", subscription.pk)})

    assert client.post(address).status_code == 400


def test_subscription_that_is_gone_is_said_to_be_gone(client, subscription):
    address = leave_address(subscription)
    subscription.delete()

    page = client.post(address)

    assert page.status_code == 410
    assert "no longer held" in page.text


def test_other_methods_are_refused(client, subscription):
    assert client.delete(leave_address(subscription)).status_code == 405
