"""Grants in the store: given, renewed, revoked, on record; and what an agency sees through them."""

import dataclasses
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from sharing_hub import errors
from sharing_hub import hub as hubs
from sharing_hub.domain import grants as values
from sharing_hub.domain import ledger
from sharing_hub.services import grants, ingest
from sharing_hub.store import ledger_tables, queries, sharing_tables, tables
from sharing_hub.wire import v1
from tests.support import hub_site, messages, viewing

LEE = ledger.Actor("operator", "Lee", None, "leader")
FIRE = viewing.viewer(role="partner", agency_id="fire-119")
POLICE = viewing.viewer(role="partner", agency_id="police-112")
START, LATER, END = messages.after(0), messages.after(60), messages.after(1200)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[hubs.Hub]:
    with hub_site.opened(tmp_path) as hub:
        site = hub_site.enrol(hub)
        with hub.database.writing() as session:
            delivery = ingest.Delivery(site.agent_id, v1.EventBatch(reports=(messages.report(),)), hub.clock())
            ingest.Ingest(hub.rules, hub.counters).store(session, [delivery])
        yield hub


def camera_and_incident(hub: hubs.Hub) -> tuple[str, UUID]:
    with hub.database.reading() as session:
        row = session.scalars(sa.select(tables.Incident)).one()
        assert row.camera_id is not None
        return row.camera_id, row.incident_id


def give(hub: hubs.Hub, **changes: object) -> values.Grant:
    camera_id, incident_id = camera_and_incident(hub)
    grant = values.Grant(
        uuid4(), "fire-119", None, frozenset({camera_id}), frozenset({"ViewLive"}), "emergency_response", "18-2-3",
        incident_id, None, START, END,
    )  # fmt: skip
    grant = dataclasses.replace(grant, **changes)  # type: ignore[arg-type]
    with hub.database.writing() as session:
        grants.issue(session, grant, LEE, START)
    return grant


def recorded(hub: hubs.Hub) -> list[str]:
    table = ledger_tables.Entry
    with hub.database.reading() as session:
        found = sa.select(table.action).where(table.action.like("grant.%")).order_by(table.index)
        return list(session.scalars(found))


def test_a_grant_is_held_by_its_agency_as_it_was_given(hub: hubs.Hub) -> None:
    grant = give(hub)
    with hub.database.reading() as session:
        assert grants.held(session, "fire-119", None, LATER) == [grant]
        assert grants.held(session, "police-112", None, LATER) == []
        assert grants.held(session, "fire-119", None, END) == []


def test_a_revoked_grant_is_held_no_more_and_a_repeat_is_harmless(hub: hubs.Hub) -> None:
    grant = give(hub)
    for _ in range(2):
        with hub.database.writing() as session:
            grants.revoke(session, grant.grant_id, LEE, "a wrong share", LATER)
    with hub.database.reading() as session:
        assert grants.held(session, "fire-119", None, LATER) == []
    assert recorded(hub) == ["grant.issued", "grant.revoked"]


def test_a_grant_is_renewed_while_it_is_in_force_only_and_only_to_last_longer(hub: hubs.Hub) -> None:
    grant = give(hub)
    with hub.database.writing() as session:
        renewed = grants.renew(session, grant.grant_id, END + timedelta(minutes=20), LEE, LATER)
        assert renewed.ends_at == END + timedelta(minutes=20)
        with pytest.raises(errors.Conflict, match="lasts until"):
            grants.renew(session, grant.grant_id, END, LEE, LATER)
        with pytest.raises(errors.Conflict, match="has ended"):
            grants.renew(session, grant.grant_id, END + timedelta(hours=2), LEE, END + timedelta(hours=1))


def test_a_closed_incidents_grants_end_a_little_later(hub: hubs.Hub) -> None:
    give(hub)
    with hub.database.writing() as session:
        ends = LATER + timedelta(minutes=5)
        assert grants.end_with_incident(session, camera_and_incident(hub)[1], ends, LEE, LATER) == 1
        assert [g.ends_at for g in grants.held(session, "fire-119", None, LATER)] == [ends]


def test_an_agency_sees_a_camera_while_a_grant_of_its_own_is_in_force(hub: hubs.Hub) -> None:
    give(hub)
    with hub.database.reading() as session:
        scopes = [queries.visible_to(FIRE, at) for at in (LATER, END, None)] + [queries.visible_to(POLICE, LATER)]
        assert [len(session.scalars(scope.cameras()).all()) for scope in scopes] == [1, 0, 0, 0]


def test_an_agency_sees_an_incident_that_was_shared_with_it_and_no_other(hub: hubs.Hub) -> None:
    with hub.database.writing() as session:
        assert session.scalars(queries.visible_to(FIRE).incidents()).all() == []
        session.add(
            sharing_tables.IncidentShare(
                incident_id=camera_and_incident(hub)[1],
                agency_id="fire-119",
                how="confirmed",
                media="still_and_live",
                purpose="emergency_response",
                legal_basis="18-2-3",
                shared_at=LATER,
            )
        )
        session.flush()
        counts = [len(session.scalars(queries.visible_to(v).incidents()).all()) for v in (FIRE, POLICE)]
        assert counts == [1, 0]
        assert len(session.scalars(queries.visible_to(FIRE).events()).all()) == 1
        assert session.scalars(queries.visible_to(FIRE).agents()).all() == []


def test_a_partner_role_in_the_district_and_a_district_role_elsewhere_see_nothing(hub: hubs.Hub) -> None:
    for viewer in (viewing.viewer(role="partner"), viewing.viewer(role="admin", agency_id="fire-119")):
        with hub.database.reading() as session:
            scope = queries.visible_to(viewer, LATER)
            assert [*session.scalars(scope.cameras()), *session.scalars(scope.incidents())] == []
