"""Requests for video: held at once, decided by another, given as a grant of just what was asked for, on record."""

import dataclasses
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa

from sharing_hub import errors
from sharing_hub import hub as hubs
from sharing_hub.domain import viewers
from sharing_hub.services import grants, ingest, recordings, video_requests
from sharing_hub.store import ledger_tables, request_tables, tables
from sharing_hub.wire import v1
from tests.support import hub_site, messages, viewing

POLICE = viewing.viewer("partner", "Han", "police-112")
FIRE = viewing.viewer("partner", "Oh", "fire-119")
LEE = viewing.viewer("leader", "Lee")
NOW = messages.after(600)
SPAN = (messages.after(0), messages.after(60))


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[hubs.Hub]:
    with hub_site.opened(tmp_path) as hub:
        site = hub_site.enrol(hub)
        with hub.database.writing() as session:
            delivery = ingest.Delivery(site.agent_id, v1.EventBatch(reports=(messages.report(),)), hub.clock())
            ingest.Ingest(hub.rules, hub.counters).store(session, [delivery])
        yield hub


def wanted(hub: hubs.Hub, **changes: object) -> video_requests.Wanted:
    with hub.database.reading() as session:
        camera_id = session.scalars(sa.select(tables.Camera.camera_id)).first()
    asked = video_requests.Wanted(
        "agency", (str(camera_id),), SPAN, "crime_response", "18-2-7", "assault", "2026-1182", export_mode="masked"
    )
    return dataclasses.replace(asked, **changes)  # type: ignore[arg-type]


def ask(hub: hubs.Hub, viewer: viewers.Viewer = POLICE, **changes: object) -> request_tables.VideoRequest:
    asked = wanted(hub, **changes)
    with hub.database.writing() as session:
        row = video_requests.ask(session, viewer, asked, NOW)
        session.expunge(row)
        return row


def decide(hub: hubs.Hub, row: request_tables.VideoRequest, viewer: viewers.Viewer = LEE, **changes: object) -> str:
    with hub.database.writing() as session:
        terms = {"approve": True, "why": "the letter is in order", "now": NOW, **changes}
        return video_requests.decide(session, viewer, row.request_id, **terms).state  # type: ignore[arg-type]


def held(hub: hubs.Hub, agency_id: str = "police-112") -> list[object]:
    with hub.database.reading() as session:
        return list(grants.held(session, agency_id, None, NOW))


def test_asking_gives_nothing_but_asks_the_agent_at_once(hub: hubs.Hub) -> None:
    row = ask(hub)
    assert held(hub) == []
    with hub.database.reading() as session:
        ((part, recording),) = video_requests.recordings_of(session, row.request_id)
        assert (recording.state, recording.starts_at, part.held) == ("requested", SPAN[0], False)
        assert recordings.pending(session, recording.agent_id)[0].request_id == recording.request_id


def test_an_approval_gives_a_grant_of_just_these_cameras_and_this_span(hub: hubs.Hub) -> None:
    row = ask(hub)
    assert decide(hub, row) == "approved"
    (grant,) = held(hub)
    assert grant.camera_ids == frozenset(row.camera_ids)  # type: ignore[attr-defined]
    assert (grant.covers_from, grant.covers_until) == SPAN  # type: ignore[attr-defined]
    assert grant.actions == {"ViewRecorded", "Export"}  # type: ignore[attr-defined]
    assert grant.letter == "2026-1182"  # type: ignore[attr-defined]
    assert (grant.requested_by, grant.approved_by) == (POLICE.operator_id, LEE.operator_id)  # type: ignore[attr-defined]
    assert held(hub, "fire-119") == []


def test_a_refused_request_gives_nothing_and_is_decided_once(hub: hubs.Hub) -> None:
    row = ask(hub)
    assert decide(hub, row, approve=False) == "refused"
    assert held(hub) == []
    with pytest.raises(errors.Conflict, match="refused"):
        decide(hub, row)


def test_who_asked_does_not_decide_whatever_the_role(hub: hubs.Hub) -> None:
    row = ask(hub, LEE, kind="internal", letter=None, legal_basis="25-1")
    with pytest.raises(errors.Refused, match="somebody else"):
        decide(hub, row, LEE)
    assert decide(hub, row, viewing.viewer("privacy_officer", "Kim")) == "approved"


@pytest.mark.parametrize("role", ["operator", "auditor", "desk", "vendor", "nonsense"])
def test_only_leaders_privacy_officers_and_administrators_decide(hub: hubs.Hub, role: str) -> None:
    row = ask(hub)
    with pytest.raises((errors.Refused, errors.NotFound)):
        decide(hub, row, viewing.viewer(role, "Park"))
    assert held(hub) == []


def test_an_agency_sees_and_decides_nothing_of_another_agencys_request(hub: hubs.Hub) -> None:
    row = ask(hub)
    with hub.database.reading() as session:
        assert video_requests.visible(session, FIRE) == []
        assert len(video_requests.visible(session, POLICE)) == len(video_requests.visible(session, LEE)) == 1
        with pytest.raises(errors.NotFound):
            video_requests.seen_by(session, FIRE, row.request_id)
    with pytest.raises(errors.NotFound):
        decide(hub, row, viewing.viewer("leader", "Fire chief", "fire-119"))
    with hub.database.writing() as session, pytest.raises(errors.NotFound):
        video_requests.withdraw(session, FIRE, row.request_id, NOW)


def test_a_withdrawn_requests_grant_ends(hub: hubs.Hub) -> None:
    row = ask(hub)
    decide(hub, row)
    with hub.database.writing() as session:
        video_requests.withdraw(session, POLICE, row.request_id, NOW)
    assert held(hub) == []


def test_a_decision_masks_more_but_never_less_than_the_purpose_needs(hub: hubs.Hub) -> None:
    row = ask(hub, mask_level="faces_and_plates")
    decide(hub, row, mask_level="whole")
    assert held(hub)[0].mask_level == "whole"  # type: ignore[attr-defined]
    with pytest.raises(errors.Unprocessable, match="people_and_plates"):
        ask(hub, LEE, kind="internal", purpose="training", legal_basis="18-2-1", letter=None, mask_level="none")


def test_a_citizens_request_is_due_in_ten_days_and_names_no_person(hub: hubs.Hub) -> None:
    desk = viewing.viewer("desk", "Desk")
    terms = {"kind": "citizen", "purpose": "citizen_copy", "legal_basis": "35", "letter": None}
    row = ask(hub, desk, reference="2026-열람-17", **terms)
    assert row.due_at == NOW + timedelta(days=10)
    with pytest.raises(errors.Unprocessable, match="reference"):
        ask(hub, desk, **terms)
    with pytest.raises(errors.Refused):
        ask(hub, POLICE, reference="x", **terms)


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"camera_ids": ("nowhere",)}, errors.NotFound),
        ({"camera_ids": ()}, errors.Unprocessable),
        ({"camera_ids": ("a", "a")}, errors.Unprocessable),
        ({"camera_ids": tuple(f"c{i}" for i in range(21))}, errors.Unprocessable),
        ({"why": "  "}, errors.Unprocessable),
        ({"letter": None}, errors.Unprocessable),
        ({"kind": "internal"}, errors.Refused),
    ],
)
def test_what_makes_no_sense_is_refused_and_leaves_nothing(
    hub: hubs.Hub, changes: dict[str, object], kind: type[errors.HubError]
) -> None:
    with pytest.raises(kind):
        ask(hub, **changes)  # type: ignore[arg-type]
    with hub.database.reading() as session:
        assert session.scalars(sa.select(request_tables.VideoRequest)).all() == []


def test_every_step_is_on_record_with_purpose_basis_and_letter(hub: hubs.Hub) -> None:
    row = ask(hub)
    decide(hub, row)
    with hub.database.reading() as session:
        table = ledger_tables.Entry
        found = session.execute(sa.select(table.action, table.body).order_by(table.index)).all()
    told = [(action, body) for action, body in found if action.startswith(("request.", "grant.", "recording."))]
    assert [action for action, _ in told] == [
        "request.asked",
        "recording.requested",
        "grant.issued",
        "request.approved",
    ]
    assert all(
        "2026-1182" in body and '"legal_basis":"18-2-7"' in body
        for action, body in told
        if action != "recording.requested"
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"purpose": "press", "legal_basis": "18-2-1", "export_mode": "original"}, "masked copy"),
        ({"purpose": "training", "legal_basis": "18-2-1", "mask_level": "faces_and_plates"}, "at least"),
        ({"legal_basis": "35"}, "own request"),
        ({"mask_level": "none"}, "needs a mask level"),
        ({"incident_id": UUID(int=77)}, "no incident"),
    ],
)
def test_what_must_be_masked_is_not_asked_for_clear(hub: hubs.Hub, changes: dict[str, object], said: str) -> None:
    with pytest.raises((errors.Unprocessable, errors.NotFound), match=said):
        ask(hub, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("changes", [{"export_mode": "original"}, {"mask_level": "none"}, {"legal_basis": "25-1"}])
def test_a_persons_own_copy_is_masked_whatever_purpose_it_names(hub: hubs.Hub, changes: dict[str, object]) -> None:
    terms = {"kind": "citizen", "purpose": "crime_response", "legal_basis": "35", "letter": None, "reference": "7"}
    with pytest.raises(errors.Unprocessable):
        ask(hub, viewing.viewer("desk", "Yoon"), **terms | changes)


def test_an_approval_masks_no_less_than_was_asked_for(hub: hubs.Hub) -> None:
    row = ask(hub, mask_level="people_and_plates")
    with pytest.raises(errors.Unprocessable, match="no less"):
        decide(hub, row, mask_level="faces_and_plates")
    assert decide(hub, row, mask_level="whole") == "approved"


def test_an_agency_asks_for_nothing_of_another_agencys_incident(hub: hubs.Hub) -> None:
    with hub.database.reading() as session:
        incident_id = session.scalars(sa.select(tables.Incident.incident_id)).one()
    with pytest.raises(errors.NotFound):
        ask(hub, incident_id=incident_id)
    assert ask(hub, LEE, kind="internal", letter=None, legal_basis="25-1", incident_id=incident_id)
