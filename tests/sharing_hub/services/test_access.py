"""Facts are gathered from the store, and what is not known permits least."""

import dataclasses
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from sharing_hub import errors
from sharing_hub import hub as hubs
from sharing_hub.domain import default_district, district, grants, ledger, viewers
from sharing_hub.services import access, book, break_glass, browsing, looks
from sharing_hub.services import grants as grant_rows
from sharing_hub.store import sharing_tables, tables
from tests.support import hub_site, messages, sharing, viewing

FIRE = viewing.viewer("partner", "119", "fire-119")
POLICE = viewing.viewer("partner", "112", "police-112")
NOW = messages.NOON


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[hubs.Hub]:
    with hub_site.opened(tmp_path, access={}) as hub:
        sharing.fire_at_the_gate(hub)
        yield hub


def decide(
    hub: hubs.Hub, viewer: viewers.Viewer, action: Any = "ViewLive", camera: str = "gate", **asked: Any
) -> access.Decided:
    with hub.database.reading() as session:
        return hub.access.decide(session, access.Asked(viewer, action, camera, **asked), hub.clock())


def rules(decided: access.Decided) -> tuple[str, ...]:
    return decided.decision.rule_ids


def test_an_operator_looks_for_what_the_book_says_of_the_incidents_kind(hub: hubs.Hub) -> None:
    decided = decide(hub, viewing.viewer(), incident_id=sharing.incident(hub))
    about = decided.question.circumstances
    assert (about.purpose, about.legal_basis, about.incident_kind) == ("facility_safety", "25-1", "fire")
    assert rules(decided) == ("control-room-looks-at-incidents",)
    assert decide(hub, viewing.viewer()).question.circumstances.purpose == "crime_response"


def test_a_purpose_that_is_named_is_taken_and_one_without_a_basis_of_its_own_needs_one(hub: hubs.Hub) -> None:
    assert rules(decide(hub, viewing.viewer(), purpose="statistics")) == (
        "case-needed",
        "legal-basis-needed",
        "mask-needed",
    )
    named = decide(hub, viewing.viewer(), purpose="system_operation")
    assert (named.decision.permitted, named.question.circumstances.legal_basis) == (True, "25-1")


def test_an_agency_leans_on_its_grant_and_takes_its_incident_and_terms(hub: hubs.Hub) -> None:
    grant = sharing.shared_and_granted(hub, "fire-119")
    decided = decide(hub, FIRE)
    about = decided.question.circumstances
    assert rules(decided) == ("agency-looks-by-grant",)
    assert (about.incident_id, about.purpose, about.grant) == (grant.incident_id, grant.purpose, grant)
    assert rules(decide(hub, POLICE)) == (
        "case-needed",
        "legal-basis-needed",
        "live-while-open",
        "purpose-needed",
        "too-far",
    )


def test_the_distance_is_measured_on_the_ground(hub: hubs.Hub) -> None:
    sharing.shared_and_granted(hub, "fire-119", cameras=("gate", "near", "far", "nowhere"))
    assert decide(hub, FIRE, camera="near").decision.permitted
    near = decide(hub, FIRE, camera="near").question.circumstances.distance_m
    assert near == pytest.approx(333.6, abs=1)
    for camera in ("far", "nowhere"):
        assert rules(decide(hub, FIRE, camera=camera)) == ("too-far",)


def test_a_grant_that_ended_or_was_revoked_says_so(hub: hubs.Hub) -> None:
    grant = sharing.shared_and_granted(hub, "fire-119")
    with hub.database.writing() as session:
        grant_rows.revoke(session, grant.grant_id, ledger.HUB, "a wrong share", NOW)
    assert rules(decide(hub, FIRE)) == ("grant-over",)


def test_a_closed_incident_ends_live_views_after_the_time_of_the_book_and_a_false_alarm_at_once(hub: hubs.Hub) -> None:
    sharing.shared_and_granted(hub, "fire-119")
    set_state(hub, "closed")
    assert decide(hub, FIRE).decision.permitted
    assert isinstance(hub.clock, hub_site.Clock)
    hub.clock.pass_s(299)
    assert decide(hub, FIRE).decision.permitted
    hub.clock.pass_s(1)
    assert rules(decide(hub, FIRE)) == ("live-while-open",)
    set_state(hub, "false_alarm")
    assert rules(decide(hub, FIRE)) == ("before-confirmation",)


def set_state(hub: hubs.Hub, state: str) -> None:
    with hub.database.writing() as session:
        session.execute(sa.update(tables.Incident).values(state=state, decided_at=hub.clock()))


def test_an_approved_request_stands_for_itself_though_the_picture_is_of_another_agencys_incident(hub: hubs.Hub) -> None:
    asked_at = NOW - timedelta(days=1)
    sharing.give(
        hub, "police-112", actions=frozenset({"ViewRecorded"}), purpose="crime_response", legal_basis="18-2-7",
        incident_id=None, request_id=uuid4(), letter="112-77", requested_by=POLICE.operator_id, approved_by=UUID(int=5),
        covers_from=asked_at, covers_until=asked_at + timedelta(hours=1),
    )  # fmt: skip
    recorded: dict[str, Any] = {"recorded_at": asked_at + timedelta(minutes=5), "incident_id": sharing.incident(hub)}
    assert rules(decide(hub, POLICE, "ViewRecorded", **recorded)) == ("agency-looks-by-grant",)
    assert not decide(hub, POLICE, "ViewRecorded", recorded_at=asked_at - timedelta(minutes=5)).decision.permitted


def test_a_book_that_comes_into_force_decides_the_next_question(hub: hubs.Hub) -> None:
    admin, officer = viewing.viewer("admin", "choi"), viewing.viewer("privacy_officer", "han")
    closed = dataclasses.replace(
        default_district.make(), cameras=(district.CameraFacts("gate", purposes=("traffic_information",)),)
    )
    before = decide(hub, viewing.viewer())
    with hub.database.writing() as session:
        version = book.propose(session, admin, closed, 1, "the gate is a traffic camera", NOW)
        assert decide(hub, viewing.viewer()).decision == before.decision
        book.decide(session, officer, version, True, NOW)
    after = decide(hub, viewing.viewer())
    assert rules(after) == ("purpose-beyond-camera",)
    assert (before.decision.policy_version[-2:], after.decision.policy_version[-2:]) == ("/1", "/2")


def test_the_book_asks_for_a_second_factor_unless_the_settings_let_it_go(hub: hubs.Hub, tmp_path: Path) -> None:
    alone = dataclasses.replace(viewing.viewer(), second_factor=False, trained=False)
    assert rules(decide(hub, alone)) == ("second-factor-needed", "training-needed")
    with hub_site.opened(tmp_path / "other") as other:
        assert decide(other, alone).decision.permitted


def test_a_looks_row_and_entry_say_what_for_on_what_basis_and_by_what(hub: hubs.Hub) -> None:
    grant = sharing.shared_and_granted(hub, "fire-119")
    subject = looks.Subject("live", "gate", "gate")
    looks.look(hub.database, hub.access, FIRE, subject, looks.Reason("the fire", "::1"), NOW)
    with hub.database.reading() as session:
        row = session.scalars(sa.select(tables.Look)).one()
        assert (row.agency_id, row.purpose, row.legal_basis) == ("fire-119", "emergency_response", "18-2-3")
        assert (row.grant_id, row.rule, row.incident_id) == (grant.grant_id, "agency-looks-by-grant", grant.incident_id)
        assert row.policy_version is not None and row.policy_version.endswith("/1")


def test_a_denied_look_is_answered_with_the_reasons_in_both_languages(hub: hubs.Hub) -> None:
    reason = looks.Reason("lesson", "::1", purpose="training", legal_basis="25-1")
    clip = looks.Subject("clip", "gate", "m", sharing.incident(hub), recorded_at=NOW)
    with pytest.raises(errors.Refused, match=r"가림.*masked still.*mask-needed"):
        looks.look(hub.database, hub.access, viewing.viewer(), clip, reason, NOW)


def test_nothing_is_permitted_where_the_book_cannot_be_read(hub: hubs.Hub) -> None:
    subject, reason = looks.Subject("live", "gate", "gate"), looks.Reason("patrol", "::1")
    ask = (hub.database, hub.access, viewing.viewer(), subject, reason, NOW)
    assert looks.still_permitted(*ask)
    with hub.database.writing() as session:
        session.execute(sa.text("ALTER TABLE district_versions RENAME TO lost"))
    assert not looks.still_permitted(*ask)
    with pytest.raises(errors.Refused):
        looks.look(*ask)


def test_an_incident_that_was_made_up_is_denied_and_no_case_to_look_by(hub: hubs.Hub) -> None:
    assert rules(decide(hub, viewing.viewer(), incident_id=uuid4())) == ("incident-unknown",)
    assert rules(decide(hub, viewing.viewer(), "ViewRecorded", recorded_at=NOW, incident_id=uuid4())) == (
        "incident-unknown",
    )


def test_an_agency_is_told_of_anothers_incident_what_it_is_told_of_none(hub: hubs.Hub) -> None:
    sharing.shared_and_granted(hub, "police-112")
    for action in ("ViewLive", "ViewStill", "ViewRecorded"):
        asked: dict[str, Any] = {"action": action, "recorded_at": None if action == "ViewLive" else NOW}
        anothers = decide(hub, FIRE, incident_id=sharing.incident(hub), **asked)
        none = decide(hub, FIRE, incident_id=uuid4(), **asked)
        assert rules(anothers) == rules(none)
        assert "another-agencys-case" in rules(none)


def test_a_grant_by_hand_that_names_nobody_as_approver_opens_no_sensitive_camera(hub: hubs.Hub) -> None:
    school = dataclasses.replace(default_district.make(), cameras=(district.CameraFacts("gate", sensitivity="school"),))
    with hub.database.writing() as session:
        version = book.propose(session, viewing.viewer("admin", "choi"), school, 1, "a school", NOW)
        book.decide(session, viewing.viewer("privacy_officer", "han"), version, True, NOW)
    sharing.shared_and_granted(hub, "fire-119")
    assert rules(decide(hub, FIRE)) == ("sensitive-needs-approval",)


def test_the_grant_type_and_its_row_hold_the_same(hub: hubs.Hub) -> None:
    given = sharing.shared_and_granted(hub, "fire-119")
    with hub.database.reading() as session:
        assert grant_rows.find(session, given.grant_id) == given
        assert isinstance(given, grants.Grant)


def test_an_incidents_grant_stands_where_an_approved_requests_stretch_does_not_reach(hub: hubs.Hub) -> None:
    given = sharing.shared_and_granted(hub, "fire-119")
    yesterday = NOW - timedelta(days=1)
    sharing.give(
        hub, "fire-119", actions=frozenset({"ViewRecorded"}), incident_id=None, request_id=uuid4(),
        requested_by=FIRE.operator_id, approved_by=UUID(int=5), covers_from=yesterday,
        covers_until=yesterday + timedelta(hours=1),
    )  # fmt: skip
    recent = decide(hub, FIRE, "ViewRecorded", recorded_at=NOW - timedelta(minutes=1))
    assert (recent.decision.permitted, recent.question.circumstances.grant) == (True, given)
    assert decide(hub, FIRE, "ViewRecorded", recorded_at=yesterday).decision.permitted


def test_glass_broken_before_there_is_an_incident_opens_its_cameras_to_that_person(hub: hubs.Hub) -> None:
    emergency = break_glass.Emergency(("near",), "life", "somebody is lying on the road", *sharing.GATE)
    with hub.database.writing() as session:
        break_glass.smash(session, FIRE, emergency, NOW)
    assert rules(decide(hub, FIRE, camera="near")) == ("agency-looks-by-grant",)
    assert not decide(hub, FIRE, camera="gate").decision.permitted
    colleague = viewing.viewer("partner", "another", "fire-119")
    assert not decide(hub, colleague, camera="near").decision.permitted
    assert isinstance(hub.clock, hub_site.Clock)
    hub.clock.pass_s(1200)
    assert "grant-over" in rules(decide(hub, FIRE, camera="near"))


def test_glass_that_an_operator_broke_opens_a_camera_beyond_its_purpose_to_that_operator_for_a_while(
    hub: hubs.Hub,
) -> None:
    kim, lee = viewing.viewer(), viewing.viewer(name="lee")
    traffic = district.CameraFacts("near", purposes=("traffic_information",))
    with hub.database.writing() as session:
        row = session.get_one(sharing_tables.DistrictVersion, 1)
        row.book = dataclasses.replace(row.book, cameras=(traffic,))
    before: dict[str, Any] = {"camera": "near"}
    assert rules(decide(hub, kim, **before)) == ("purpose-beyond-camera",)
    emergency = break_glass.Emergency(("near",), "life", "somebody is lying on the road", *sharing.GATE)
    with hub.database.writing() as session:
        given = break_glass.smash(session, kim, emergency, NOW)
    looked = decide(hub, kim, **before)
    assert (rules(looked), looked.question.circumstances.grant) == (("control-room-looks-by-broken-glass",), given)
    assert decide(hub, kim, "ViewRecorded", recorded_at=NOW - timedelta(minutes=30), **before).decision.permitted
    assert not decide(hub, kim, "ViewRecorded", recorded_at=NOW - timedelta(minutes=31), **before).decision.permitted
    assert not decide(hub, lee, **before).decision.permitted
    at_the_fire = decide(hub, kim, incident_id=sharing.incident(hub))
    assert rules(at_the_fire) == ("control-room-looks-at-incidents",)
    assert isinstance(hub.clock, hub_site.Clock)
    hub.clock.pass_s(1200)
    assert rules(decide(hub, kim, **before)) == ("purpose-beyond-camera",)


def test_the_request_desk_exports_by_the_approved_request_that_it_names(hub: hubs.Hub) -> None:
    request_id, desk = uuid4(), viewing.viewer("desk", "yoon")
    sharing.give(
        hub, "district", actions=frozenset({"ViewRecorded", "Export"}), purpose="citizen_copy", legal_basis="35",
        incident_id=None, request_id=request_id, requested_by=desk.operator_id, approved_by=UUID(int=5),
        covers_from=NOW - timedelta(hours=1), covers_until=NOW, mask_level="people_and_plates", export_mode="masked",
    )  # fmt: skip
    recorded: dict[str, Any] = {"recorded_at": NOW - timedelta(minutes=30), "download": True}
    assert rules(decide(hub, desk, "Export", request_id=request_id, **recorded)) == ("mask-needed",)
    recorded["masked"] = "people_and_plates"
    exported = decide(hub, desk, "Export", request_id=request_id, **recorded)
    assert rules(exported) == ("district-exports",)
    assert exported.decision.mask_level == "people_and_plates"
    assert not decide(hub, desk, "Export", request_id=uuid4(), **recorded).decision.permitted


def test_the_owner_of_a_camera_finds_it_and_watches_it_for_an_incident_shared_with_it(hub: hubs.Hub) -> None:
    owner, other = viewing.viewer("partner", "guard", "facility"), viewing.viewer("partner", "119", "fire-119")
    owned = dataclasses.replace(default_district.make(), cameras=(district.CameraFacts("gate", owner="facility"),))
    with hub.database.writing() as session:
        version = book.propose(session, viewing.viewer("admin", "choi"), owned, 1, "the museum's own camera", NOW)
        book.decide(session, viewing.viewer("privacy_officer", "han"), version, True, NOW)
    with hub.database.reading() as session:
        assert [one.camera_id for one in browsing.cameras(session, owner, NOW)] == ["gate"]
        assert browsing.camera(session, owner, "gate", NOW).camera_id == "gate"
        assert browsing.cameras(session, other, NOW) == []
    sharing.share(hub, "facility", "masked_still")
    incident_id = sharing.incident(hub)
    assert rules(decide(hub, owner, incident_id=incident_id)) == ("owner-looks-at-own-cameras",)
    assert not decide(hub, owner).decision.permitted, "not without a case"
    assert not decide(hub, owner, camera="near", incident_id=incident_id).decision.permitted


def test_glass_broken_for_an_incident_that_began_long_ago_reaches_back_from_now(hub: hubs.Hub) -> None:
    sharing.share(hub, "fire-119")
    incident_id = sharing.incident(hub)
    with hub.database.writing() as session:
        session.execute(sa.update(tables.Incident).values(opened_at=NOW - timedelta(hours=9), state="acknowledged"))
        emergency = break_glass.Emergency(("gate",), "life", "somebody is in there", *sharing.GATE, incident_id)
        break_glass.smash(session, FIRE, emergency, NOW)
    asked: dict[str, Any] = {"action": "ViewRecorded", "incident_id": incident_id}
    assert decide(hub, FIRE, **asked, recorded_at=NOW - timedelta(minutes=30)).decision.permitted
    assert not decide(hub, FIRE, **asked, recorded_at=NOW - timedelta(minutes=31)).decision.permitted
