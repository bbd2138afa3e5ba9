"""Finds ONVIF cameras: WS-Discovery says who is there, ONVIF what streams they have. Invariant: no answer costs more than its bound.

A camera is asked only at the address its answer came from, so that nobody on the network can have the password tried elsewhere. The
messages are those of the wsdiscovery library; the sockets are ours, for the library's own have no bounds and hear no answer to a probe of one host.

Source: WS-Discovery 1.0 (April 2005), ONVIF Core Specification 7.
"""

import argparse
import asyncio
import contextlib
import ipaddress
import json
import logging
import re
import selectors
import socket
import struct
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TextIO
from urllib.parse import unquote, urlsplit

import pydantic
from wsdiscovery import message, qname
from wsdiscovery.actions import probe as probes

from camera_agents import onvif_camera
from detection import plain_xml

GROUP = ("239.255.255.250", 3702)
MAX_CAMERAS = 500
MAX_ANSWERS = 2000
MAX_DATAGRAM_BYTES = 64 * 1024
MAX_ANSWER_BYTES = 256 * 1024
AT_ONCE = 4
PASSWORD_VARIABLE = "JIKIMI_CAMERA_PASSWORD"  # noqa: S105 - the name of a variable
_NETWORK = "http://www.onvif.org/ver10/network/wsdl"
_NAME_SCOPE = "onvif://www.onvif.org/name/"
_RESENDS = 2


@dataclass(frozen=True, slots=True)
class Options:
    """What to look for and how.

    Attributes:
        probe: ask this host and UDP port only; None asks every network this machine is in.
        timeout_s: how long answers are waited for.
        user, password: for ONVIF; without them cameras are listed and asked without a password.
        toml: print [[camera]] blocks to copy into agent.toml.
    """

    probe: tuple[str, int] | None = None
    timeout_s: float = 3.0
    user: str = ""
    password: str = field(default="", repr=False)
    toml: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """A camera that answered.

    Attributes:
        address: where the answer came from.
        url: its device service at that address.
        name: what it calls itself; "" when it does not say.
    """

    address: str
    url: str
    name: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line of `discover`."""
    parser.add_argument("--probe", type=_host_and_port, metavar="HOST[:PORT]", help="ask this host only (port 3702)")
    parser.add_argument(
        "--timeout", type=float, default=3.0, metavar="S", help="wait this long for answers (default 3)"
    )
    parser.add_argument(
        "--user", default="", help=f"ask for the streams as this user; the password is read from ${PASSWORD_VARIABLE}"
    )
    parser.add_argument("--toml", action="store_true", help="print [[camera]] blocks for agent.toml")


def options_of(arguments: argparse.Namespace, password: str) -> Options:
    """Return what the command line asks for."""
    timeout_s = min(max(arguments.timeout, 0.1), 60.0)
    return Options(arguments.probe, timeout_s, arguments.user, password, arguments.toml)


def run(options: Options, out: TextIO) -> int:
    """Print the cameras found and return the exit code: 1 when there are none."""
    found = search(options.probe, options.timeout_s)
    answers = asyncio.run(_ask_all(found, options))
    names = Counter(_slug(camera.name) for camera in found)
    for camera, answer in zip(found, answers, strict=True):
        alone = names[_slug(camera.name)] == 1
        lines = toml_block(camera, answer, options.user, alone=alone) if options.toml else _lines(camera, answer)
        out.write("\n".join(lines) + "\n\n")
    out.write(f"{'# ' if options.toml else ''}{len(found)} camera{'s' if len(found) != 1 else ''} found\n")
    return 0 if found else 1


def search(probe: tuple[str, int] | None, timeout_s: float) -> list[Found]:
    """Return the cameras that answer a probe within the time, by address; at most MAX_CAMERAS."""
    logging.getLogger("wsdiscovery").setLevel(logging.CRITICAL)  # it would print what anybody sends
    types = [qname.QName(_NETWORK, "NetworkVideoTransmitter", "dn")]
    question = message.createSOAPMessage(probes.constructProbe(types, [])).encode()
    found: dict[str, Found] = {}
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(sock) for sock in _sockets(probe)]
        for _ in range(_RESENDS):
            for sock in sockets:
                with contextlib.suppress(OSError):  # an interface that is down
                    sock.sendto(question, probe or GROUP)
        for data, address in _answers(sockets, timeout_s):
            for camera in read_answer(data, address):
                if len(found) < MAX_CAMERAS:
                    found.setdefault(camera.url, camera)
    return sorted(found.values(), key=lambda camera: (ipaddress.ip_address(camera.address), camera.url))


def read_answer(data: bytes, address: str) -> list[Found]:
    """Return the cameras of one answer whose services are at the address it came from; nothing for what is no answer."""
    if plain_xml.declares_a_type(data):
        return []
    try:
        envelope = message.parseSOAPMessage(data, address)
        matches = envelope.getProbeResolveMatches() if envelope is not None else []
    except (AttributeError, IndexError, KeyError, TypeError, ValueError, RecursionError):
        return []  # what the library's XML tree raises on what it did not expect
    found = []
    for match in matches[:MAX_CAMERAS]:
        urls = [url for url in match.getXAddrs() if _is_at(url, address)]
        scopes = [str(scope.getValue()) for scope in match.getScopes()]
        name = next((unquote(s.removeprefix(_NAME_SCOPE)) for s in scopes if s.startswith(_NAME_SCOPE)), "")
        if urls:
            found.append(Found(address, urls[0], onvif_camera.plain(name)))
    return found


def toml_block(camera: Found, answer: onvif_camera.Answer, user: str, *, alone: bool = True) -> list[str]:
    """Return a [[camera]] block for agent.toml; the password's place is an environment variable.

    Args:
        alone: no other camera has its name: many keep their maker's, and ids must differ.
    """
    streams = [stream for stream in answer.streams if stream.codec in ("h264", "h265", "hevc")]
    streams.sort(key=lambda stream: stream.width_px * stream.height_px, reverse=True)
    if not streams:
        return [f"# {camera.address}: {answer.error or 'no H.264 or H.265 stream'}"]
    camera_id = _camera_id(camera, alone)
    lines = ["[[camera]]", f"id = {_quoted(camera_id)}", f"name = {_quoted(camera.name or camera.address)}"]
    lines.append(f"url = {_quoted(streams[0].url)}")
    if len(streams) > 1:
        lines.append(f"sub_url = {_quoted(streams[-1].url)}")
    if user:
        variable = re.sub(r"[^A-Z0-9]", "_", camera_id.upper()) + "_PASSWORD"
        lines += [f"user = {_quoted(user)}", f'password = "${{{variable}}}"']
    return lines


def _lines(camera: Found, answer: onvif_camera.Answer) -> list[str]:
    about = " ".join(part for part in (answer.maker, answer.model) if part)
    lines = [f"{camera.name or '(no name)'}  {camera.url}  {about}".rstrip()]
    for stream in answer.streams:
        size = f"{stream.width_px}x{stream.height_px}"
        lines.append(f"  {stream.name}: {stream.codec} {size} {stream.fps:g} fps  {stream.url}")
    if answer.error:
        lines.append(f"  {answer.error}")
    return lines


async def _ask_all(found: Sequence[Found], options: Options) -> list[onvif_camera.Answer]:
    turns = asyncio.Semaphore(AT_ONCE)

    async def ask(camera: Found) -> onvif_camera.Answer:
        async with turns:
            return await ask_apart(onvif_camera.Question(url=camera.url, user=options.user, password=options.password))

    return list(await asyncio.gather(*(ask(camera) for camera in found)))


async def ask_apart(
    question: onvif_camera.Question, patience_s: float = onvif_camera.TIMEOUT_S + 10
) -> onvif_camera.Answer:
    """Ask a camera in a process of its own, which is killed when it takes too long or says too much."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "camera_agents.onvif_camera",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("a process was started without its pipes")
    try:
        async with asyncio.timeout(patience_s):
            process.stdin.write(question.model_dump_json().encode())
            process.stdin.close()
            text = await process.stdout.read(MAX_ANSWER_BYTES)
            return onvif_camera.Answer.model_validate_json(text)
    except TimeoutError:
        return onvif_camera.Answer(error="the camera kept us too long")
    except (pydantic.ValidationError, OSError):
        return onvif_camera.Answer(error="the camera's answer could not be read")
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


def _sockets(probe: tuple[str, int] | None) -> Iterable[socket.socket]:
    """Make a socket that sends where the probe goes: one for a host, one on each interface for everybody."""
    if probe is not None:
        family = socket.getaddrinfo(*probe, type=socket.SOCK_DGRAM)[0][0]
        return [socket.socket(family, socket.SOCK_DGRAM)]
    sockets = []
    for index, _ in socket.if_nameindex():
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        interface = struct.pack("=4s4si", bytes(4), bytes(4), index)  # struct ip_mreqn
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, interface)
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 1)
        sockets.append(sock)
    return sockets


def _answers(sockets: Iterable[socket.socket], timeout_s: float) -> Iterable[tuple[bytes, str]]:
    """Yield datagrams and who sent them until the time is over or there are too many."""
    deadline_s = time.monotonic() + timeout_s
    with selectors.DefaultSelector() as selector:
        for sock in sockets:
            sock.setblocking(False)
            selector.register(sock, selectors.EVENT_READ, sock)
        taken = 0
        while taken < MAX_ANSWERS and (left_s := deadline_s - time.monotonic()) > 0:
            for key, _ in selector.select(left_s):
                ready: socket.socket = key.data
                with contextlib.suppress(OSError):
                    data, address = ready.recvfrom(MAX_DATAGRAM_BYTES)
                    taken += 1
                    yield data, str(address[0])


def _is_at(url: str, address: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and ipaddress.ip_address(parts.hostname or "") == ipaddress.ip_address(
            address
        )
    except ValueError:
        return False


def _camera_id(camera: Found, alone: bool) -> str:
    slug = _slug(camera.name)
    if slug and alone:
        return slug
    place = urlsplit(camera.url)
    return f"{slug or 'camera'}-{_slug(camera.address)}" + (f"-{place.port}" if place.port and not alone else "")


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:40].strip("-")


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)  # a JSON string without control characters is a TOML basic string


def _host_and_port(text: str) -> tuple[str, int]:
    parts = urlsplit(f"//{text}")
    if not parts.hostname:
        raise argparse.ArgumentTypeError(f"{text} is not HOST or HOST:PORT")
    return parts.hostname, parts.port or GROUP[1]
