"""The five-service form: what is written is read back, and whatever bytes come, the reader answers within its bounds."""

from datetime import UTC, datetime
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharing_hub.domain import inbound, sight
from sharing_hub.gateway import five_service

NOON = datetime(2026, 7, 1, 3, 0, tzinfo=UTC)
HALL = sight.Point(37.5665, 126.978)
BODY = "police-112|112-1|fire/차량|126.978|37.5665|20260701120000|차에 불 | 사람 있음"


def raw(kind: str = "OPEN", body: str = BODY, length: int | None = None, encoding: str = "utf-8") -> bytes:
    """Return a message with a true length unless another is given."""
    text = body.encode(encoding)
    return f"{kind}|{len(text) if length is None else length}|".encode() + text


@pytest.mark.parametrize("encoding", ["utf-8", "euc-kr"])
def test_a_message_is_read_with_its_place_time_and_words(encoding: Literal["utf-8", "euc-kr"]) -> None:
    message = five_service.parse(raw(encoding=encoding) + b"\r\n", encoding)
    assert message == five_service.Message(
        "OPEN", "police-112", "112-1", "fire", "차량", HALL, NOON, "차에 불 | 사람 있음"
    )
    assert five_service.parse(five_service.write(message, encoding), encoding) == message


def test_an_end_needs_no_place_and_an_opening_does() -> None:
    bare = "police-112|112-1||||20260701120000|"
    assert five_service.parse(raw("END", bare)).place is None
    with pytest.raises(five_service.Malformed, match="place"):
        five_service.parse(raw("OPEN", bare))


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (b"", "begins"), (b"OPEN", "begins"), (raw("open"), "TYPE"), (raw(length=3), "LENGTH"), (raw(length=99999), "LENGTH"),
        (b"OPEN|-1|x", "LENGTH"), ("OPEN|٣|abc".encode(), "LENGTH"), (raw(body="a|b|c"), "7 fields"),
        (raw(body=BODY.replace("112-1", "../1")), "CASE"), (raw(body=BODY.replace("112-1", "")), "CASE"),
        (raw(body=BODY.replace("126.978", "1e400")), "X, Y"), (raw(body=BODY.replace("126.978", "nan")), "X, Y"),
        (raw(body=BODY.replace("126.978", "37.5").replace("37.5665", "127")), "Korea"), (raw(body=BODY.replace("126.978", "")), "X, Y"),
        (raw(body=BODY.replace("20260701120000", "20261301120000")), "TIME"), (raw(body=BODY.replace("20260701120000", "00000101000000")), "TIME"),
        (raw(body=BODY.replace("police-112", "p" * 41)), "AGENCY"), (raw(encoding="euc-kr"), "utf-8"), (b"OPEN|1|" + b"x" * 5000, "4096"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_and_not_repeated(message: bytes, words: str) -> None:
    with pytest.raises(five_service.Malformed, match=words) as caught:
        five_service.parse(message)
    assert "사람" not in str(caught.value) and len(str(caught.value)) < 200


@given(st.binary(max_size=5000), st.sampled_from(["utf-8", "euc-kr"]))
def test_garbage_is_a_message_or_malformed(garbage: bytes, encoding: Literal["utf-8", "euc-kr"]) -> None:
    _within_bounds(garbage, encoding)


@given(st.lists(st.text(max_size=40), min_size=5, max_size=9), st.sampled_from(["OPEN", "UPDATE", "END"]))
def test_garbage_in_the_right_form_is_a_message_or_malformed(fields: list[str], kind: str) -> None:
    body = "|".join(fields).encode("utf-8", "surrogatepass")
    _within_bounds(f"{kind}|{len(body)}|".encode() + body, "utf-8")


places = st.builds(
    sight.Point, st.floats(32.1, 43.9).map(lambda d: round(d, 7)), st.floats(123.1, 132.9).map(lambda d: round(d, 7))
)
words = st.text(st.characters(codec="utf-8"), max_size=100).map(lambda text: inbound.text(text, 500))


@given(places, words, st.integers(200_000_000, 3_700_000_000).map(lambda s: datetime.fromtimestamp(s, UTC)))
def test_what_is_written_is_read_back(place: sight.Point, text: str | None, at: datetime) -> None:
    message = five_service.Message("OPEN", "police-112", "가-1", None, None, place, at, text)
    assert five_service.parse(five_service.write(message)) == message


def _within_bounds(message: bytes, encoding: Literal["utf-8", "euc-kr"]) -> None:
    try:
        read = five_service.parse(message, encoding)
    except five_service.Malformed:
        return
    assert inbound.CASE_NUMBER.fullmatch(read.case_number) and len(read.agency_id) <= 40
    assert len(read.text or "") <= inbound.MAX_DESCRIPTION_CHARACTERS
    assert read.place is None or sight.is_possible(read.place)
