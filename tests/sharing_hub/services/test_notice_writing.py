"""Notices become messages once each and in order, and a delivered message makes its incident notified."""

import random
from pathlib import Path

import sqlalchemy as sa

from sharing_hub import couriers, worker
from sharing_hub.domain import ledger
from sharing_hub.gateway import webhooks
from sharing_hub.services import deliveries, endpoints, incidents
from sharing_hub.store import delivery_tables, sharing_tables, tables
from tests.support import district_map, hub_site, viewing

KIM = viewing.viewer()
LEE = ledger.Actor("operator", "Lee", None, "admin")


def test_a_decision_becomes_a_message_whose_delivery_makes_the_incident_notified(tmp_path: Path) -> None:
    with hub_site.opened(tmp_path, delivery={"private_networks": ["127.0.0.0/8"]}) as hub:
        agent_id = hub_site.enrol(hub).agent_id
        district_map.furnish(hub, agent_id, (district_map.Placed("gate", 0, 0),))
        district_map.report(hub, agent_id, district_map.event("gate"))
        with hub.database.writing() as session:
            networks = couriers.networks(hub)
            endpoints.add(session, "fire-119", "https://127.0.0.1/in", "cloudevents", networks, LEE, hub.clock())
            incident_id = session.scalars(sa.select(tables.Incident.incident_id)).one()
            incidents.confirm(session, incident_id, KIM, "", hub.clock())
        worker.write_messages(hub)
        worker.write_messages(hub)
        with hub.database.writing() as session:
            written = session.scalars(
                sa.select(delivery_tables.Message).order_by(delivery_tables.Message.position)
            ).all()
            assert [(one.agency_id, one.occasion) for one in written] == [
                ("police-112", "opened"), ("fire-119", "opened"), ("disaster-room", "opened"),
            ]  # fmt: skip
            assert set(session.scalars(sa.select(sharing_tables.Notice.state))) == {"written"}
            assert f"{district_map.HALL.latitude:.4f}" in written[1].cap.decode()
            delivery_id = session.scalars(sa.select(delivery_tables.Delivery.delivery_id)).one()
            outcome = webhooks.Outcome(200, "", False)
            assert deliveries.note_outcome(session, delivery_id, outcome, hub.clock(), random.Random(1)) == "delivered"
            assert session.get_one(tables.Incident, incident_id).state == "notified"
