"""Two agencies at one hub, each with a case, a grant, messages, media, a request and a webhook of its own: what one must never read of the other."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

import httpx
import sqlalchemy as sa

from sharing_hub import couriers
from sharing_hub import hub as hubs
from sharing_hub.services import notice_writing
from sharing_hub.store import delivery_tables, sharing_tables, tables
from tests.support import desk, district_map, hub_media, hub_site, messages, systems

CAMERA_OF = {"fire-119": "north-1", "police-112": "south-1"}
_NORTH_M = {"fire-119": 0.0, "police-112": 5000.0}
CASE_WORDS = "case words of {agency}"
LETTER = "letter-of-{agency}"


@dataclass(frozen=True, slots=True)
class Agency:
    """An agency's system, and the names of what is its own.

    Attributes:
        bearer: the header that proves its system.
        ids: by the name that the API's parameters have.
        marks: words that stand in its things and nowhere else; ids among them.
    """

    agency_id: str
    bearer: Mapping[str, str]
    ids: Mapping[str, str]
    marks: frozenset[str]


def furnish(hub: hubs.Hub) -> hub_site.Site:
    """Place a camera for each agency, five kilometres apart."""
    site = hub_site.enrol(hub)
    placed = [district_map.Placed(CAMERA_OF[one], _NORTH_M[one], 0) for one in CAMERA_OF]
    district_map.furnish(hub, site.agent_id, placed)
    return site


def made(hub: hubs.Hub, client: httpx.Client, agency_id: str, **further: str) -> Agency:
    """Let an agency open a case, ask for video and be told; return what is its own, with `further` ids."""
    system = systems.registered(hub, agency_id)
    token = system.ask(client, hub.clock()).json()["access_token"]
    bearer = {"Authorization": f"Bearer {token}"}
    case_number, camera_id = f"case-of-{agency_id}", CAMERA_OF[agency_id]
    incident_id = _case(client, bearer, agency_id, case_number)
    request_id = _request(client, bearer, agency_id)
    recording_id = client.get(f"/v1/agency/requests/{request_id}", headers=bearer).json()["recordings"][0][
        "recording_id"
    ]
    ids = {
        "incident_id": incident_id, "case_number": case_number, "camera_id": camera_id, "request_id": request_id,
        "recording_id": recording_id, "client_id": str(system.client_id), "key_id": str(system.key.kid), "agency_id": agency_id,
        **_told(hub, agency_id, incident_id), **_person(hub, agency_id), **further,
    }  # fmt: skip
    words = {CASE_WORDS.format(agency=agency_id), LETTER.format(agency=agency_id)}
    return Agency(agency_id, bearer, ids, frozenset(words | set(ids.values())) - {agency_id})


def still(hub: hubs.Hub, site: hub_site.Site) -> str:
    """Store a still of a camera that no agency's grant has; return its id."""
    return str(hub_media.store(hub, site, b"a still of camera gate").media_id)


def _case(client: httpx.Client, bearer: Mapping[str, str], agency_id: str, case_number: str) -> str:
    place = district_map.beside(_NORTH_M[agency_id] + 20, 0)
    said = {
        "case_number": case_number, "latitude": place.latitude, "longitude": place.longitude,
        "description": CASE_WORDS.format(agency=agency_id),
    }  # fmt: skip
    answer = client.post("/v1/agency/incidents", json=said, headers=bearer)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["incident"]["incident_id"])


def _request(client: httpx.Client, bearer: Mapping[str, str], agency_id: str) -> str:
    asked = {
        "camera_ids": [CAMERA_OF[agency_id]], "starts_at": messages.after(-120).isoformat(),
        "ends_at": messages.after(-60).isoformat(), "purpose": "crime_response", "legal_basis": "18-2-7",
        "letter": LETTER.format(agency=agency_id), "why": "assault", "export_mode": "masked",
    }  # fmt: skip
    answer = client.post("/v1/agency/requests", json=asked, headers=bearer)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["request_id"])


def _told(hub: hubs.Hub, agency_id: str, incident_id: str) -> dict[str, str]:
    """Give the agency a webhook, write its message; return the ids of these and of its grant."""
    with hub.database.writing() as session:
        row = _endpoint(agency_id, hub)
        session.add(row)
        of_case = sharing_tables.Notice(
            notice_id=uuid.uuid4(), incident_id=uuid.UUID(incident_id), agency_id=agency_id, occasion="opened",
            created_at=hub.clock(), state="pending",
        )  # fmt: skip
        session.add(of_case)
        session.flush()
        notice_writing.write_out(session, couriers.sender_of(hub), hub.rules, hub.clock())
        session.flush()
        told = delivery_tables.Message
        message_id = session.scalars(sa.select(told.message_id).where(told.agency_id == agency_id)).first()
        given = sharing_tables.Grant
        grant_id = session.scalars(sa.select(given.grant_id).where(given.agency_id == agency_id)).first()
        return {"endpoint_id": str(row.endpoint_id), "message_id": str(message_id), "grant_id": str(grant_id)}


def _endpoint(agency_id: str, hub: hubs.Hub) -> delivery_tables.Endpoint:
    """Return a webhook that is off: nothing is sent to it."""
    return delivery_tables.Endpoint(
        endpoint_id=uuid.uuid4(), agency_id=agency_id, url=f"https://{agency_id}.example/hook", form="cap", generation=1,
        added_by_name="choi", added_at=hub.clock(), disabled_at=hub.clock(),
    )  # fmt: skip


def _person(hub: hubs.Hub, agency_id: str) -> dict[str, str]:
    row: tables.Operator = desk.operator_row("partner", hub.clock(), agency_id=agency_id)
    with hub.database.writing() as session:
        session.add(row)
        return {"operator_id": str(row.operator_id)}
