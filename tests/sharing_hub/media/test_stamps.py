"""Time stamps: real RFC 3161 tokens, verified, over the right data, by an authority that is known."""

import datetime
from collections.abc import Callable

import httpx
import pytest

from sharing_hub import errors
from sharing_hub.media import stamps
from tests.support import time_authority

NOON = datetime.datetime(2026, 11, 28, 3, tzinfo=datetime.UTC)
AUTHORITY = time_authority.make(NOON)
REPLY = {"content-type": "application/timestamp-reply"}


def asked(answer: Callable[[httpx.Request], httpx.Response]) -> stamps.HttpAuthority:
    client = httpx.Client(transport=httpx.MockTransport(answer))
    return stamps.HttpAuthority("https://stamps.example/tsr", AUTHORITY.roots_pem, client)


def granted(request: httpx.Request) -> httpx.Response:
    assert request.headers["content-type"] == "application/timestamp-query"
    assert b"manifest" not in request.content
    return httpx.Response(200, content=AUTHORITY.answer(request.content), headers=REPLY)


def test_a_stamp_from_an_authority_over_http_tells_the_time() -> None:
    stamp = asked(granted).stamp(b"manifest")
    assert stamps.verify(stamp, b"manifest", stamps.roots_of(AUTHORITY.roots_pem)) == NOON


def test_a_stamp_over_something_else_or_of_an_unknown_authority_does_not_hold() -> None:
    stamp = AUTHORITY.stamp(b"manifest")
    with pytest.raises(errors.Unprocessable):
        stamps.verify(stamp, b"another", stamps.roots_of(AUTHORITY.roots_pem))
    with pytest.raises(errors.Unprocessable):
        stamps.verify(stamp, b"manifest", stamps.roots_of(time_authority.make(NOON).roots_pem))


@pytest.mark.parametrize(
    "answer",
    [
        lambda request: httpx.Response(500),
        lambda request: httpx.Response(200, content=b"hello", headers={"content-type": "text/html"}),
        lambda request: httpx.Response(200, content=b"x" * 70_000, headers=REPLY),
    ],
)
def test_an_authority_that_gives_no_stamp_is_asked_again_later(
    answer: Callable[[httpx.Request], httpx.Response],
) -> None:
    with pytest.raises(errors.Busy):
        asked(answer).stamp(b"manifest")


def test_an_answer_to_another_request_is_not_kept() -> None:
    other = AUTHORITY.stamp(b"manifest")  # without the nonce asked for
    with pytest.raises(errors.Unprocessable):
        asked(lambda request: httpx.Response(200, content=other, headers=REPLY)).stamp(b"manifest")
    with pytest.raises(errors.Unprocessable):
        asked(lambda request: httpx.Response(200, content=b"junk", headers=REPLY)).stamp(b"manifest")
