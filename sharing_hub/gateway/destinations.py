"""Where the hub may send to: an https address outside its own networks, or inside those that the settings name.

Invariants: the address that was checked is the one that is connected to (a name could be resolved to another one in between); plain http, redirects,
credentials and addresses of this machine are refused unless the settings allow that network by name. (OWASP: server-side request forgery.)
"""

import ipaddress
import socket
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from sharing_hub import errors

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolve = Callable[[str, int], Sequence[str]]
MAX_URL_CHARACTERS = 500
_TRANSLATED = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("64:ff9b:1::/48"))
"""Addresses that a translator turns into IPv4 ones, whichever they are (RFC 6052, RFC 8215)."""


@dataclass(frozen=True, slots=True)
class Destination:
    """An address that was checked.

    Attributes:
        url: as registered.
        host: its name, for the certificate and the Host header.
        connect_url: the same with the name replaced by the address that was checked.
    """

    url: str
    host: str
    connect_url: str


def check(url: str, allowed: Iterable[Network]) -> None:
    """Refuse an address that can never be sent to, without resolving its name.

    Raises:
        Unprocessable: with the reason.
    """
    _parsed(url, tuple(allowed))


def resolve(url: str, allowed: Iterable[Network], look_up: Resolve) -> Destination:
    """Return where to connect to.

    Raises:
        Unprocessable: the address may not be sent to.
        Refused: its name leads to an address of a network that may not be sent to.
        Busy: its name cannot be resolved now.
    """
    networks = tuple(allowed)
    scheme, host, port, path = _parsed(url, networks)
    try:
        found = [ipaddress.ip_address(text.split("%")[0]) for text in look_up(host, port)]
    except OSError as e:
        raise errors.Busy(f"{host}: the name cannot be resolved ({e.strerror or 'no answer'})", 5) from e
    if not found:
        raise errors.Busy(f"{host}: the name has no address", 5)
    for address in found:
        if not _may_be_sent_to(address, networks) or (scheme == "http" and not _is_named(address, networks)):
            raise errors.Refused(
                f"{host} leads to {address}, which is not a public address; name its network in [delivery] private_networks"
            )
    chosen = f"[{found[0]}]" if found[0].version == 6 else str(found[0])
    return Destination(url, host, f"{scheme}://{chosen}:{port}{path}")


def system_resolver(host: str, port: int) -> list[str]:
    """Return the addresses of a host as the system knows them."""
    return [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def _parsed(url: str, networks: tuple[Network, ...]) -> tuple[str, str, int, str]:
    if len(url) > MAX_URL_CHARACTERS or not url.isprintable() or " " in url:
        raise errors.Unprocessable(f"an address has at most {MAX_URL_CHARACTERS} printable characters and no space")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as e:
        raise errors.Unprocessable(f"{url}: is not an address ({e})") from e
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise errors.Unprocessable("an address begins with https:// and names a host")
    if parts.scheme == "http" and not networks:
        raise errors.Unprocessable(
            "an address begins with https://; http is for networks named in [delivery] private_networks"
        )
    if parts.username or parts.password or parts.fragment:
        raise errors.Unprocessable("an address holds no name, password or fragment")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return parts.scheme, parts.hostname, port or (443 if parts.scheme == "https" else 80), path


def _may_be_sent_to(address: Address, networks: tuple[Network, ...]) -> bool:
    inner = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None) or address
    is_public = inner.is_global and not inner.is_multicast and not _is_named(address, _TRANSLATED)
    return is_public or _is_named(address, networks)


def _is_named(address: Address, networks: tuple[Network, ...]) -> bool:
    return any(address.version == network.version and address in network for network in networks)
