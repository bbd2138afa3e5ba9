"""The command line of the sample camera."""

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sample_streams.camera import digest, errors, faults

PASSWORD_VARIABLE = "SAMPLE_CAMERA_PASSWORD"  # noqa: S105 - a variable's name


@dataclass(frozen=True, slots=True)
class CameraOption:
    """One `--camera`.

    Attributes:
        name: in URLs.
        files: stream name to the files that play in turn; "main" is always there.
        knobs: faults from the start.
    """

    name: str
    files: dict[str, tuple[Path, ...]]
    knobs: dict[str, object]


@dataclass(frozen=True, slots=True)
class Options:
    """Everything the command line says; a port of None means no such service, 0 a free one."""

    cameras: tuple[CameraOption, ...]
    host: str
    port: int
    tls_port: int | None
    certificate: Path | None
    onvif_port: int | None
    control_port: int | None
    credentials: digest.Credentials | None
    discovery: bool
    discovery_port: int | None


def parse(arguments: Sequence[str], environment: Mapping[str, str] = os.environ) -> Options:
    """Read the command line.

    Raises:
        OptionError: what is wrong and what to write instead.
    """
    given = _parser().parse_args(arguments)
    password = given.password if given.password is not None else environment.get(PASSWORD_VARIABLE)
    if (given.user is None) != (password is None):
        raise errors.OptionError(f"--user and --password (or {PASSWORD_VARIABLE}) go together")
    if given.onvif_port is None and (given.discovery or given.discovery_port is not None):
        raise errors.OptionError("discovery announces ONVIF services: add --onvif-port 0")
    cameras = tuple(_camera(text) for text in given.camera)
    if len({camera.name for camera in cameras}) != len(cameras):
        raise errors.OptionError("two cameras have the same name")
    return Options(
        cameras=cameras,
        host=given.host,
        port=given.port,
        tls_port=given.tls_port,
        certificate=given.certificate,
        onvif_port=given.onvif_port,
        control_port=given.control,
        credentials=None if password is None else digest.Credentials(given.user, password),
        discovery=given.discovery,
        discovery_port=given.discovery_port,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m sample_streams.camera",
        description="Play media files like RTSP/ONVIF cameras. One JSON line on stdout says when and where.",
    )
    add = parser.add_argument
    add(
        "--camera",
        action="append",
        required=True,
        metavar="NAME=FILE[,then=FILE]...[,sub=FILE][,KNOB=VALUE]...",
        help="a camera and its files, played in turn and over again; knobs are those of POST /cameras/NAME/faults",
    )
    add("--host", default="127.0.0.1", help="address to listen on (default %(default)s)")
    add("--port", type=int, default=0, help="RTSP port (default: a free one)")
    add("--user", help="ask for this user")
    add("--password", help=f"and this password; better in the environment as {PASSWORD_VARIABLE}")
    add("--tls-port", type=int, help="serve RTSPS too (0: a free port)")
    add("--certificate", type=Path, help="PEM file with key and certificate for RTSPS instead of one made at start")
    add("--onvif-port", type=int, help="serve ONVIF: the first camera's port, the next ones follow (0: free ports)")
    add("--discovery", action="store_true", help="answer WS-Discovery on 239.255.255.250:3702 (needs --onvif-port)")
    add("--discovery-port", type=int, help="answer WS-Discovery on this UDP port of --host (0: a free one)")
    add("--control", type=int, metavar="PORT", help="serve the knobs over HTTP on loopback (0: a free port)")
    return parser


def _camera(text: str) -> CameraOption:
    first, *rest = text.split(",")
    name, equals, file = first.partition("=")
    if not equals or not file or not name or "/" in name:
        raise errors.OptionError(f"--camera {text}: write NAME=FILE, the name without /")
    given = [_pair(text, part) for part in rest]
    pairs = {key: value for key, value in given if key != "then"}
    files = {"main": (Path(file), *(Path(value) for key, value in given if key == "then"))}
    if "sub" in pairs:
        if len(files["main"]) > 1:
            raise errors.OptionError(f"--camera {text}: a camera that plays several files has no sub stream")
        files["sub"] = (Path(pairs.pop("sub")),)
    knobs = faults.from_text(pairs)
    try:
        faults.changed(faults.Faults(), knobs)
    except errors.KnobError as e:
        raise errors.OptionError(f"--camera {text}: {e}") from e
    return CameraOption(name, files, knobs)


def _pair(whole: str, part: str) -> tuple[str, str]:
    name, equals, value = part.partition("=")
    if not equals:
        raise errors.OptionError(f"--camera {whole}: write KNOB=VALUE instead of {part}")
    return name, value
