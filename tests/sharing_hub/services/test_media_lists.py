"""A list holds what the policies permit of each file, though most files are decided together."""

import random
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from sharing_hub import hub as hubs
from sharing_hub.domain import grants, ledger, viewers
from sharing_hub.services import access_sources, browsing, looks, media_lists
from sharing_hub.services import grants as grant_rows
from sharing_hub.store import queries, sharing_tables, tables
from tests.support import hub_site, messages, sharing, viewing

FIRE = viewing.viewer("partner", "119", "fire-119")
POLICE = viewing.viewer("partner", "112", "police-112")
NOW = messages.NOON
CAMERAS = ("gate", "near", "far")
INCIDENTS, FILES = 24, 8
FORMS: tuple[tuple[str, str | None], ...] = (
    ("clip", None), ("still", None), ("still", "regions"), ("masked_still", "whole"), ("range", None),
)  # fmt: skip


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[hubs.Hub]:
    with hub_site.opened(tmp_path_factory.mktemp("hub")) as hub:
        site = sharing.fire_at_the_gate(hub)
        with hub.database.writing() as session:
            chance = random.Random(11)
            for _ in range(INCIDENTS):
                _incident(session, site, chance)
            _recording(session, site)
        yield hub


def _incident(session: Session, site: hub_site.Site, chance: random.Random) -> None:
    """Put in an incident in any state, shared or not, with grants or without, and files of every form and age."""
    camera_id, incident_id = chance.choice(CAMERAS), uuid.uuid4()
    pattern = session.scalars(sa.select(tables.Event)).first()
    assert pattern is not None
    events = [
        tables.Event(
            event_id=uuid.uuid4(), camera_id=camera_id, agent_id=site.agent_id, kind="fire", started_at=NOW, raised_at=NOW,
            received_at=NOW, score=0.9, explanation=pattern.explanation, software="test",
        )
        for _ in range(2)
    ]  # fmt: skip
    session.add_all(events)
    session.flush()
    state = chance.choice(("new", "confirmed", "confirmed", "notified", "false_alarm", "closed"))
    session.add(
        tables.Incident(
            incident_id=incident_id, camera_id=camera_id, kind="fire", severity=1, state=state, last_alarm_at=NOW,
            opened_at=NOW - timedelta(seconds=chance.choice((0, 900))), known_at=NOW, alarm_count=2, version=1,
            decided_at=None if state == "new" else NOW - timedelta(seconds=chance.choice((10, 400))),
            first_event_id=events[0].event_id, latest_event_id=events[1].event_id,
        )
    )  # fmt: skip
    session.flush()
    for event in events:
        alarm = {"alarm_id": uuid.uuid4(), "raised_at": NOW, "created_at": NOW}
        session.add(tables.Alarm(event_id=event.event_id, incident_id=incident_id, **alarm))
    if chance.random() < 0.8:
        session.add(
            sharing_tables.IncidentShare(
                incident_id=incident_id, agency_id="fire-119", how=chance.choice(("confirmed", "opened", "auto")),
                media=chance.choice(("none", "masked_still", "still", "still_and_live")), purpose="emergency_response",
                legal_basis="18-2-3", shared_at=NOW, withdrawn_at=chance.choice((None, None, None, NOW)),
            )
        )  # fmt: skip
    for _ in range(chance.randrange(3)):
        _grant(session, camera_id, incident_id, chance)
    for event in events:
        for _ in range(FILES // 2):
            form, masking = chance.choice(FORMS[:-1])
            _file(session, site, camera_id, chance.randrange(0, 1500), form, masking, event_id=event.event_id)


def _grant(session: Session, camera_id: str, incident_id: UUID, chance: random.Random) -> None:
    starts = NOW - timedelta(seconds=chance.choice((0, 300, 300, 1300)))
    covers = NOW - timedelta(seconds=2000) if chance.random() < 0.5 else None
    grant = grants.Grant(
        uuid.uuid4(), "fire-119", chance.choice((None, None, FIRE.operator_id, UUID(int=9))), frozenset({camera_id}),
        frozenset({"ViewStill", "ViewRecorded"}), chance.choice(("emergency_response",) * 3 + ("crime_response",)), "18-2-3", incident_id, None,
        starts, starts + timedelta(minutes=20), lookback_s=chance.choice((0, 600, 1200)), covers_from=covers,
        covers_until=covers + timedelta(seconds=900) if covers else None, mask_level=chance.choice(("none",) * 4 + ("whole",)),
        revoked_at=chance.choice((None,) * 5 + (NOW,)),
    )  # fmt: skip
    grant_rows.issue(session, grant, ledger.HUB, NOW)


def _recording(session: Session, site: hub_site.Site) -> None:
    """Put in what 119 asked the agent for, and what somebody else did."""
    for viewer in (FIRE, viewing.viewer()):
        request = tables.RecordingRequest(
            request_id=uuid.uuid4(), camera_id="gate", agent_id=site.agent_id, starts_at=NOW, ends_at=NOW, why="fire",
            requested_by=viewer.operator_id, requested_by_name=viewer.name, requested_at=NOW, state="ready", changed_at=NOW,
        )  # fmt: skip
        session.add(request)
        session.flush()
        _file(session, site, "gate", 100, *FORMS[-1], request_id=request.request_id)


def _file(
    session: Session, site: hub_site.Site, camera_id: str, age_s: int, form: str, masking: str | None, **of: Any
) -> None:
    at = NOW - timedelta(seconds=age_s)
    session.add(
        tables.Media(
            media_id=uuid.uuid4(), agent_id=site.agent_id, camera_id=camera_id, form=form, masking=masking, mime="video/mp4",
            length_bytes=1, sha256="0" * 64, starts_at=at, ends_at=at, received_at=NOW, signed=site.sign(messages.manifest(b"x")), **of,
        )
    )  # fmt: skip


def listed(hub: hubs.Hub, viewer: viewers.Viewer, before: str | None = None, limit: int = 500, **wanted: Any) -> Any:
    asked = {"camera_id": None, "incident_id": None} | wanted
    with hub.database.reading() as session:
        return media_lists.page(
            session, hub.access, viewer, asked["camera_id"], before, limit, NOW, asked["incident_id"]
        )


def one_by_one(hub: hubs.Hub, viewer: viewers.Viewer) -> list[UUID]:
    """Return the files that the viewer may know of and look at, each asked about by itself, the newest first."""
    permitted = []
    with hub.database.reading() as session:
        every = session.scalars(queries.visible_to(viewer, NOW).media().where(tables.Media.deleted_at.is_(None))).all()
        for row in sorted(every, key=lambda row: (row.starts_at, row.media_id), reverse=True):
            file = browsing.file(session, viewer, row.media_id)
            form: looks.Action = file.form  # type: ignore[assignment]
            subject = looks.Subject(form, file.camera_id, "", file.incident_id, file.masked, file.starts_at)
            asked = looks.asked(viewer, subject, looks.Reason("", ""))
            if viewers.is_of_district(viewer) or hub.access.decide(session, asked, NOW).decision.permitted:
                permitted.append(row.media_id)
    return permitted


def test_an_agencys_list_holds_exactly_the_files_that_are_permitted_one_by_one(hub: hubs.Hub) -> None:
    found = [one.media_id for one in listed(hub, FIRE).items]
    assert found == one_by_one(hub, FIRE)
    assert 20 < len(found) < INCIDENTS * FILES * 0.8


def test_an_agency_that_nothing_was_shared_with_is_listed_nothing(hub: hubs.Hub) -> None:
    assert listed(hub, POLICE).items == one_by_one(hub, POLICE) == []


def test_the_district_is_listed_every_file_once(hub: hubs.Hub) -> None:
    found = [one.media_id for one in listed(hub, viewing.viewer()).items]
    assert found == one_by_one(hub, viewing.viewer())
    assert len(found) == INCIDENTS * FILES + 2


def test_pages_follow_each_other_without_a_gap_or_a_repeat(hub: hubs.Hub) -> None:
    for viewer in (FIRE, viewing.viewer()):
        found, before = [], None
        while (page := listed(hub, viewer, before, 7)).next is not None:
            found += [one.media_id for one in page.items]
            before = page.next
        found += [one.media_id for one in page.items]
        assert found == one_by_one(hub, viewer)


def test_a_list_of_one_camera_or_incident_holds_its_files_only(hub: hubs.Hub) -> None:
    every = listed(hub, FIRE).items
    assert {one.starts_at.utcoffset() for one in every} == {timedelta(0)}
    for name in ("camera_id", "incident_id"):
        value = getattr(next(one for one in every if one.incident_id is not None), name)
        found = [one.media_id for one in listed(hub, FIRE, **{name: value}).items]
        assert found == [one.media_id for one in every if getattr(one, name) == value]


def test_questions_read_ahead_are_those_asked_one_by_one(hub: hubs.Hub) -> None:
    with hub.database.reading() as session:
        every = session.scalars(sa.select(tables.Incident.incident_id)).all()
        ahead = access_sources.ReadAhead(session, FIRE, every, NOW)
        stored = access_sources.Stored(session)
        for incident_id in every:
            assert ahead.case(incident_id, "fire-119") == stored.case(incident_id, "fire-119")
            assert ahead.case(incident_id, "police-112")[1] is None
        for camera_id in CAMERAS:
            assert ahead.place(camera_id) == stored.place(camera_id)
            held = [one for one in stored.grants(FIRE, camera_id) if grants.in_force(one, NOW)]
            assert {one.grant_id for one in ahead.grants(FIRE, camera_id)} >= {one.grant_id for one in held}
