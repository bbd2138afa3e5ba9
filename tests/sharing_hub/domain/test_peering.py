"""What one hub says at another: read from a message, a case number there and back, and what an own case hears."""

import datetime
import uuid
from typing import Any

import pytest

from sharing_hub.domain import incidents, messages, peering
from sharing_hub.gateway import cloud_events

NOON = datetime.datetime(2026, 11, 28, 3, tzinfo=datetime.UTC)
INCIDENT = uuid.UUID(int=7)


def message(**changed: Any) -> bytes:
    values: dict[str, Any] = {
        "message_id": uuid.UUID(int=1), "number": 1, "first_id": uuid.UUID(int=1), "first_at": NOON, "occasion": "opened",
        "agency_id": "seoul", "incident_id": INCIDENT, "kind": "fire", "category": "fire", "severity": 1, "state": "confirmed",
        "confirmed": True, "opened_at": NOON, "sent_at": NOON, "camera_id": "gate", "camera_name": "Gate", "latitude": 37.5,
        "longitude": 127.0, "case_number": None, "alarm_count": 3, "media": "still_and_live", "purpose": "emergency_response",
        "legal_basis": "18-2-3",
    }  # fmt: skip
    return cloud_events.write(messages.Message(**values | changed), "https://hub.example")


def test_a_message_is_read_back_as_what_the_other_hub_needs() -> None:
    told = peering.read(message())
    assert (told.incident_id, told.occasion, told.kind, told.place) == (INCIDENT, "opened", "fire", (37.5, 127.0))
    assert told.description == "Gate: fire (confirmed, 알람 alarms 3)"
    assert not told.is_over
    assert peering.read(message(latitude=None, longitude=None)).place is None


@pytest.mark.parametrize("changed", [{"occasion": "cancel"}, {"state": "closed"}, {"state": "false_alarm"}])
def test_what_was_withdrawn_closed_or_false_is_over_there(changed: dict[str, Any]) -> None:
    assert peering.read(message(**changed)).is_over


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"type": "x", "data": {}}', b'{"type": 3, "data": {"place": null}}']
)
def test_what_is_no_message_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError):
        peering.read(body)


def test_a_case_number_names_its_incident_and_no_other_text_does() -> None:
    for number in (None, 5):
        case = peering.case_of(INCIDENT, number)
        assert peering.is_case_of(INCIDENT, case)
        assert not peering.is_case_of(uuid.UUID(int=8), case)
    assert peering.incident_of("112-2026-4711") is None
    assert peering.incident_of(None) is None


def test_every_state_but_new_and_false_is_a_mark_for_whom_the_case_came_from() -> None:
    silent = {state for state in incidents.STATES if peering.mark_of(state) is None}
    assert silent == {"new", "false_alarm"}


def test_a_camera_is_named_with_its_hub_or_refused_where_that_is_too_long() -> None:
    assert peering.camera_here("jongno", "gate") == "jongno:gate"
    with pytest.raises(ValueError, match="63"):
        peering.camera_here("jongno", "c" * 60)
