"""The demo's fire control room: its system receives signed webhooks in a process of its own, as a partner's would, and the demo tells what arrives."""

import json
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

from sample_streams import processes

AGENCY = "fire-119"
READY_S = 15.0


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def start(family: processes.Family, secret_file: Path, port: int) -> "subprocess.Popen[bytes]":
    """Start the receiver.

    Raises:
        ProcessFailed: it did not become ready.
    """
    arguments = ["listen", "--secret-file", str(secret_file), "--port", str(port)]
    child = family.start("agency-119", "sharing_hub.client", arguments)
    family.ready_line("agency-119", child, "listening", READY_S)
    return child


def follow(child: "subprocess.Popen[bytes]", tell: Callable[[str], None]) -> None:
    """Tell each message that arrives, until the process ends."""
    if child.stdout is not None:
        for line in child.stdout:
            tell(words(line.decode(errors="replace").strip()))


def words(line: str) -> str:
    """Return a received CloudEvent as one line of text; what is none, as it is."""
    try:
        event = json.loads(line)
        said = event["data"]
        camera = said["camera"]["name"] if said["camera"] else "-"
        state = "confirmed" if said["confirmed"] else "not confirmed"
        return f"           119 was told: {event['type']} #{said['number']}, {said['kind']} at {camera}, {state}, {said['media']}"
    except (ValueError, KeyError, TypeError):
        return f"           119: {line[:200]}"
