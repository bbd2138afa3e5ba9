"""One client's end of a stream: its own SSRC and sequence numbers, its own way to send, its own losses.

Invariant: a client is first sent a key frame, and after any access unit it was not sent it is sent nothing until the
next key frame.
"""

from dataclasses import dataclass, field
from random import Random
from typing import Protocol

from sample_streams.camera import rtp


class Wire(Protocol):
    """Where packets go."""

    def send(self, packets: list[bytes]) -> None:
        """Send RTP packets in order; never blocks."""

    def report(self, packet: bytes) -> None:
        """Send one RTCP packet; never blocks."""

    def has_room(self) -> bool:
        """Say whether the client keeps up."""


@dataclass(frozen=True, slots=True)
class Load:
    """One access unit, packed once for all clients.

    Attributes:
        payloads: RTP payloads.
        time_ticks: RTP time.
        is_key: decoding can begin here.
    """

    payloads: list[bytes]
    time_ticks: int
    is_key: bool


@dataclass(slots=True, eq=False)
class Subscriber:
    """A client that plays.

    Attributes:
        wire: where its packets go.
        chance: for the packets to lose.
        ssrc: of its RTP source.
        sequence: of the next packet.
        packets, octets: sent so far.
        dropped: access units it did not get because it was slow.
        waits_for_key: it is sent nothing until the next key frame.
        next_report_s: when its next RTCP report is due.
    """

    wire: Wire
    chance: Random
    ssrc: int
    sequence: int
    packets: int = 0
    octets: int = 0
    dropped: int = 0
    waits_for_key: bool = True
    next_report_s: float = field(default=0.0)

    def is_due(self, load: Load) -> bool:
        """Say whether the client is past waiting, or waits for just this."""
        return load.is_key or not self.waits_for_key

    def deliver(self, load: Load, loss: float) -> bool:
        """Send one access unit, or drop it if the client has fallen behind; say which."""
        if not self.is_due(load):
            return False
        if not self.wire.has_room():
            self.dropped += 1
            self.waits_for_key = True
            return False
        self.waits_for_key = False
        self.wire.send(self._packets(load, loss))
        return True

    def report(self, unix_time_s: float, time_ticks: int) -> None:
        """Send a sender report."""
        self.wire.report(rtp.sender_report(self.ssrc, unix_time_s, time_ticks, self.packets, self.octets))

    def _packets(self, load: Load, loss: float) -> list[bytes]:
        packets = []
        last = len(load.payloads) - 1
        for number, payload in enumerate(load.payloads):
            if not loss or self.chance.random() >= loss:
                packets.append(rtp.packet(payload, self.sequence, load.time_ticks, self.ssrc, marker=number == last))
                self.octets += len(payload)
            self.sequence += 1
        self.packets += len(packets)
        return packets
