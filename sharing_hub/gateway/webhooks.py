"""Sending: one HTTP POST, signed as Standard Webhooks say, to an address that was checked.

Invariants: nothing is sent to where it may not be sent; redirects are not followed; the answer's body is not kept; one sending takes 10 s at most. (standardwebhooks.com, specification 1.0.)
"""

import ssl
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import httpx
import standardwebhooks

from sharing_hub import errors
from sharing_hub.gateway import destinations

TIMEOUT = httpx.Timeout(10.0, connect=5.0)


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is sent.

    Attributes:
        message_id: the same at each try, so that the receiver sees a repeat.
        secret: the endpoint's, as Standard Webhooks write it.
    """

    message_id: str
    url: str
    content_type: str
    body: bytes
    secret: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a try ended.

    Attributes:
        status: of the answer; None where there was none.
        fault: "" where it was delivered, else why not, in words that name no secret.
        gone: the receiver wants no more (410).
    """

    status: int | None
    fault: str = ""
    gone: bool = False


class AgencyGateway(Protocol):
    """What sends to an agency's system."""

    def send(self, parcel: Parcel, now: datetime) -> Outcome:
        """Try once; never raises for what the other side does."""


class Webhooks:
    """Sends over the network.

    Args:
        networks: private networks that may be sent to.
        look_up: resolves names.
        trust: which authorities prove the receivers.
    """

    def __init__(
        self, networks: Iterable[destinations.Network], look_up: destinations.Resolve, trust: ssl.SSLContext
    ) -> None:
        self._networks = tuple(networks)
        self._look_up = look_up
        self._client = httpx.Client(timeout=TIMEOUT, follow_redirects=False, trust_env=False, verify=trust)

    def send(self, parcel: Parcel, now: datetime) -> Outcome:
        """Try once; never raises for what the other side does."""
        try:
            to = destinations.resolve(parcel.url, self._networks, self._look_up)
        except errors.HubError as e:
            return Outcome(None, e.detail)
        request = self._client.build_request(
            "POST",
            to.connect_url,
            content=parcel.body,
            headers={**signed(parcel, now), "Host": _host_header(parcel.url)},
            extensions={"sni_hostname": to.host},
        )
        return _tried(lambda: self._client.send(request, stream=True))

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


def signed(parcel: Parcel, now: datetime) -> dict[str, str]:
    """Return the header fields of a parcel that is sent at `now`."""
    signature = standardwebhooks.Webhook(parcel.secret).sign(parcel.message_id, now, parcel.body.decode())
    return {
        "Content-Type": parcel.content_type,
        "User-Agent": "jikimi-hub",
        "webhook-id": parcel.message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signature,
    }


def _tried(send: Callable[[], httpx.Response]) -> Outcome:
    try:
        response = send()
        response.close()  # what it says beyond its status is nobody's business here
        status = response.status_code
    except httpx.HTTPError as e:
        return Outcome(None, f"no answer: {type(e).__name__}")
    if 200 <= status < 300:
        return Outcome(status)
    return Outcome(status, f"answered {status}", gone=status == 410)


def _host_header(url: str) -> str:
    return httpx.URL(url).netloc.decode()
