"""The two ways packets reach a client: interleaved in its RTSP connection, or as datagrams."""

import asyncio
import socket
import struct

MAX_BACKLOG_BYTES = 4 * 1024 * 1024


class Interleaved:
    """Packets inside the RTSP connection (RFC 2326, 10.12)."""

    def __init__(self, transport: asyncio.WriteTransport, channels: tuple[int, int]) -> None:
        self._transport = transport
        self._channels = channels

    def send(self, packets: list[bytes]) -> None:
        """Send RTP packets in order."""
        channel = self._channels[0]
        framed = b"".join(struct.pack("!BBH", 0x24, channel, len(packet)) + packet for packet in packets)
        if not self._transport.is_closing():
            self._transport.write(framed)

    def report(self, packet: bytes) -> None:
        """Send one RTCP packet."""
        if not self._transport.is_closing():
            self._transport.write(struct.pack("!BBH", 0x24, self._channels[1], len(packet)) + packet)

    def has_room(self) -> bool:
        """Say whether less than the allowed backlog waits in this process."""
        return self._transport.get_write_buffer_size() < MAX_BACKLOG_BYTES


class Datagrams:
    """Packets from the server's pair of UDP ports to the client's."""

    def __init__(self, ports: "UdpPorts", host: str, client_ports: tuple[int, int]) -> None:
        self._ports = ports
        self._rtp_address = (host, client_ports[0])
        self._rtcp_address = (host, client_ports[1])

    def send(self, packets: list[bytes]) -> None:
        """Send RTP packets in order."""
        for packet in packets:
            self._ports.rtp.sendto(packet, self._rtp_address)

    def report(self, packet: bytes) -> None:
        """Send one RTCP packet."""
        self._ports.rtcp.sendto(packet, self._rtcp_address)

    def has_room(self) -> bool:
        """Datagrams never wait for the client: what it does not read is lost."""
        return True


class UdpPorts:
    """The server's RTP port (even) and RTCP port (the next), shared by all clients."""

    def __init__(self, rtp: asyncio.DatagramTransport, rtcp: asyncio.DatagramTransport) -> None:
        self.rtp = rtp
        self.rtcp = rtcp
        self.numbers = (rtp.get_extra_info("sockname")[1], rtcp.get_extra_info("sockname")[1])

    def close(self) -> None:
        """Close both."""
        self.rtp.close()
        self.rtcp.close()


async def open_udp_ports(host: str) -> UdpPorts:
    """Bind a free pair of ports on `host`.

    Raises:
        OSError: no pair was free.
    """
    loop = asyncio.get_running_loop()
    first, second = _free_pair(host)
    rtp, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, sock=first)
    rtcp, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, sock=second)
    return UdpPorts(rtp, rtcp)


def _free_pair(host: str) -> tuple[socket.socket, socket.socket]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for _ in range(100):
        first = socket.socket(family, socket.SOCK_DGRAM)
        second = socket.socket(family, socket.SOCK_DGRAM)
        try:
            first.bind((host, 0))
            port = first.getsockname()[1]
            if port % 2 == 0:
                second.bind((host, port + 1))
                return first, second
        except OSError:
            pass
        first.close()
        second.close()
    raise OSError(f"no free pair of UDP ports on {host}")
