"""A media side for the uplink's tests: cameras that say what they are told to say and whose access units the test makes."""

import datetime
from collections.abc import Callable

from camera_agents.sending import uplink
from sharing_hub.wire import framing, v1

Sink = Callable[[framing.AccessUnit], None]


class Cameras:
    """Status, live tap and recordings in one; scripted by setting its attributes."""

    def __init__(self) -> None:
        self.states: dict[str, v1.CameraState] = {"gate": "online"}
        self.unplayable: dict[str, str] = {}
        self.not_recorded: str | None = None
        self.sinks: dict[str, Sink] = {}
        self.group: list[framing.AccessUnit] = []
        self.stopped: list[str] = []

    def side(self) -> uplink.MediaSide:
        """Return these cameras as the uplink wants them."""
        return uplink.MediaSide(status=self, live=self, recordings=self)

    def cameras(self) -> tuple[v1.CameraInfo, ...]:
        return tuple(v1.CameraInfo(camera_id=camera, name=camera, recording=True) for camera in self.states)

    def health(self) -> tuple[v1.CameraHealth, ...]:
        return tuple(v1.CameraHealth(camera_id=camera, state=state) for camera, state in self.states.items())

    def disk(self) -> v1.Disk:
        return v1.Disk(total_bytes=100, free_bytes=50, recordings_bytes=10)

    def start(self, camera_id: str, sink: Sink) -> v1.LiveState:
        if camera_id in self.unplayable:
            return v1.LiveState(camera_id=camera_id, playable=False, reason=self.unplayable[camera_id])
        for unit in self.group:
            sink(unit)
        self.sinks[camera_id] = sink
        return v1.LiveState(camera_id=camera_id, playable=True)

    def stop(self, camera_id: str) -> None:
        self.sinks.pop(camera_id, None)
        self.stopped.append(camera_id)

    def refusal(self, camera_id: str, starts_at: datetime.datetime, ends_at: datetime.datetime) -> str | None:
        return self.not_recorded


def unit(number: int, is_key: bool = False, camera_id: str = "gate", size_bytes: int = 100) -> framing.AccessUnit:
    """Return the camera's access unit of that number, 15 a second."""
    return framing.AccessUnit(
        camera_id, is_key, number * 6000, 1_780_000_000_000_000 + number * 66_667, bytes([number % 256]) * size_bytes
    )
