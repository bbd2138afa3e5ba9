"""No credential reaches the log, whoever logs it."""

import io
import json
import logging
from collections.abc import Iterator

import httpx
import pytest
import structlog

from sharing_hub import logs


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    written = io.StringIO()
    logs.configure("info", written)
    yield written
    root.handlers = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_credentials_are_taken_out_of_every_line(stream: io.StringIO) -> None:
    log = structlog.get_logger("test")
    log.info(
        "camera at rtsp://admin:pa55@10.0.0.9/stream", url="http://u:pa55@h/", password="pa55", session_token="pa55"
    )
    log.warning("sent Authorization: Bearer pa55pa55pa55", header="Basic pa55pa55pa55=")
    logging.getLogger("library").warning("token jk1.pa55pa55 and eyJhbGciOiJ9.pa55.pa55")
    try:
        raise ValueError("rtsp://admin:pa55@10.0.0.9/stream")
    except ValueError:
        log.exception("failed")
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert len(lines) == 4
    assert "pa55" not in stream.getvalue()
    assert "10.0.0.9" in lines[0]["event"]


def test_an_address_that_a_webhook_is_sent_to_is_not_written(stream: io.StringIO) -> None:
    with httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(204))) as client:
        client.post("https://agency.example/hooks/pa55")
    assert "pa55" not in stream.getvalue()
