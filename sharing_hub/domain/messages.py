"""What an agency is told of an incident: one message for each occasion, from which every form (CloudEvents, CAP) is made.

Invariant: it holds words and numbers only, no picture and no address of a camera; what may be looked at is named by links that ask the rules again.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

Occasion = Literal["opened", "update", "cancel"]


@dataclass(frozen=True, slots=True)
class Message:
    """A message to one agency.

    Attributes:
        message_id: stays the same however often it is sent.
        first_id, first_at: of the first message of this incident to this agency; the same as its own where it is that.
        number: rises with each message of this incident to this agency, from 1.
        latitude, longitude: WGS 84 degrees; None: not known.
        confirmed: an operator confirmed it, or the agency opened it.
        exercise: it is played, not real (the demo).
    """

    message_id: UUID
    number: int
    first_id: UUID
    first_at: datetime
    occasion: Occasion
    agency_id: str
    incident_id: UUID
    kind: str
    category: str
    severity: int
    state: str
    confirmed: bool
    opened_at: datetime
    sent_at: datetime
    camera_id: str | None
    camera_name: str | None
    latitude: float | None
    longitude: float | None
    case_number: str | None
    alarm_count: int
    media: str
    purpose: str
    legal_basis: str
    note: str | None = None
    exercise: bool = False
