"""Events into alarms and incidents: the folding rule on a real database."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from sharing_hub import hub as hubs
from sharing_hub.domain import viewers
from sharing_hub.services import incidents, ingest
from sharing_hub.store import tables
from sharing_hub.wire import v1
from tests.support import hub_site, messages, viewing


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[hubs.Hub]:
    with hub_site.opened(tmp_path, rules={"loitering": {"alarm": False}, "crowd": {"severity": 2}}) as hub:
        yield hub


def deliver(hub: hubs.Hub, site: hub_site.Site, *reports: v1.EventReport) -> None:
    with hub.database.writing() as session:
        delivery = ingest.Delivery(site.agent_id, v1.EventBatch(reports=reports), hub.clock())
        ingest.Ingest(hub.rules, hub.counters).store(session, [delivery])


def incidents_of(hub: hubs.Hub) -> list[tuple[str | None, str, int, str]]:
    with hub.database.reading() as session:
        rows = session.scalars(sa.select(tables.Incident).order_by(tables.Incident.opened_at, tables.Incident.kind))
        return [(row.camera_id, row.kind, row.alarm_count, row.state) for row in rows]


def at(seconds: float, **changed: object) -> v1.EventReport:
    return messages.report(started_at=messages.after(seconds), raised_at=messages.after(seconds), **changed)


def test_alarms_of_one_camera_and_kind_within_a_minute_of_the_last_fold(hub: hubs.Hub) -> None:
    site = hub_site.enrol(hub)
    for seconds in (0, 60, 119):
        deliver(hub, site, at(seconds))
    deliver(hub, site, at(180), at(0, kind="crowd"), at(0, camera_id="yard"))
    assert incidents_of(hub) == [
        ("gate", "crowd", 1, "new"),
        ("gate", "intrusion", 3, "new"),
        ("yard", "intrusion", 1, "new"),
        ("gate", "intrusion", 1, "new"),
    ]


def test_a_batch_folds_within_itself_and_an_older_event_that_comes_late_folds_too(hub: hubs.Hub) -> None:
    site = hub_site.enrol(hub)
    deliver(hub, site, at(100), at(110))
    deliver(hub, site, at(70))
    assert incidents_of(hub) == [("gate", "intrusion", 3, "new")]
    with hub.database.reading() as session:
        row = session.scalars(sa.select(tables.Incident)).one()
    assert (row.opened_at, row.last_alarm_at) == (messages.after(70), messages.after(110))


def test_a_decided_incident_takes_no_more_alarms(hub: hubs.Hub) -> None:
    site = hub_site.enrol(hub)
    deliver(hub, site, at(0))
    with hub.database.writing() as session:
        incident_id = session.scalars(sa.select(tables.Incident.incident_id)).one()
        incidents.mark_false(session, incident_id, viewing.viewer(), "animal", "", hub.clock())
    deliver(hub, site, at(10))
    assert incidents_of(hub) == [("gate", "intrusion", 1, "false_alarm"), ("gate", "intrusion", 1, "new")]


def test_the_districts_rules_decide_what_is_an_alarm_and_how_severe(hub: hubs.Hub) -> None:
    deliver(hub, hub_site.enrol(hub), at(0, kind="loitering"), at(1, kind="crowd"), at(2, kind="frozen"))
    with hub.database.reading() as session:
        severities = dict(session.execute(sa.select(tables.Incident.kind, tables.Incident.severity)).all())
        events = session.scalar(sa.select(sa.func.count()).select_from(tables.Event))
    assert (severities, events) == ({"crowd": 2, "frozen": 3}, 3)


def test_every_kind_of_the_wire_has_a_rule_and_no_camera_reports_a_call(hub: hubs.Hub) -> None:
    assert {kind for kind, rule in hub.rules.items() if rule.category != "inbound"} == set(v1.KINDS)


def test_roles_are_closed() -> None:
    assert not viewers.sees_rows(viewing.viewer("visitor"))
    assert not viewers.sees_pictures(viewing.viewer("auditor"))
