"""The courier of a hub, put together from its settings."""

import ipaddress
import random

from sharing_hub import address, courier
from sharing_hub import hub as hubs
from sharing_hub.gateway import destinations, trust, webhooks
from sharing_hub.services import deliveries, endpoints

EVERY_S = 0.25
"""How often the courier looks for what is due: a message should arrive within 2 s of the decision."""


def make(hub: hubs.Hub) -> courier.Courier:
    """Return the courier.

    Raises:
        SettingsError: [delivery] ca_file cannot be used.
    """
    sender = webhooks.Webhooks(
        networks(hub), destinations.system_resolver, trust.context(hub.settings.delivery.ca_file)
    )
    gateways: dict[str, webhooks.AgencyGateway] = {"cloudevents": sender, "cap": sender, endpoints.HUB: hub.peers}
    return courier.Courier(hub.database, gateways, hub.webhook_key, hub.clock, hub.counters, random.Random())  # noqa: S311 - only spreads retries


def networks(hub: hubs.Hub) -> tuple[destinations.Network, ...]:
    """Return the private networks that may be sent to."""
    return tuple(ipaddress.ip_network(text) for text in hub.settings.delivery.private_networks)


def sender_of(hub: hubs.Hub) -> deliveries.Sender:
    """Return who the messages come from."""
    url = address.public_url(hub.settings)
    host = url.split("//", 1)[1].rsplit(":", 1)[0].strip("[]")
    return deliveries.Sender(url, host, hub.settings.delivery.exercise)
