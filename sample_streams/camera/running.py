"""Brings cameras up in order and takes them down again: load, listen, say where, serve, close."""

import contextlib
import datetime
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from random import Random
from urllib.parse import quote

from sample_streams.camera import (
    control,
    device,
    digest,
    discovery,
    library,
    onvif,
    options,
    server,
    session,
    stream,
    tls,
    web,
    wires,
)

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
        addresses: dict[str, object] = {"host": chosen.host, **await _rtsp(chosen, listening, now)}
        urls = {name: _urls(chosen.host, addresses, camera) for name, camera in devices.items()}
        services = await _onvif(chosen, devices, urls, stack)
        addresses["cameras"] = {name: {"streams": urls[name], "onvif": services.get(name)} for name in devices}
        addresses["discovery_port"] = await _discovery(chosen, services, stack)
        if chosen.control_port is not None:
            app = control.application(devices, recordings, clock)
            runner, port = await web.listen(app, LOOPBACK, chosen.control_port)
            stack.push_async_callback(runner.cleanup)
            addresses["control"] = f"http://{LOOPBACK}:{port}"
        listening.play()
        yield Started(addresses, listening.wait_for_failure)


async def _rtsp(chosen: options.Options, listening: server.Server, now: datetime.datetime) -> dict[str, object]:
    addresses: dict[str, object] = {"rtsp_port": await listening.listen(chosen.host, chosen.port)}
    if chosen.tls_port is not None:
        certificate, key = _certificate(chosen, now)
        context = tls.context_of(certificate, key)
        addresses["rtsps_port"] = await listening.listen(chosen.host, chosen.tls_port, context)
        addresses["certificate_pem"] = certificate.decode()
    return addresses


async def _onvif(
    chosen: options.Options,
    devices: dict[str, device.Device],
    urls: dict[str, dict[str, dict[str, str]]],
    stack: contextlib.AsyncExitStack,
) -> dict[str, str]:
    """Give every camera an ONVIF port of its own, as devices have, and return the device services' addresses."""
    services: dict[str, str] = {}
    if chosen.onvif_port is None:
        return services
    for number, (name, camera) in enumerate(devices.items()):
        service = onvif.Service(camera, chosen.credentials, partial(_rtsp_url, urls[name]))
        wanted = chosen.onvif_port + number if chosen.onvif_port else 0
        runner, port = await web.listen(service.application(), chosen.host, wanted)
        stack.push_async_callback(runner.cleanup)
        services[name] = f"http://{chosen.host}:{port}{onvif.DEVICE_PATH}"
    return services


async def _discovery(chosen: options.Options, services: dict[str, str], stack: contextlib.AsyncExitStack) -> int | None:
    """Answer probes as asked for and return the unicast port, if there is one."""
    announced = tuple(discovery.Announced(name, url) for name, url in services.items())
    if chosen.discovery:
        stack.callback((await discovery.listen_multicast(announced, chosen.host)).close)
    if chosen.discovery_port is None:
        return None
    transport, port = await discovery.listen_unicast(announced, chosen.host, chosen.discovery_port)
    stack.callback(transport.close)
    return port


def _rtsp_url(urls: dict[str, dict[str, str]], stream_name: str) -> str:
    return urls[stream_name]["rtsp"]


async def _device(
    camera: options.CameraOption, recordings: library.Library, clock: stream.Clock, chance: Random
) -> device.Device:
    streams = {
        name: stream.Stream(await recordings.load_list(paths, None), clock, chance)
        for name, paths in camera.files.items()
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


def _urls(host: str, addresses: dict[str, object], camera: device.Device) -> dict[str, dict[str, str]]:
    """Return each stream's addresses by scheme, without credentials."""
    ports = {scheme: addresses.get(f"{scheme}_port") for scheme in ("rtsp", "rtsps")}
    return {
        stream_name: {
            scheme: f"{scheme}://{host}:{port}/{quote(camera.name)}/{stream_name}"
            for scheme, port in ports.items()
            if port is not None
        }
        for stream_name in camera.streams
    }
