"""Whether an idle camera is looked at through its small stream, because its key frames are too rare; and the main stream held meanwhile.

Invariant: what is held begins with a key frame and is bounded, so that on movement the main stream can be decoded from where it began.
"""

import math

from camera_agents.streams import packets
from detection import schedule, settings


class Standby:
    """One camera's choice between its streams."""

    def __init__(self, wanted: settings.ScheduleSettings) -> None:
        self._wanted = wanted
        self._key_s = math.nan
        self._interval_s = 0.0
        self._moved_s = -math.inf
        self._looked_s = -math.inf
        self._held: list[packets.VideoPacket] = []
        self._held_bytes = 0
        self.on = False
        """The small stream is looked at now, and the main one only held."""

    @property
    def wants_small_stream(self) -> bool:
        """Say whether the main stream's key frames are too rare to look at nothing else."""
        return self._interval_s > self._wanted.look_interval_s * schedule.SLACK

    def take(
        self, packet: packets.VideoPacket, *, quiet: bool, small_is_fresh: bool
    ) -> tuple[packets.VideoPacket, ...]:
        """Take the main stream's next packet and return what is to be analysed now: nothing while it is held here.

        Args:
            quiet: nothing moves and nothing is followed.
            small_is_fresh: the small stream gives pictures now.
        """
        if packet.is_key:
            self._measure(packet.time_s)
            calm_s = packet.time_s - self._moved_s
            self.on = self.wants_small_stream and quiet and small_is_fresh and not 0 <= calm_s < self._wanted.linger_s
        elif self.on and not small_is_fresh:
            return (*self.wake(), packet)
        if self.on:
            self._hold(packet)
        return () if self.on else (packet,)

    def is_due(self, time_s: float) -> bool:
        """Say whether a picture of the small stream is to be looked at, and note that it is."""
        if 0 <= time_s - self._looked_s < self._wanted.look_interval_s * 0.95:
            return False
        self._looked_s = time_s
        return True

    def moved(self, time_s: float) -> None:
        """Note that something moves, on either stream."""
        self._moved_s = time_s

    def wake(self) -> list[packets.VideoPacket]:
        """Go back to the main stream and return what was held of it."""
        held, self._held, self._held_bytes = self._held, [], 0
        self.on = False
        return held

    def _measure(self, time_s: float) -> None:
        step_s = time_s - self._key_s
        self._interval_s = step_s if 0 < step_s < 600 else 0.0
        self._key_s = time_s

    def _hold(self, packet: packets.VideoPacket) -> None:
        if packet.is_key:
            self._held, self._held_bytes = [], 0
        if packet.is_key or self._held:
            self._held.append(packet)
            self._held_bytes += packet.size_bytes
        if len(self._held) > self._wanted.buffer_packets or self._held_bytes > self._wanted.buffer_bytes:
            self._held, self._held_bytes = [], 0
