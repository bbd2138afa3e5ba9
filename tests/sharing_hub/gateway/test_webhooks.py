"""Sending over a real socket: signed as the receivers' library verifies it, no redirect followed, every failure an outcome."""

import ipaddress
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import standardwebhooks

from sharing_hub.gateway import destinations, webhooks
from tests.support import receivers

SECRET = "whsec_" + "A" * 43 + "="
LOCAL = (ipaddress.ip_network("127.0.0.0/8"),)


@pytest.fixture
def gateway() -> Iterator[webhooks.Webhooks]:
    made = webhooks.Webhooks(LOCAL, destinations.system_resolver, ssl.create_default_context())
    yield made
    made.close()


def parcel(url: str) -> webhooks.Parcel:
    return webhooks.Parcel("msg-1", url, "application/cloudevents+json", '{"카메라": 1}'.encode(), SECRET)


def test_a_receiver_verifies_what_arrives(gateway: webhooks.Webhooks) -> None:
    with receivers.receiving() as receiver:
        outcome = gateway.send(parcel(receiver.url), datetime.now(UTC))
    (got,) = receiver.received
    assert outcome == webhooks.Outcome(204)
    assert standardwebhooks.Webhook(SECRET).verify(got.body, got.headers) == {"카메라": 1}
    assert got.headers["content-type"] == "application/cloudevents+json"
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook(SECRET).verify(got.body + b" ", got.headers)


@pytest.mark.parametrize("status", [301, 302, 307, 400, 404, 500, 503])
def test_anything_but_success_is_a_fault_and_no_redirect_is_followed(gateway: webhooks.Webhooks, status: int) -> None:
    with receivers.receiving(lambda _: status) as receiver:
        outcome = gateway.send(parcel(receiver.url), datetime.now(UTC))
    assert outcome == webhooks.Outcome(status, f"answered {status}")
    assert len(receiver.received) == 1


def test_a_receiver_that_wants_no_more_is_gone(gateway: webhooks.Webhooks) -> None:
    with receivers.receiving(lambda _: 410) as receiver:
        assert gateway.send(parcel(receiver.url), datetime.now(UTC)).gone


def test_nobody_there_is_an_outcome_without_a_status(gateway: webhooks.Webhooks) -> None:
    with receivers.receiving() as receiver:
        pass
    outcome = gateway.send(parcel(receiver.url), datetime.now(UTC))
    assert (outcome.status, outcome.fault) == (None, "no answer: ConnectError")


def test_this_machine_is_not_sent_to_unless_it_is_named() -> None:
    guarded = webhooks.Webhooks((), destinations.system_resolver, ssl.create_default_context())
    with receivers.receiving() as receiver:
        outcome = guarded.send(parcel(receiver.url), datetime.now(UTC))
    guarded.close()
    assert outcome.status is None
    assert receiver.received == []
