"""Lets the uplink listen to a camera: every unit since the last key frame at once, then each as it comes, as the camera sent it."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from camera_agents.streams import capture, packets, ring
from sharing_hub.wire import framing, v1


@dataclass(frozen=True, slots=True)
class Feed:
    """What a viewer can be given of one camera."""

    stream: capture.Capture
    ring: ring.Ring


class Tap:
    """The LiveTap of this agent's cameras; one listener per camera."""

    def __init__(self, feeds: Mapping[str, Feed]) -> None:
        self._feeds = feeds
        self._lock = threading.Lock()
        self._joined: dict[str, Callable[[packets.VideoPacket], None]] = {}

    def start(self, camera_id: str, sink: Callable[[framing.AccessUnit], None]) -> v1.LiveState:
        """Begin to give `sink` the camera's units, or say why it cannot be played."""
        feed = self._feeds.get(camera_id)
        if feed is None:
            return v1.LiveState(camera_id=camera_id, playable=False, reason="this agent has no such camera")
        reason = _refusal(feed.stream)
        if reason:
            return v1.LiveState(camera_id=camera_id, playable=False, reason=reason)
        self.stop(camera_id)

        def give(packet: packets.VideoPacket) -> None:
            sink(_unit(camera_id, packet))

        with self._lock:
            self._joined[camera_id] = give
        feed.ring.join(give)
        return v1.LiveState(camera_id=camera_id, playable=True)

    def stop(self, camera_id: str) -> None:
        """Give no more; harmless when nothing was given."""
        with self._lock:
            joined = self._joined.pop(camera_id, None)
        if joined is not None:
            self._feeds[camera_id].ring.leave(joined)


def _refusal(stream: capture.Capture) -> str:
    if stream.condition.state not in ("online", "garbage"):
        return f"the camera is {stream.condition.state.replace('_', ' ')}: {stream.condition.detail}".rstrip(": ")
    if stream.format is not None and stream.format.codec != "h264":
        return "not playable live yet: the camera sends H.265; its clips can be played"
    if stream.reorders:
        return "not playable live yet: the camera sends B-frames; its clips can be played"
    return ""


def _unit(camera_id: str, packet: packets.VideoPacket) -> framing.AccessUnit:
    # The capture time, not the camera's own: it goes on rising over reconnects and the camera's clock jumps.
    pts = packet.captured_us * packets.TICKS_PER_S // 1_000_000
    return framing.AccessUnit(camera_id, packet.is_key, pts, packet.captured_us, packet.data)
