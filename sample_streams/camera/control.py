"""The knobs over HTTP, for tests: loopback only, no password.

GET /cameras and GET /cameras/NAME say how cameras are; POST /cameras/NAME/faults changes the knobs it names (the change
is in force when the answer comes); DELETE /cameras/NAME/faults puts all in order; POST /cameras/NAME/restart plays from
the beginning.
"""

import dataclasses
import json

from aiohttp import web

from sample_streams.camera import device, errors, faults, library, rtp, stream
from sample_streams.camera import web as listeners


def application(devices: dict[str, device.Device], recordings: library.Library, clock: stream.Clock) -> web.Application:
    """Return the control endpoint for `devices`."""
    endpoint = _Endpoint(devices, recordings, clock)
    app = listeners.application()
    app.router.add_get("/cameras", endpoint.all)
    app.router.add_get("/cameras/{name}", endpoint.one)
    app.router.add_post("/cameras/{name}/faults", endpoint.change)
    app.router.add_delete("/cameras/{name}/faults", endpoint.clear)
    app.router.add_post("/cameras/{name}/restart", endpoint.restart)
    return app


def state_of(camera: device.Device, clock: stream.Clock) -> dict[str, object]:
    """Return a camera's state as JSON takes it: its faults, who plays, what was sent and what was lost."""
    return {
        "name": camera.name,
        "faults": dataclasses.asdict(camera.faults),
        "connections": len(camera.hang_ups),
        "refuses": camera.refuses,
        "counts": dict(camera.counts),
        "streams": {name: _stream_state(playing, clock) for name, playing in camera.streams.items()},
    }


def _stream_state(playing: stream.Stream, clock: stream.Clock) -> dict[str, object]:
    content = playing.playing.content
    now_s = clock.now_s()
    return {
        "codec": content.codec.value,
        "width_px": content.width_px,
        "height_px": content.height_px,
        "source": content.label,
        "frames_per_s": rtp.TICKS_PER_S / content.picture_ticks(),
        "duration_s": content.period_ticks / rtp.TICKS_PER_S,
        "position_s": playing.playing.position_s(now_s),
        "unix_s": clock.unix_s(),
        "clients": len(playing.subscribers),
        "dropped_for_slow_clients": sum(client.dropped for client in playing.subscribers),
        "counts": dict(playing.counts),
    }


class _Endpoint:
    def __init__(self, devices: dict[str, device.Device], recordings: library.Library, clock: stream.Clock) -> None:
        self._devices = devices
        self._recordings = recordings
        self._clock = clock

    async def all(self, _request: web.Request) -> web.Response:
        return web.json_response({name: state_of(camera, self._clock) for name, camera in self._devices.items()})

    async def one(self, request: web.Request) -> web.Response:
        return web.json_response(state_of(self._named(request), self._clock))

    async def change(self, request: web.Request) -> web.Response:
        try:
            changes = await request.json()
        except json.JSONDecodeError as e:
            return _refusal(f"not JSON: {e}")
        if not isinstance(changes, dict):
            return _refusal("write an object with the knobs to change")
        return await self._apply(self._named(request), changes)

    async def clear(self, request: web.Request) -> web.Response:
        return await self._apply(self._named(request), dataclasses.asdict(faults.Faults()))

    async def restart(self, request: web.Request) -> web.Response:
        self._named(request).restart()
        return await self.one(request)

    async def _apply(self, camera: device.Device, changes: dict[str, object]) -> web.Response:
        try:
            await camera.apply(changes, self._recordings)
        except (errors.KnobError, errors.MediaError) as e:
            return _refusal(str(e))
        return web.json_response(state_of(camera, self._clock))

    def _named(self, request: web.Request) -> device.Device:
        name = request.match_info["name"]
        if name not in self._devices:
            raise web.HTTPNotFound(text=json.dumps({"error": f"no camera {name!r}"}), content_type="application/json")
        return self._devices[name]


def _refusal(reason: str) -> web.Response:
    return web.json_response({"error": reason}, status=400)
