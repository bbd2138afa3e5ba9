import io
from pathlib import Path
from typing import TextIO, cast

import structlog

from camera_agents import logs


def test_credentials_of_camera_addresses_are_hidden_wherever_they_stand() -> None:
    event = {
        "event": "cannot open rtsp://op:se%40cret@192.0.2.1/x and RTSPS://a:b@h/y",
        "inner": {"list": ["rtsp://op:secret@h/"]},
        "error": ValueError("rtsp://op:secret@h/"),
        "count": 3,
    }
    shown = logs.redact(None, "info", event)
    assert "secret" not in repr(shown)
    assert "se%40cret" not in repr(shown)
    assert "rtsp://***@192.0.2.1/x" in shown["event"]
    assert shown["count"] == 3


def test_a_line_that_cannot_be_written_does_not_stop_its_writer() -> None:
    with Path("/dev/full").open("wb", buffering=0) as full:
        stream = logs.Unfailing(io.TextIOWrapper(full, write_through=True))

        structlog.PrintLogger(cast(TextIO, stream)).msg("the disk is full")

        assert stream.lost > 0
