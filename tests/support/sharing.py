"""A hub with something to share: a confirmed fire at a gate, cameras near and far, an incident told to an agency, and a grant."""

import uuid
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from sharing_hub import hub as hubs
from sharing_hub.domain import grants, ledger
from sharing_hub.services import grants as grant_rows
from sharing_hub.services import ingest
from sharing_hub.store import sharing_tables, tables
from sharing_hub.wire import v1
from tests.support import hub_site, messages

GATE = (37.5665, 126.9780)
PLACES = {"near": (37.5695, 126.9780), "far": (37.5845, 126.9780), "nowhere": (None, None)}
"""A third of a kilometre from the gate, two kilometres, and nobody knows where."""


def fire_at_the_gate(hub: hubs.Hub) -> hub_site.Site:
    """Have a fire at the gate confirmed, with other cameras of the same agent around; return the agent."""
    site = hub_site.enrol(hub)
    with hub.database.writing() as session:
        report = messages.report(kind="fire")
        delivery = ingest.Delivery(site.agent_id, v1.EventBatch(reports=(report,)), hub.clock())
        ingest.Ingest(hub.rules, hub.counters).store(session, [delivery])
        session.flush()
        session.execute(sa.update(tables.Camera).values(latitude=GATE[0], longitude=GATE[1]))
        session.execute(sa.update(tables.Incident).values(state="confirmed", decided_at=hub.clock()))
        for name, (latitude, longitude) in PLACES.items():
            session.add(
                tables.Camera(
                    camera_id=name, agent_id=site.agent_id, name=name, first_seen_at=hub.clock(), latitude=latitude,
                    longitude=longitude,
                )
            )  # fmt: skip
    return site


def incident(hub: hubs.Hub) -> UUID:
    """Return the one incident."""
    with hub.database.reading() as session:
        return session.scalars(sa.select(tables.Incident.incident_id)).one()


def share(hub: hubs.Hub, agency_id: str, media: str = "still_and_live") -> None:
    """Tell an agency of the incident."""
    with hub.database.writing() as session:
        session.add(
            sharing_tables.IncidentShare(
                incident_id=incident(hub), agency_id=agency_id, how="confirmed", media=media,
                purpose="emergency_response", legal_basis="18-2-3", shared_at=hub.clock(),
            )
        )  # fmt: skip


def give(hub: hubs.Hub, agency_id: str, cameras: tuple[str, ...] = ("gate",), **changed: Any) -> grants.Grant:
    """Give an agency a grant of 20 min for the incident."""
    now = hub.clock()
    said: dict[str, Any] = {
        "actions": frozenset({"ViewStill", "ViewLive", "ViewRecorded"}), "purpose": "emergency_response",
        "legal_basis": "18-2-3", "incident_id": incident(hub), "request_id": None, "starts_at": now,
        "ends_at": now + timedelta(minutes=20), "lookback_s": 600,
    }  # fmt: skip
    grant = grants.Grant(uuid.uuid4(), agency_id, None, frozenset(cameras), **said | changed)
    with hub.database.writing() as session:
        grant_rows.issue(session, grant, ledger.HUB, now)
    return grant


def shared_and_granted(hub: hubs.Hub, agency_id: str, cameras: tuple[str, ...] = ("gate",)) -> grants.Grant:
    """Tell an agency of the incident and give it a grant."""
    share(hub, agency_id)
    return give(hub, agency_id, cameras)
