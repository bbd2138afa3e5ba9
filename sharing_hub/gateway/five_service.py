"""The five linked services' message form (112, 119, disaster, ... to a district's control centre): a header, then fields parted by `|`.

The official form is not public and was not seen. What stands here is this hub's own bounded reading of what is publicly told of it (a header, fields
parted by `|`, coordinates in degrees); a district that has the official form maps it onto these fields, in this file alone. One message:

    TYPE|LENGTH|AGENCY|CASE|CLASS|X|Y|TIME|TEXT

    TYPE    OPEN, UPDATE or END
    LENGTH  decimal, at most 5 digits: the bytes after the `|` that follows it, to the end of the message, without a line end
    AGENCY  the agency's id in the district's book; it must be that of whoever proved itself, and decides nothing
    CASE    the agency's case number
    CLASS   kind, or kind/class: `crime_report`, `fire/차량화재`, or empty for what this kind of agency usually opens
    X, Y    longitude and latitude, degrees of WGS 84; both empty in END, and in UPDATE where the place is the same
    TIME    YYYYMMDDhhmmss, Korean time: when the agency knew of it
    TEXT    words for people; `|` in it stays part of it

Invariant: whatever bytes come, the answer is a message within bounds or a `Malformed` that says what is wrong without repeating it.
"""

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Literal

from sharing_hub.domain import inbound, sight

MAX_BYTES = 4096
KOREA_TIME = timezone(timedelta(hours=9), "KST")
Type = Literal["OPEN", "UPDATE", "END"]
_TYPES: dict[str, Type] = {"OPEN": "OPEN", "UPDATE": "UPDATE", "END": "END"}
_LENGTH = re.compile(rb"[0-9]{1,5}")
_DEGREES = re.compile(r"[0-9]{1,3}(\.[0-9]{1,12})?")
_TIME = re.compile(r"[0-9]{14}")
_FIELDS = 7


class Malformed(ValueError):
    """The bytes are no message of this form; the words say which field and why."""


@dataclass(frozen=True, slots=True)
class Message:
    """What a message says.

    Attributes:
        kind, agency_class: None where the message names none.
        place: None where it names none (never for OPEN).
        known_at: when the agency knew of it, UTC.
    """

    type: Type
    agency_id: str
    case_number: str
    kind: str | None
    agency_class: str | None
    place: sight.Point | None
    known_at: datetime
    text: str | None


def parse(raw: bytes, encoding: Literal["utf-8", "euc-kr"] = "utf-8") -> Message:
    """Return what the bytes say.

    Raises:
        Malformed: they are no message of this form, or out of its bounds.
    """
    kind_of_message, body = _opened(raw)
    try:
        fields = body.decode(encoding).split("|", _FIELDS - 1)
    except UnicodeDecodeError as e:
        raise Malformed(f"TEXT: not {encoding}") from e
    if len(fields) != _FIELDS:
        raise Malformed(f"{_FIELDS} fields after LENGTH, not {len(fields)}")
    agency_id, case_number, named, x, y, at, words = fields
    if not inbound.CASE_NUMBER.fullmatch(case_number):
        raise Malformed(f"CASE: 1 to {inbound.MAX_CASE_CHARACTERS} letters, digits, dots, hyphens or underscores")
    kind, _, agency_class = named.partition("/")
    place = _place(x, y)
    if kind_of_message == "OPEN" and place is None:
        raise Malformed("X, Y: an opening names its place")
    return Message(
        kind_of_message, _short("AGENCY", agency_id, 40), case_number, _short("CLASS", kind, 30) or None,
        inbound.text(agency_class, inbound.MAX_CLASS_CHARACTERS), place, _time(at),
        inbound.text(words, inbound.MAX_DESCRIPTION_CHARACTERS),
    )  # fmt: skip


def write(message: Message, encoding: Literal["utf-8", "euc-kr"] = "utf-8") -> bytes:
    """Return a message as bytes: what a test bench, or an adapter that speaks this form, sends."""
    x, y = ("", "") if message.place is None else (f"{message.place.longitude:.7f}", f"{message.place.latitude:.7f}")
    named = "/".join(part for part in (message.kind or "", message.agency_class) if part is not None)
    at = message.known_at.astimezone(KOREA_TIME).strftime("%Y%m%d%H%M%S")
    body = "|".join((message.agency_id, message.case_number, named, x, y, at, message.text or "")).encode(encoding)
    return b"%s|%d|%s" % (message.type.encode(), len(body), body)


def _opened(raw: bytes) -> tuple[Type, bytes]:
    """Read the header; return the type and the bytes after it."""
    if len(raw) > MAX_BYTES:
        raise Malformed(f"at most {MAX_BYTES} bytes, not {len(raw)}")
    parts = raw.rstrip(b"\r\n").split(b"|", 2)
    if len(parts) != 3:
        raise Malformed("a message begins with TYPE|LENGTH|")
    kind = _TYPES.get(parts[0].decode("ascii", "replace"))
    if kind is None:
        raise Malformed("TYPE: OPEN, UPDATE or END")
    if not _LENGTH.fullmatch(parts[1]) or int(parts[1]) != len(parts[2]):
        raise Malformed(f"LENGTH: {len(parts[2])} bytes follow it")
    return kind, parts[2]


def _place(x: str, y: str) -> sight.Point | None:
    if not x and not y:
        return None
    if not (_DEGREES.fullmatch(x) and _DEGREES.fullmatch(y)):
        raise Malformed("X, Y: longitude and latitude in decimal degrees, both or neither")
    place = sight.Point(float(y), float(x))
    if not (math.isfinite(place.latitude) and sight.is_possible(place)):
        raise Malformed("X, Y: not in Korea; X is the longitude (123 to 133), Y the latitude (32 to 44)")
    return place


def _time(text: str) -> datetime:
    if not _TIME.fullmatch(text):
        raise Malformed("TIME: YYYYMMDDhhmmss")
    try:
        at = datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=KOREA_TIME)
    except ValueError as e:
        raise Malformed("TIME: no such time") from e
    if not 1970 < at.year < 2100:
        raise Malformed("TIME: not between the years 1971 and 2099")
    return at.astimezone(UTC)


def _short(field: str, text: str, characters: int) -> str:
    if len(text) > characters or inbound.text(text, characters) != (text or None):
        raise Malformed(f"{field}: at most {characters} characters of text")
    return text
