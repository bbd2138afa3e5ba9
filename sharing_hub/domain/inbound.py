"""Inbound: what an agency says when it opens an incident of its own, bounded where it is made."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sharing_hub.domain import sight

MAX_CASE_CHARACTERS = 60
CASE_NUMBER = re.compile(r"[0-9A-Za-z가-힣][0-9A-Za-z가-힣._-]{0,59}")
MAX_CLASS_CHARACTERS = 40
MAX_DESCRIPTION_CHARACTERS = 500
USUAL_KINDS: Mapping[str, str] = {
    "police": "crime_report",
    "fire": "rescue_call",
    "disaster": "disaster_report",
    "justice": "monitoring_alert",
}
"""What a kind of agency means when it does not say the kind of incident."""
_NOT_TEXT = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]+")
"""Control characters, and those that turn the direction of what follows: nobody needs them, and they make a line read as another."""


@dataclass(frozen=True, slots=True)
class Call:
    """What an agency says of its incident.

    Attributes:
        case_number: the agency's own; a repeat of it is the same incident.
        kind: one of the rules' kinds; None: what this kind of agency usually opens.
        agency_class: the agency's own class of it, for people to read.
    """

    case_number: str
    place: sight.Point
    kind: str | None = None
    agency_class: str | None = None
    description: str | None = None
    severity: int | None = None

    def __post_init__(self) -> None:
        """Check what is bounded.

        Raises:
            ValueError: in words, naming what is wrong and not repeating it.
        """
        if not CASE_NUMBER.fullmatch(self.case_number):
            raise ValueError(
                f"a case number is 1 to {MAX_CASE_CHARACTERS} letters, digits, dots, hyphens or underscores, and begins with a letter or digit"
            )
        if not sight.is_possible(self.place):
            raise ValueError("the place is not in Korea: degrees of WGS 84, latitude 32 to 44, longitude 123 to 133")
        if self.severity not in (None, 1, 2, 3):
            raise ValueError("severity is 1, 2 or 3")


def text(words: str | None, characters: int) -> str | None:
    """Return somebody's words on one line, without what is not text, cut to a length; None where nothing is left."""
    return " ".join(_NOT_TEXT.sub(" ", words or "").split())[:characters].strip() or None
