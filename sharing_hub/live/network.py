"""Where WebRTC's packets leave and enter: the addresses and the UDP ports of the settings.

aioice has no setting for either: it binds every address of the machine but 127.0.0.1, each to a port of the system's choice. Its
`Connection.get_component_candidates` is the one place that opens sockets, so `confine` puts another in its place, for that connection
only. aiortc is pinned, and a test asks the answer's SDP for the address and the port.
"""

import asyncio
import errno
import ipaddress
import random
import socket
from dataclasses import dataclass

import aioice
import aiortc
from aioice import candidate as ice_candidate
from aioice import ice

from sharing_hub import errors
from sharing_hub.live import relay

SOCKET_BUFFER_BYTES = 1024 * 1024
_PRIVILEGED_PORTS = 1024
_EVERY_ADDRESS = {socket.AF_INET: "0.0.0.0", socket.AF_INET6: "::"}  # noqa: S104


@dataclass(frozen=True, slots=True)
class Network:
    """The hub's side of every WebRTC connection.

    Attributes:
        address: the address viewers reach; None = the one they connected to. Where it is not this machine's (a router forwards the ports),
            every address of the machine is bound and this one is named in answers.
        ports: first and last UDP port; None = any.
    """

    address: str | None = None
    ports: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        if self.address is not None:
            _family(self.address)
        if self.ports is not None and not _PRIVILEGED_PORTS <= self.ports[0] <= self.ports[1] <= 65535:
            raise errors.SettingsError(
                f"[live] UDP ports go from 1024 to 65535, the first before the last, not {self.ports}"
            )


def confine(sender: aiortc.RTCRtpSender, network: Network, reached_at: str, chance: random.Random) -> None:
    """Make the connection that will carry `sender` use `network` and nothing else; before it gathers candidates."""
    connection = sender.transport.transport.iceGatherer._connection
    shown = network.address or reached_at

    async def gather(component: int, addresses: list[str], timeout: int = 5) -> list[aioice.Candidate]:  # noqa: ASYNC109
        protocol = await _open(connection, shown, network.ports, chance)
        connection._protocols.append(protocol)  # so that it closes with the connection
        protocol.local_candidate = aioice.Candidate(
            foundation=ice_candidate.candidate_foundation("host", "udp", shown),
            component=component,
            transport="udp",
            priority=ice_candidate.candidate_priority(component, "host"),
            host=shown,
            port=protocol.transport.get_extra_info("sockname")[1],
            type="host",
        )
        return [protocol.local_candidate]

    connection.get_component_candidates = gather  # type: ignore[method-assign]


async def _open(
    connection: ice.Connection, address: str, ports: tuple[int, int] | None, chance: random.Random
) -> ice.StunProtocol:
    """Return a socket on a free port, tried from a random place in the range on.

    Raises:
        RelayFull: every port of the range is taken.
    """
    loop = asyncio.get_running_loop()
    host = address if _is_ours(address) else _EVERY_ADDRESS[_family(address)]
    for port in _in_turn(ports, chance):
        try:
            transport, protocol = await loop.create_datagram_endpoint(
                lambda: ice.StunProtocol(connection), local_addr=(host, port)
            )
        except OSError as e:
            if e.errno != errno.EADDRINUSE:
                raise
            continue
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SOCKET_BUFFER_BYTES)
        return protocol
    raise relay.RelayFull("every UDP port for live view is in use")


def _is_ours(address: str) -> bool:
    """Say whether this machine can bind the address."""
    with socket.socket(_family(address), socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
    return True


def _family(address: str) -> socket.AddressFamily:
    try:
        version = ipaddress.ip_address(address).version
    except ValueError as e:
        raise errors.SettingsError(
            f"[live] address {address!r} is not an IP address; viewers' browsers need one"
        ) from e
    return socket.AF_INET if version == 4 else socket.AF_INET6


def _in_turn(ports: tuple[int, int] | None, chance: random.Random) -> list[int]:
    if ports is None:
        return [0]
    size = ports[1] - ports[0] + 1
    start = chance.randrange(size)
    return [ports[0] + (start + step) % size for step in range(size)]
