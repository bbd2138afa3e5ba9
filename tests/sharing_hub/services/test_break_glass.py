"""Breaking glass: near, short, by a person, never taken away; reviewed by somebody else, and suspended where it was not."""

import dataclasses
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from sharing_hub import errors
from sharing_hub import hub as hubs
from sharing_hub.domain import default_district, district, viewers
from sharing_hub.domain import grants as values
from sharing_hub.services import book, break_glass, grants, ingest
from sharing_hub.store import ledger_tables, tables
from sharing_hub.wire import v1
from tests.support import hub_site, messages, viewing

HAN = viewing.viewer("partner", "Han", "police-112")
KIM = viewing.viewer("privacy_officer", "Kim")
NOW = messages.after(60)
PLACE = (37.5, 127.0)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[hubs.Hub]:
    with hub_site.opened(tmp_path) as hub:
        site = hub_site.enrol(hub)
        with hub.database.writing() as session:
            delivery = ingest.Delivery(site.agent_id, v1.EventBatch(reports=(messages.report(),)), hub.clock())
            ingest.Ingest(hub.rules, hub.counters).store(session, [delivery])
            camera = session.scalars(sa.select(tables.Camera)).one()
            camera.latitude, camera.longitude = PLACE
        yield hub


def smash(hub: hubs.Hub, viewer: viewers.Viewer = HAN, now: datetime = NOW, **changes: object) -> values.Grant:
    with hub.database.writing() as session:
        camera_id = session.scalars(sa.select(tables.Camera.camera_id)).one()
        emergency = break_glass.Emergency((camera_id,), "life", "a child fell into the river", *PLACE)
        return break_glass.smash(session, viewer, dataclasses.replace(emergency, **changes), now)  # type: ignore[arg-type]


def review(hub: hubs.Hub, grant: values.Grant, justified: bool, by: viewers.Viewer = KIM, now: datetime = NOW) -> None:
    with hub.database.writing() as session:
        break_glass.review(session, by, grant.grant_id, justified, "checked with 112", now)


def test_it_gives_twenty_minutes_of_looking_and_half_an_hour_back_and_nothing_to_take_away(hub: hubs.Hub) -> None:
    grant = smash(hub)
    assert grant.ends_at - grant.starts_at == timedelta(minutes=20)
    assert grant.lookback_s == 1800
    assert grant.export_mode == "none"
    assert "Export" not in grant.actions
    assert grant.person_id == HAN.operator_id, "it is one person's"


def test_a_camera_more_than_500_m_away_or_of_unknown_place_is_refused(hub: hubs.Hub) -> None:
    assert smash(hub, latitude=PLACE[0] + 0.0044)
    with pytest.raises(errors.Refused, match="m from the place"):
        smash(hub, latitude=PLACE[0] + 0.0046)
    with pytest.raises(errors.Refused):
        smash(hub, latitude=float("nan"))
    with hub.database.writing() as session:
        session.scalars(sa.select(tables.Camera)).one().latitude = None
    with pytest.raises(errors.Refused, match="not known"):
        smash(hub)


@pytest.mark.parametrize(
    "viewer",
    [
        dataclasses.replace(HAN, second_factor=False),
        dataclasses.replace(HAN, system=True),
        viewing.viewer("auditor", "Aud"),
        viewing.viewer("vendor", "Ven", "police-112"),
    ],
)
def test_it_takes_a_person_with_a_second_factor(hub: hubs.Hub, viewer: viewers.Viewer) -> None:
    with pytest.raises(errors.Refused):
        smash(hub, viewer)


@pytest.mark.parametrize("changes", [{"reason": "curious"}, {"sentence": "fire"}, {"sentence": "x" * 501}])
def test_it_takes_a_known_reason_and_a_sentence(hub: hubs.Hub, changes: dict[str, object]) -> None:
    with pytest.raises(errors.Unprocessable):
        smash(hub, **changes)  # type: ignore[arg-type]


def test_a_rejected_look_ends_at_once_and_suspends(hub: hubs.Hub) -> None:
    grant = smash(hub)
    review(hub, grant, False)
    with hub.database.reading() as session:
        assert grants.held(session, "police-112", HAN.operator_id, NOW) == []
    with pytest.raises(errors.Refused, match="privacy officer"):
        smash(hub)


def test_a_look_that_nobody_reviewed_in_a_day_suspends_until_somebody_does(hub: hubs.Hub) -> None:
    grant = smash(hub)
    later = NOW + timedelta(hours=25)
    with pytest.raises(errors.Refused):
        smash(hub, now=later)
    review(hub, grant, True, now=later)
    assert smash(hub, now=later)


def test_nobody_reviews_a_look_of_their_own_and_it_is_reviewed_once(hub: hubs.Hub) -> None:
    lee = viewing.viewer("leader", "Lee")
    grant = smash(hub, lee)
    with pytest.raises(errors.Refused):
        review(hub, grant, True, lee)
    with pytest.raises(errors.Refused):
        review(hub, grant, True, viewing.viewer("operator", "Op"))
    review(hub, grant, True)
    with pytest.raises(errors.Conflict):
        review(hub, grant, False)


def test_another_agency_sees_none_of_it(hub: hubs.Hub) -> None:
    grant = smash(hub)
    fire = viewing.viewer("partner", "Oh", "fire-119")
    with hub.database.writing() as session:
        assert break_glass.listed(session, fire) == []
        assert len(break_glass.listed(session, KIM)) == len(break_glass.listed(session, HAN)) == 1
        with pytest.raises(errors.NotFound):
            break_glass.add_letter(session, fire, grant.grant_id, "1", NOW)
        assert break_glass.add_letter(session, HAN, grant.grant_id, "2026-1", NOW).letter == "2026-1"


def test_it_is_on_record_with_its_reason(hub: hubs.Hub) -> None:
    review(hub, smash(hub), True)
    with hub.database.reading() as session:
        table = ledger_tables.Entry
        found = session.scalars(sa.select(table.action).where(table.action.like("g%")).order_by(table.index)).all()
    assert found == ["grant.issued", "glass.broken", "glass.reviewed"]


def test_people_of_a_vendor_or_of_an_agency_that_is_none_break_none(hub: hubs.Hub) -> None:
    book_now = dataclasses.replace(
        default_district.make(),
        agencies=(
            *default_district.make().agencies,
            district.Agency("vendor-a", "vendor", "납품업체", "A vendor"),
            district.Agency("closed", "police", "닫힌 기관", "An agency no more", active=False),
        ),
    )
    with hub.database.writing() as session:
        version = book.propose(session, viewing.viewer("admin", "Choi"), book_now, 1, "a vendor", NOW)
        book.decide(session, KIM, version, True, NOW)
    for agency_id in ("vendor-a", "closed", "stranger"):
        with pytest.raises(errors.Refused, match="active agency"):
            smash(hub, viewing.viewer("partner", "Ven", agency_id))


def test_another_agencys_incident_is_none(hub: hubs.Hub) -> None:
    with hub.database.reading() as session:
        incident_id = session.scalars(sa.select(tables.Incident.incident_id)).one()
    with pytest.raises(errors.NotFound, match="no incident"):
        smash(hub, incident_id=incident_id)


def test_a_letter_that_does_not_come_in_a_week_suspends_until_it_does(hub: hubs.Hub) -> None:
    grant = smash(hub)
    review(hub, grant, True)
    later = NOW + timedelta(days=8)
    with pytest.raises(errors.Refused, match="letter"):
        smash(hub, now=later)
    with hub.database.writing() as session:
        break_glass.add_letter(session, HAN, grant.grant_id, "2026-1", later)
    assert smash(hub, now=later)
