"""What operators do to incidents, and that it is on record."""

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from sharing_hub import errors
from sharing_hub import hub as hubs
from sharing_hub.services import incidents, ingest
from sharing_hub.store import tables
from sharing_hub.wire import v1
from tests.support import hub_site, messages, viewing

Change = Callable[[Session, UUID], tables.Incident]
KIM = viewing.viewer()
CHANGES: dict[str, Change] = {
    "acknowledge": lambda session, i: incidents.acknowledge(session, i, KIM, messages.after(1)),
    "confirm": lambda session, i: incidents.confirm(session, i, KIM, "real", messages.after(2)),
    "mark_false": lambda session, i: incidents.mark_false(session, i, KIM, "animal", "a cat", messages.after(3)),
    "reopen": lambda session, i: incidents.reopen(session, i, KIM, messages.after(4)),
}


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[hubs.Hub]:
    with hub_site.opened(tmp_path) as hub:
        site = hub_site.enrol(hub)
        with hub.database.writing() as session:
            delivery = ingest.Delivery(site.agent_id, v1.EventBatch(reports=(messages.report(),)), hub.clock())
            ingest.Ingest(hub.rules, hub.counters).store(session, [delivery])
        yield hub


def the_incident(hub: hubs.Hub) -> tables.Incident:
    with hub.database.reading() as session:
        return session.scalars(sa.select(tables.Incident)).one()


def do(hub: hubs.Hub, *changes: str) -> None:
    for change in changes:
        with hub.database.writing() as session:
            CHANGES[change](session, session.scalars(sa.select(tables.Incident.incident_id)).one())


def test_every_change_is_a_row_with_who_and_when(hub: hubs.Hub) -> None:
    do(hub, "acknowledge", "mark_false", "reopen", "confirm")
    with hub.database.reading() as session:
        rows = session.scalars(sa.select(tables.IncidentHistory).order_by(tables.IncidentHistory.entry_id)).all()
    assert [(r.change, r.from_state, r.to_state, r.reason) for r in rows] == [
        ("acknowledge", "new", "acknowledged", None),
        ("mark_false", "acknowledged", "false_alarm", "animal"),
        ("reopen", "false_alarm", "acknowledged", None),
        ("confirm", "acknowledged", "confirmed", None),
    ]
    assert {r.operator_name for r in rows} == {"kim"}
    assert [r.version for r in rows] == [2, 3, 4, 5]
    incident = the_incident(hub)
    assert (incident.state, incident.decided_by, incident.acknowledged_by, incident.version) == (
        "confirmed",
        "kim",
        "kim",
        5,
    )


@pytest.mark.parametrize(
    "changes",
    [
        ("acknowledge", "acknowledge"),
        ("confirm", "confirm"),
        ("confirm", "mark_false"),
        ("mark_false", "acknowledge"),
        ("reopen",),
        ("acknowledge", "reopen"),
    ],
)
def test_what_the_state_table_does_not_hold_is_a_conflict(hub: hubs.Hub, changes: tuple[str, ...]) -> None:
    do(hub, *changes[:-1])
    before = the_incident(hub).version
    with pytest.raises(errors.IncidentConflict):
        do(hub, changes[-1])
    assert the_incident(hub).version == before


def test_an_old_version_is_a_conflict(hub: hubs.Hub) -> None:
    incident = the_incident(hub)
    do(hub, "acknowledge")
    with pytest.raises(errors.IncidentConflict, match="version 2"), hub.database.writing() as session:
        incidents.confirm(session, incident.incident_id, KIM, "", hub.clock(), incident.version)


def test_an_unknown_reason_an_unknown_incident_and_an_auditor_are_refused(hub: hubs.Hub) -> None:
    incident_id = the_incident(hub).incident_id
    with hub.database.reading() as session:
        with pytest.raises(errors.Unprocessable, match="animal"):
            incidents.mark_false(session, incident_id, KIM, "bored", "", hub.clock())
        with pytest.raises(errors.NotFound):
            incidents.acknowledge(session, uuid4(), KIM, hub.clock())
        with pytest.raises(errors.Refused):
            incidents.acknowledge(session, incident_id, viewing.viewer("auditor"), hub.clock())
        with pytest.raises(errors.NotFound):
            incidents.acknowledge(session, incident_id, viewing.viewer("visitor"), hub.clock())
