"""Beside the table: leases, escalation, floods, putting aside, merging, hand-over; and what the matrix tells whom. All on record."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa

from sharing_hub import errors, worker
from sharing_hub import hub as hubs
from sharing_hub.domain import district, viewers
from sharing_hub.services import check, escalation, grants, handover, incidents, leases, merging, occurrences, shelving
from sharing_hub.store import sharing_tables, tables
from tests.support import district_map, hub_site, messages, viewing

KIM, LEE = viewing.viewer(name="kim"), viewing.viewer(name="lee")
LEADER = viewing.viewer("leader", "park")
CAMERAS = (
    district_map.Placed("gate", 0, 0), district_map.Placed("yard", 80, 0), district_map.Placed("street", 160, 0),
    district_map.Placed("clinic", 20, 0, district.CameraFacts("clinic", sensitivity="clinic")),
    *(district_map.Placed(f"lot-{number}", 0, 300 + 110 * number) for number in range(14)),
)  # fmt: skip


@dataclass
class Room:
    """A hub whose clock moves when told to, and one agent."""

    hub: hubs.Hub
    agent_id: UUID

    @property
    def clock(self) -> hub_site.Clock:
        """The clock that stands still."""
        assert isinstance(self.hub.clock, hub_site.Clock)
        return self.hub.clock

    def raise_alarm(self, camera_id: str, kind: str = "fire", after_s: float = 0.0) -> None:
        """Let a camera's agent report an event."""
        district_map.report(self.hub, self.agent_id, district_map.event(camera_id, kind, after_s))

    def incidents(self) -> list[tables.Incident]:
        """Return every incident in order of its alarm's time."""
        with self.hub.database.reading() as session:
            return list(session.scalars(sa.select(tables.Incident).order_by(tables.Incident.opened_at)))

    def the_id(self) -> UUID:
        """Return the only incident's id."""
        [row] = self.incidents()
        return row.incident_id

    def changes(self) -> list[tuple[str, str, str | None]]:
        """Return every step on record: what, who, why."""
        with self.hub.database.reading() as session:
            rows = session.scalars(sa.select(tables.IncidentHistory).order_by(tables.IncidentHistory.entry_id))
            return [(row.change, row.operator_name, row.reason) for row in rows]

    def shares(self) -> dict[str, tuple[str, str]]:
        """Return who knows of an incident now, how, and with which media."""
        with self.hub.database.reading() as session:
            table = sharing_tables.IncidentShare
            rows = session.scalars(sa.select(table).where(table.withdrawn_at.is_(None)))
            return {row.agency_id: (row.how, row.media) for row in rows}

    def watched(self, agency_id: str) -> set[str]:
        """Return the cameras that an agency may open now."""
        with self.hub.database.reading() as session:
            held = grants.held(session, agency_id, None, self.hub.clock())
            return set().union(*(one.camera_ids for one in held))


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with hub_site.opened(tmp_path) as hub:
        agent_id = hub_site.enrol(hub).agent_id
        district_map.furnish(hub, agent_id, CAMERAS)
        yield Room(hub, agent_id)
        with hub.database.reading() as session:  # whatever a test did, the record is whole and the counts are true
            assert [str(one) for one in check.findings(session, hub.blobs, hub.ledger_key.public)] == []


def test_two_operators_do_not_work_on_one_incident_and_a_take_over_is_on_record(room: Room) -> None:
    room.raise_alarm("gate")
    incident_id = room.the_id()
    with room.hub.database.writing() as session:
        incidents.acknowledge(session, incident_id, KIM, room.clock())
        with pytest.raises(errors.IncidentConflict, match="kim works on it"):
            incidents.confirm(session, incident_id, LEE, "", room.clock())
        with pytest.raises(errors.IncidentConflict, match="kim works on it"):
            leases.take(session, incident_id, LEE, False, room.clock())
        leases.take(session, incident_id, LEE, True, room.clock())
        with pytest.raises(errors.IncidentConflict, match="lee"):
            incidents.confirm(session, incident_id, KIM, "", room.clock())
    room.clock.pass_s(121)  # lee went away
    with room.hub.database.writing() as session:
        leases.take(session, incident_id, KIM, False, room.clock())
        leases.take(session, incident_id, KIM, False, room.clock())  # lets it last: no step
        leases.release(session, incident_id, KIM, room.clock())
        incidents.mark_false(session, incident_id, LEE, "light", "", room.clock())
    assert [one[:2] for one in room.changes()] == [
        ("acknowledge", "kim"), ("take_over", "lee"), ("take", "kim"), ("release", "kim"), ("mark_false", "lee"),
    ]  # fmt: skip
    assert room.incidents()[0].lease_holder is None


def test_what_nobody_acknowledges_goes_to_the_leader_and_then_to_the_police_once_each(room: Room) -> None:
    room.raise_alarm("gate")
    room.raise_alarm("lot-9", "intrusion", 1)  # severity 2 waits
    for seconds, levels in ((29, 0), (1, 1), (29, 1), (1, 2), (600, 2)):
        room.clock.pass_s(seconds)
        worker.escalate(room.hub)
        worker.escalate(room.hub)
        assert room.incidents()[0].escalation_level == levels
    assert room.changes() == [("escalate", "hub", "shift leader"), ("escalate", "hub", "posted police")]
    assert room.shares()["police-112"] == ("escalated", "none")  # the matrix gives it a copy without a picture
    with room.hub.database.writing() as session:
        incidents.confirm(session, room.incidents()[0].incident_id, KIM, "", room.clock())
    assert room.shares()["police-112"] == ("copy", "none")


def test_an_operator_calls_leader_and_police_sooner_whoever_works_on_it_and_for_a_reason(room: Room) -> None:
    room.raise_alarm("lot-9", "intrusion")
    incident_id = room.the_id()
    with room.hub.database.writing() as session:
        leases.take(session, incident_id, LEE, False, room.clock())
        with pytest.raises(errors.Unprocessable, match="why"):
            escalation.by_hand(session, incident_id, KIM, " ", room.clock())
        for level in (1, 2):
            assert escalation.by_hand(session, incident_id, KIM, "칼을 들었다", room.clock()).escalation_level == level
        with pytest.raises(errors.IncidentConflict, match="already"):
            escalation.by_hand(session, incident_id, KIM, "칼을 들었다", room.clock())
    assert room.changes()[1:] == [("escalate", "kim", "shift leader"), ("escalate", "kim", "posted police")]
    assert room.shares()["police-112"] == ("escalated", "masked_still")
    assert room.incidents()[0].lease_holder == "lee"


def test_a_hub_that_was_away_takes_both_steps_at_its_next_run_and_an_acknowledged_one_none(room: Room) -> None:
    room.raise_alarm("gate", "fight")
    room.raise_alarm("lot-9", "fall")
    with room.hub.database.writing() as session:
        incidents.acknowledge(session, room.incidents()[1].incident_id, KIM, room.clock())
    before = [row.escalation_level for row in room.incidents()]
    room.clock.pass_s(3600)
    with room.hub.database.writing() as session:
        assert escalation.escalate(session, room.clock()) == 2
    assert before == [0, 0] and sum(row.escalation_level for row in room.incidents()) == 2


def test_confirming_tells_whom_the_matrix_names_opens_the_nearest_and_reopening_takes_it_back(room: Room) -> None:
    room.raise_alarm("gate")
    assert room.shares() == {}
    with room.hub.database.writing() as session:
        incidents.confirm(session, room.the_id(), KIM, "", room.clock())
    assert room.shares() == {
        "disaster-room": ("copy", "none"), "fire-119": ("confirmed", "still_and_live"), "police-112": ("copy", "none"),
    }  # fmt: skip
    assert room.watched("fire-119") == {"gate", "yard", "street", "lot-0", "lot-1"}  # five, and never the clinic
    assert room.watched("police-112") == set()
    with room.hub.database.writing() as session:
        incidents.reopen(session, room.the_id(), KIM, room.clock())
    assert room.shares() == {} and room.watched("fire-119") == set()
    with room.hub.database.writing() as session:
        incidents.confirm(session, room.the_id(), KIM, "", room.clock())
        incidents.notified(session, room.the_id(), "fire-119", room.clock())
        incidents.notified(session, room.the_id(), "police-112", room.clock())
    assert room.incidents()[0].state == "notified" and room.watched("fire-119")
    with room.hub.database.writing() as session:
        incidents.resolve(session, room.the_id(), KIM, "", room.clock())
        with pytest.raises(errors.Unprocessable, match="handled"):
            incidents.close(session, room.the_id(), KIM, "vanished", "", room.clock())
        incidents.close(session, room.the_id(), KIM, "handled", "", room.clock())
    room.clock.pass_s(301)
    assert room.watched("fire-119") == set()
    with room.hub.database.reading() as session:
        notices = sharing_tables.Notice
        told = session.scalars(sa.select(notices.occasion).where(notices.agency_id == "fire-119")).all()
    assert sorted(told) == ["cancel", "opened", "opened", "update", "update"]


def test_an_alarm_that_the_matrix_sends_at_once_is_shared_with_it_and_opens_nothing(room: Room) -> None:
    room.raise_alarm("gate", "intrusion")
    room.raise_alarm("gate", "intrusion", 5)
    assert room.shares() == {"facility": ("auto", "still")}
    assert room.watched("facility") == set()
    with room.hub.database.writing() as session:
        incidents.mark_false(session, room.the_id(), KIM, "animal", "", room.clock())
    with room.hub.database.reading() as session:
        assert session.scalars(sa.select(sharing_tables.Notice.occasion)).all() == ["opened", "cancel"]


def test_events_are_kept_though_nothing_can_be_put_on_record_and_nobody_is_told(tmp_path: Path) -> None:
    with hub_site.opened(tmp_path) as hub:
        agent_id = hub_site.enrol(hub).agent_id
        with hub.database.writing() as session:
            session.execute(sa.text("DROP TRIGGER ledger_nodes_no_delete"))
            session.execute(sa.text("DELETE FROM ledger_nodes WHERE node = 0"))
            session.execute(sa.text("DROP TRIGGER ledger_entries_no_delete"))
            session.execute(sa.text("DELETE FROM ledger_entries WHERE entry_index > 2"))
        district_map.report(hub, agent_id, district_map.event("gate", "intrusion"))
        with hub.database.reading() as session:
            assert session.scalar(sa.select(sa.func.count()).select_from(tables.Incident)) == 1
            assert session.scalar(sa.select(sa.func.count()).select_from(sharing_tables.IncidentShare)) == 0
            assert session.scalar(sa.select(sa.func.count()).select_from(sharing_tables.Notice)) == 0
        assert hub.counters.totals()["incidents_not_shared", ""] == 1


def test_neighbours_fold_within_the_radius_of_the_first_camera_and_no_further(room: Room) -> None:
    room.raise_alarm("gate")
    room.raise_alarm("yard", after_s=10)  # 80 m away: the same fire
    room.raise_alarm("street", after_s=20)  # 160 m from the first, though 80 m from the second: another
    room.raise_alarm("yard", "smoke", after_s=20)  # another kind
    room.raise_alarm("yard", after_s=95)  # more than 60 s after the last
    found = [(row.camera_id, row.kind, row.alarm_count) for row in room.incidents()]
    assert found == [("gate", "fire", 2), ("street", "fire", 1), ("yard", "smoke", 1), ("yard", "fire", 1)]
    with room.hub.database.reading() as session:
        detail = occurrences.incident_detail(session, KIM, room.incidents()[0].incident_id)
    assert detail.cameras == ["gate", "yard"]


def test_a_cameras_own_health_never_folds_with_its_neighbours(room: Room) -> None:
    room.raise_alarm("gate", "blinded")
    room.raise_alarm("yard", "blinded", 1)
    assert len(room.incidents()) == 2


def test_in_a_flood_severity_3_goes_to_the_digest_and_nothing_is_lost(room: Room) -> None:
    for number in range(10):
        room.raise_alarm(f"lot-{number}", "loitering", number)
    assert not any(row.digest for row in room.incidents())
    room.raise_alarm("lot-10", "loitering", 20)
    room.raise_alarm("lot-11", "intrusion", 21)
    with room.hub.database.reading() as session:
        page = occurrences.incidents(session, KIM, "open", None, 50, room.clock())
    assert page.flood and len(page.items) == 12
    assert [one.camera_id for one in page.items if one.digest] == ["lot-10"]
    room.clock.pass_s(601)
    room.raise_alarm("lot-12", "loitering", 30)
    with room.hub.database.reading() as session:
        page = occurrences.incidents(session, KIM, "open", None, 50, room.clock())
    assert not page.flood and [one.camera_id for one in page.items if one.digest] == ["lot-10"]


def test_what_is_put_aside_comes_back_by_itself_and_severity_1_is_the_leaders(room: Room) -> None:
    room.raise_alarm("gate")
    room.raise_alarm("lot-9", "loitering", 1)
    urgent, slight = (row.incident_id for row in room.incidents())
    now = room.clock()
    with room.hub.database.writing() as session:
        with pytest.raises(errors.Refused, match="shift leader"):
            shelving.shelve(session, urgent, KIM, messages.after(60), "연습", now)
        for until in (messages.after(0), messages.after(8 * 3600 + 1)):
            with pytest.raises(errors.Unprocessable):
                shelving.shelve(session, slight, KIM, until, "공사", now)
        leases.release(session, urgent, KIM, now)
        shelving.shelve(session, urgent, LEADER, messages.after(600), "연습", now)
        shelving.shelve(session, slight, KIM, messages.after(600), "공사", now)
        assert occurrences.incidents(session, KIM, "open", None, 50, now).items == []
        assert len(occurrences.incidents(session, KIM, "shelved", None, 50, now).items) == 2
        shelving.unshelve(session, slight, KIM, now)
    room.clock.pass_s(599)
    worker.escalate(room.hub)
    worker.bring_back(room.hub)
    assert room.incidents()[0].shelved_until is not None and room.incidents()[0].escalation_level == 0
    room.clock.pass_s(1)
    worker.bring_back(room.hub)
    worker.bring_back(room.hub)
    assert [row.shelved_until for row in room.incidents()] == [None, None]
    assert room.changes()[-1] == ("unshelve", "hub", "its time is over")


def test_a_merge_carries_the_alarms_over_and_who_knew_of_the_emptied_one_is_told(room: Room) -> None:
    room.raise_alarm("gate", "intrusion")
    room.raise_alarm("lot-9", "intrusion", 5)
    first, second = (row.incident_id for row in room.incidents())
    with room.hub.database.writing() as session:
        with pytest.raises(errors.IncidentConflict, match="itself"):
            merging.merge(session, first, first, KIM, room.clock())
        merging.merge(session, second, first, KIM, room.clock())
        with pytest.raises(errors.IncidentConflict):
            merging.merge(session, first, second, KIM, room.clock())  # the emptied one is closed
        with pytest.raises(errors.IncidentConflict, match="go on there"):
            incidents.reopen(session, second, KIM, room.clock())
    merged, emptied = room.incidents()
    assert (merged.alarm_count, emptied.alarm_count, emptied.merged_into) == (2, 0, first)
    assert (emptied.state, emptied.disposition, merged.latest_event_id) == ("closed", "merged", emptied.first_event_id)
    with room.hub.database.reading() as session:
        share = sharing_tables.IncidentShare
        kept = session.scalars(sa.select(share.incident_id).where(share.withdrawn_at.is_(None))).all()
    assert kept == [first]


@pytest.mark.parametrize(
    "who", [viewing.viewer("auditor"), viewing.viewer("partner", "x", "police-112"), viewing.viewer("vendor")]
)
def test_who_does_not_decide_does_none_of_it(room: Room, who: viewers.Viewer) -> None:
    room.raise_alarm("gate")
    incident_id = room.the_id()
    with room.hub.database.reading() as session:
        for attempt in (
            lambda: leases.take(session, incident_id, who, True, room.clock()),
            lambda: shelving.shelve(session, incident_id, who, messages.after(60), "x", room.clock()),
            lambda: merging.merge(session, incident_id, UUID(int=1), who, room.clock()),
            lambda: incidents.verify(session, incident_id, who, room.clock()),
            lambda: handover.sign_off(session, who, "x", room.clock()),
        ):
            with pytest.raises((errors.Refused, errors.NotFound)):
                attempt()


def test_a_leader_signs_the_shift_off_with_the_counts_as_they_are(room: Room) -> None:
    room.raise_alarm("gate", "intrusion")
    room.clock.pass_s(11)
    with room.hub.database.writing() as session:
        session.get_one(tables.Camera, "yard").state = "offline"
        with pytest.raises(errors.Refused):
            handover.sign_off(session, KIM, "x", room.clock())
        with pytest.raises(errors.Unprocessable):
            handover.sign_off(session, LEADER, " ", room.clock())
        handover.sign_off(session, LEADER, "정문 침입 확인 중", room.clock())
        stand = handover.read(session, replace(KIM), room.clock())
    assert [one.camera_id for one in stand.unfinished] == ["gate"] and stand.undelivered == []
    assert [one.camera_id for one in stand.cameras_down] == ["yard"]
    assert stand.last is not None
    assert (stand.last.leader_name, stand.last.counts["cameras_down"], stand.last.counts["unfinished"]) == (
        "park",
        1,
        1,
    )
