"""Messages as CloudEvents 1.0 in structured JSON mode (CNCF CloudEvents specification), as webhooks carry them."""

from typing import Any

from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from sharing_hub.domain import messages
from sharing_hub.domain.ledger import time_text

CONTENT_TYPE = "application/cloudevents+json"
TYPES = {
    "opened": "kr.jikimi.incident.opened",
    "update": "kr.jikimi.incident.updated",
    "cancel": "kr.jikimi.incident.cancelled",
}


def write(message: messages.Message, base_url: str) -> bytes:
    """Return a message as a CloudEvent.

    Args:
        base_url: the hub's public address, for links and as the event's source.
    """
    event = CloudEvent(
        attributes={
            "id": str(message.message_id),
            "source": f"{base_url}/v1",
            "type": TYPES[message.occasion],
            "specversion": "1.0",
            "subject": f"incidents/{message.incident_id}",
            "time": message.sent_at,
            "datacontenttype": "application/json",
        },
        data=_data(message, base_url),
    )
    return JSONFormat().write(event)


def _data(message: messages.Message, base_url: str) -> dict[str, Any]:
    place = None if message.latitude is None else {"latitude": message.latitude, "longitude": message.longitude}
    camera = None if message.camera_id is None else {"camera_id": message.camera_id, "name": message.camera_name}
    return {
        "incident_id": str(message.incident_id),
        "number": message.number,
        "kind": message.kind,
        "category": message.category,
        "severity": message.severity,
        "state": message.state,
        "confirmed": message.confirmed,
        "opened_at": time_text(message.opened_at),
        "alarm_count": message.alarm_count,
        "place": place,
        "camera": camera,
        "case_number": message.case_number,
        "media": message.media if message.confirmed else "masked_still",
        "purpose": message.purpose,
        "legal_basis": message.legal_basis,
        "note": message.note,
        "exercise": message.exercise,
        "links": {"incident": f"{base_url}/v1/agency/incidents/{message.incident_id}"},
    }
