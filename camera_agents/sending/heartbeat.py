"""The agent's sign of life: what the media side says of itself, and what waits in the outbox."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from camera_agents.sending import outbox
from sharing_hub.wire import v1


@dataclass(frozen=True, slots=True)
class Running:
    """The program that is running: its name and version, and since when."""

    software: str
    started_at: datetime.datetime


class Status(Protocol):
    """What the media side says of itself; called from the uplink's threads, must not wait for a camera."""

    def cameras(self) -> tuple[v1.CameraInfo, ...]: ...

    def health(self) -> tuple[v1.CameraHealth, ...]: ...

    def disk(self) -> v1.Disk: ...


LIVE_UNITS = "live_units"
"""The reason under which access units dropped on a slow link are counted."""


def build(
    status: Status,
    box: outbox.Outbox,
    live_dropped: Mapping[str, int],
    running: Running,
    now: datetime.datetime,
) -> v1.Heartbeat:
    """Return the heartbeat of this moment.

    Args:
        live_dropped: access units dropped on the channel, by camera.
    """
    return v1.Heartbeat(
        sent_at=now,
        started_at=running.started_at,
        software=running.software,
        cameras=status.cameras(),
        health=tuple(_with_live(health, live_dropped.get(health.camera_id, 0)) for health in status.health()),
        disk=status.disk(),
        backlog=box.backlog(now),
    )


def _with_live(health: v1.CameraHealth, dropped: int) -> v1.CameraHealth:
    if not dropped:
        return health
    return health.model_copy(update={"dropped": {**health.dropped, LIVE_UNITS: dropped}})
