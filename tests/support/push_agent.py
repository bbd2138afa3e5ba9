"""An agent that only does what a test tells it: enrolled, with a heartbeat and a channel over which it pushes a clip's pictures."""

import contextlib
import itertools
import threading
import time
from datetime import datetime
from types import TracebackType
from typing import Self

import httpx
import websockets.exceptions
import websockets.sync.client

from sharing_hub.wire import framing, v1
from tests.support import access_units, hub_site

GROUP_UNITS = 20
"""How much of the running group of pictures a new viewer is given at once."""


def heartbeat(*camera_ids: str, now: datetime, **health: object) -> v1.Heartbeat:
    """Return a heartbeat of cameras that are online."""
    return v1.Heartbeat(
        sent_at=now,
        started_at=now,
        software="push",
        cameras=tuple(v1.CameraInfo(camera_id=one, name=f"Camera {one}", recording=True) for one in camera_ids),
        health=tuple(
            v1.CameraHealth.model_validate({"camera_id": one, "state": "online", "codec": "h264", **health})
            for one in camera_ids
        ),
        disk=v1.Disk(total_bytes=1, free_bytes=1, recordings_bytes=0),
        backlog=v1.Backlog(events=0, media=0, media_bytes=0, parked=0),
    )


class PushAgent:
    """An agent's channel, in a thread of its own; a context manager.

    Attributes:
        commands: what the hub asked for, in order.
        refusals: cameras that cannot be played live, and why.
        refused_ranges: why recordings are refused; empty = they are accepted.
    """

    def __init__(self, url: str, site: hub_site.Site, now: datetime) -> None:
        self.commands: list[v1.LiveStart | v1.LiveStop | v1.RangeRequest] = []
        self.refusals: dict[str, str] = {}
        self.refused_ranges = ""
        self._site = site
        self._now = now
        self._url = url
        self._units = access_units.read("x")
        self._pushing: dict[str, threading.Event] = {}
        self._threads: list[threading.Thread] = []
        self._open = contextlib.ExitStack()
        self._socket: websockets.sync.client.ClientConnection | None = None

    def __enter__(self) -> Self:
        url = self._url.replace("http", "ws", 1) + "/v1/agent/channel"
        headers = self._site.headers(self._now)
        self._socket = self._open.enter_context(
            websockets.sync.client.connect(url, additional_headers=headers, max_size=None, proxy=None)
        )
        self._run(self._listen, self._socket)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for stopped in self._pushing.values():
            stopped.set()
        self._open.close()
        for thread in self._threads:
            thread.join()

    def beat(self, client: httpx.Client, *camera_ids: str, **health: object) -> None:
        """Send a heartbeat that describes these cameras."""
        beat = heartbeat(*camera_ids, now=self._now, **health)
        assert hub_site.post(client, self._site, "/v1/agent/heartbeat", beat, self._now).status_code == 200

    def say(self, notice: v1.LiveState | v1.RangeState) -> None:
        """Tell the hub something."""
        assert self._socket is not None
        self._socket.send(notice.model_dump_json())

    @property
    def pushing(self) -> frozenset[str]:
        """The cameras that are pushed now."""
        return frozenset(camera_id for camera_id, stopped in self._pushing.items() if not stopped.is_set())

    def _listen(self, socket: websockets.sync.client.ClientConnection) -> None:
        with contextlib.suppress(websockets.exceptions.ConnectionClosed):
            while True:
                self._obey(socket, socket.recv())

    def _obey(self, socket: websockets.sync.client.ClientConnection, text: str | bytes) -> None:
        command = v1.HUB_COMMAND.validate_json(text)
        self.commands.append(command)
        if isinstance(command, v1.LiveStart):
            self._start(socket, command.camera_id)
        elif isinstance(command, v1.LiveStop):
            if command.camera_id in self._pushing:
                self._pushing[command.camera_id].set()
        else:
            state = "refused" if self.refused_ranges else "accepted"
            self.say(
                v1.RangeState.model_validate(
                    {"request_id": command.request_id, "state": state, "reason": self.refused_ranges}
                )
            )

    def _start(self, socket: websockets.sync.client.ClientConnection, camera_id: str) -> None:
        reason = self.refusals.get(camera_id, "")
        self.say(v1.LiveState(camera_id=camera_id, playable=not reason, reason=reason))
        if not reason:
            stopped = self._pushing[camera_id] = threading.Event()
            self._run(self._push, socket, camera_id, stopped)

    def _push(self, socket: websockets.sync.client.ClientConnection, camera_id: str, stopped: threading.Event) -> None:
        units = access_units.endless(self._units)
        began = time.monotonic()
        first = self._units[GROUP_UNITS].pts
        try:
            for unit in itertools.islice(units, GROUP_UNITS):
                socket.send(_of(camera_id, unit))
            for unit in units:
                if stopped.wait(max(0.0, began + (unit.pts - first) / 90_000 - time.monotonic())):
                    return
                socket.send(_of(camera_id, unit))
        except websockets.exceptions.ConnectionClosed:
            stopped.set()

    def _run(self, work: object, *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()


def _of(camera_id: str, unit: framing.AccessUnit) -> bytes:
    return framing.pack(framing.AccessUnit(camera_id, unit.is_key, unit.pts, unit.captured_us, unit.data))
