"""Brings cameras up in order and takes them down again: load, listen, say where, serve, close."""

import contextlib
import datetime
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from random import Random

from sample_streams.camera import control, device, digest, library, options, server, session, stream, tls, web, wires

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Started:
    """Cameras that are up.

    Attributes:
        addresses: where everything is, ready to be printed as JSON; no password in it.
        wait_for_failure: returns only by raising what ended a stream.
    """

    addresses: dict[str, object]
    wait_for_failure: Callable[[], Coroutine[None, None, None]]


@contextlib.asynccontextmanager
async def cameras(
    chosen: options.Options, clock: stream.Clock, chance: Random, now: datetime.datetime
) -> AsyncIterator[Started]:
    """Run the cameras asked for as long as the context lasts.

    Raises:
        MediaError: a file cannot be served.
        OSError: a port is taken.
    """
    recordings = library.Library()
    devices = {camera.name: await _device(camera, recordings, clock, chance) for camera in chosen.cameras}
    house = session.House(devices, digest.Gate(chosen.credentials), await wires.open_udp_ports(chosen.host))
    async with contextlib.AsyncExitStack() as stack:
        listening = server.Server(house)
        stack.push_async_callback(listening.close)
        addresses: dict[str, object] = {"host": chosen.host}
        addresses["rtsp_port"] = rtsp_port = await listening.listen(chosen.host, chosen.port)
        rtsps_port = None
        if chosen.tls_port is not None:
            certificate, key = _certificate(chosen, now)
            context = tls.context_of(certificate, key)
            addresses["rtsps_port"] = rtsps_port = await listening.listen(chosen.host, chosen.tls_port, context)
            addresses["certificate_pem"] = certificate.decode()
        addresses["cameras"] = {
            name: {"streams": {s: _urls(chosen.host, rtsp_port, rtsps_port, f"{name}/{s}") for s in camera.streams}}
            for name, camera in devices.items()
        }
        if chosen.control_port is not None:
            app = control.application(devices, recordings, clock)
            runner, port = await web.listen(app, LOOPBACK, chosen.control_port)
            stack.push_async_callback(runner.cleanup)
            addresses["control"] = f"http://{LOOPBACK}:{port}"
        listening.play()
        yield Started(addresses, listening.wait_for_failure)


async def _device(
    camera: options.CameraOption, recordings: library.Library, clock: stream.Clock, chance: Random
) -> device.Device:
    streams = {
        name: stream.Stream(await recordings.load(path, None), clock, chance) for name, path in camera.files.items()
    }
    made = device.Device(camera.name, streams, camera.files, clock)
    await made.apply(camera.knobs, recordings)
    return made


def _certificate(chosen: options.Options, now: datetime.datetime) -> tuple[bytes, bytes]:
    if chosen.certificate is None:
        return tls.self_signed(chosen.host, now)
    both = chosen.certificate.read_bytes()
    at = both.index(b"-----BEGIN CERTIFICATE-----")
    return both[at:], both


def _urls(host: str, rtsp_port: int, rtsps_port: int | None, path: str) -> dict[str, str]:
    urls = {"rtsp": f"rtsp://{host}:{rtsp_port}/{path}"}
    if rtsps_port is not None:
        urls["rtsps"] = f"rtsps://{host}:{rtsps_port}/{path}"
    return urls
