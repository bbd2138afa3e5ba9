"""Who manages whom, and what nobody may do to themselves."""

import datetime
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from sharing_hub import errors
from sharing_hub import hub as hubs
from sharing_hub.domain import viewers
from sharing_hub.services import operators, passkeys, people, sessions
from sharing_hub.store import identity_tables, tables
from tests.support import desk, hub_site, recorded, viewing

HOUR = datetime.timedelta(hours=1)


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[hubs.Hub]:
    with hub_site.opened(tmp_path_factory.mktemp("hub")) as opened:
        yield opened


def person(hub: hubs.Hub, role: str, agency_id: str = "district", **changed: Any) -> uuid.UUID:
    row = desk.operator_row(role, hub.clock(), agency_id=agency_id, **changed)
    with hub.database.writing() as session:
        session.add(row)
    return row.operator_id


def signed_in(hub: hubs.Hub, operator_id: uuid.UUID) -> str:
    with hub.database.writing() as session:
        return sessions.begin(session, operator_id, 24 * HOUR, desk.SOURCE, hub.clock())[0]


def viewer_of(hub: hubs.Hub, secret: str, later: datetime.timedelta = HOUR * 0) -> viewers.Viewer:
    with hub.database.reading() as session:
        return sessions.resolve(session, secret, 24 * HOUR, hub.clock() + later).viewer


def change(hub: hubs.Hub, viewer: viewers.Viewer, operator_id: uuid.UUID, **wanted: Any) -> people.PersonView:
    with hub.database.writing() as session:
        return people.change(session, viewer, operator_id, people.Change(**wanted), hub.clock())


ADMIN = viewing.viewer("admin")
LEADER = viewing.viewer("leader")
OFFICER = viewing.viewer("privacy_officer")
FIRE_LEAD = viewing.viewer("partner_lead", "fire lead", "fire-119")


def test_a_session_tells_what_its_person_is_now(hub: hubs.Hub) -> None:
    operator_id = person(hub, "partner", "fire-119", unit="station 3")
    secret = signed_in(hub, operator_id)
    before = viewer_of(hub, secret)
    assert (before.agency_id, before.unit) == ("fire-119", "station 3")
    assert (before.second_factor, before.trained, before.on_shift) == (False, False, False)
    today = hub.clock().date()
    change(hub, FIRE_LEAD, operator_id, notes_training=True, trained_until=today, unit="station 5")
    with hub.database.writing() as session:
        people.set_shift(session, FIRE_LEAD, operator_id, (hub.clock(), hub.clock() + HOUR), hub.clock())
    after = viewer_of(hub, secret)
    assert (after.unit, after.trained, after.on_shift) == ("station 5", True, True)
    assert not viewer_of(hub, secret, HOUR).on_shift
    midnight_in_korea = datetime.datetime(today.year, today.month, today.day, 15, tzinfo=datetime.UTC) - hub.clock()
    assert viewer_of(hub, secret, midnight_in_korea - datetime.timedelta(seconds=1)).trained
    assert not viewer_of(hub, secret, midnight_in_korea).trained


def test_going_on_and_off_duty_is_ones_own_and_recorded(hub: hubs.Hub) -> None:
    secret = signed_in(hub, person(hub, "operator"))
    with hub.database.writing() as session:
        people.sign_on(session, viewer_of(hub, secret), 8, hub.clock())
    assert viewer_of(hub, secret).on_shift
    assert not viewer_of(hub, secret, 8 * HOUR).on_shift
    with hub.database.writing() as session:
        people.sign_off(session, viewer_of(hub, secret), hub.clock())
        people.sign_off(session, viewer_of(hub, secret), hub.clock())
    assert not viewer_of(hub, secret).on_shift
    assert recorded.actions(hub)[-2:] == ["operator.shift_set", "operator.shift_ended"]


@pytest.mark.parametrize(
    ("viewer", "role", "agency_id", "managed"),
    [
        (ADMIN, "operator", "district", True),
        (ADMIN, "partner", "fire-119", True),
        (FIRE_LEAD, "partner", "fire-119", True),
        (FIRE_LEAD, "partner", "police-112", None),
        (FIRE_LEAD, "admin", "district", None),
        (LEADER, "operator", "district", False),
        (LEADER, "partner", "fire-119", None),
        (OFFICER, "operator", "district", False),
        (viewing.viewer("auditor"), "operator", "district", False),
        (viewing.viewer("operator"), "operator", "district", None),
        (viewing.viewer("partner", "p", "fire-119"), "partner", "fire-119", None),
        (viewing.viewer("admin", "wrong", "fire-119"), "partner", "fire-119", None),
        (viewing.viewer("vendor", "v", "fire-119"), "partner", "fire-119", None),
    ],
    ids=lambda one: f"{one.role} of {one.agency_id}" if isinstance(one, viewers.Viewer) else str(one),
)
def test_each_manages_their_own_people_and_learns_of_no_others(
    hub: hubs.Hub, viewer: viewers.Viewer, role: str, agency_id: str, managed: bool | None
) -> None:
    operator_id = person(hub, role, agency_id)
    refusal = errors.NotFound if managed is None else errors.Refused
    with hub.database.writing() as session:
        if managed:
            people.disable(session, viewer, operator_id, hub.clock())
            return
        for act in (people.disable, people.remove_passkeys):
            with pytest.raises(refusal):
                act(session, viewer, operator_id, hub.clock())
    with pytest.raises(refusal):
        change(hub, viewer, operator_id, unit="elsewhere")


def test_an_agencys_lead_cannot_make_anybody_more_than_the_agency_has(hub: hubs.Hub) -> None:
    operator_id = person(hub, "partner", "fire-119")
    for role in ("admin", "operator", "vendor", "nothing"):
        with pytest.raises((errors.Refused, errors.Unprocessable)):
            change(hub, FIRE_LEAD, operator_id, role=role)
    assert change(hub, FIRE_LEAD, operator_id, role="partner_lead").role == "partner_lead"
    with pytest.raises(errors.Unprocessable):
        change(hub, ADMIN, operator_id, role="operator")


def test_the_privacy_officer_notes_training_and_nothing_else(hub: hubs.Hub) -> None:
    operator_id = person(hub, "operator")
    until = datetime.date(2027, 1, 1)
    assert change(hub, OFFICER, operator_id, notes_training=True, trained_until=until).trained_until == until
    with pytest.raises(errors.Refused):
        change(hub, OFFICER, operator_id, role="leader")
    with pytest.raises(errors.Refused):
        change(hub, LEADER, operator_id, notes_training=True, trained_until=until)


def test_the_leader_sets_the_shifts_of_the_control_room_only(hub: hubs.Hub) -> None:
    operator_id, admin_id = person(hub, "operator"), person(hub, "admin")
    span = (hub.clock(), hub.clock() + 8 * HOUR)
    with hub.database.writing() as session:
        people.set_shift(session, LEADER, operator_id, span, hub.clock())
        people.set_shift(session, LEADER, operator_id, None, hub.clock())
        with pytest.raises(errors.Refused):
            people.set_shift(session, LEADER, admin_id, span, hub.clock())
        for wrong in ((span[1], span[0]), (span[0], span[0]), (span[0], span[0] + 25 * HOUR)):
            with pytest.raises(errors.Unprocessable):
                people.set_shift(session, LEADER, operator_id, wrong, hub.clock())


def test_nobody_changes_their_own_account(hub: hubs.Hub) -> None:
    admin_id = person(hub, "admin")
    me = viewer_of(hub, signed_in(hub, admin_id))
    with pytest.raises(errors.Refused, match="own account"):
        change(hub, me, admin_id, notes_training=True, trained_until=datetime.date(2030, 1, 1))
    with pytest.raises(errors.Refused, match="own account"), hub.database.writing() as session:
        people.disable(session, me, admin_id, hub.clock())


def test_who_has_a_passkey_confirms_it_before_managing_others(hub: hubs.Hub) -> None:
    admin_id, other = person(hub, "admin"), person(hub, "operator")
    secret = signed_in(hub, admin_id)
    with hub.database.writing() as session:
        session.add(
            identity_tables.Passkey(
                passkey_id=uuid.uuid4(), operator_id=admin_id, credential_id=b"c", public_key=b"k", sign_count=0,
                label="key", added_at=hub.clock(),
            )
        )  # fmt: skip
    me = viewer_of(hub, secret)
    with pytest.raises(errors.Refused, match="confirm your passkey"):
        change(hub, me, other, unit="night")
    with hub.database.writing() as session:
        assert me.session_id is not None
        sessions.prove_second_factor(session, me.session_id, hub.clock())
    proved = viewers.Viewer(admin_id, me.name, "admin", me.session_id, second_factor=True)
    assert change(hub, proved, other, unit="night").unit == "night"


def test_removing_somebodys_passkeys_ends_their_sessions(hub: hubs.Hub) -> None:
    operator_id = person(hub, "operator")
    secret = signed_in(hub, operator_id)
    with hub.database.writing() as session:
        session.add(
            identity_tables.Passkey(
                passkey_id=uuid.uuid4(), operator_id=operator_id, credential_id=b"lost", public_key=b"k", sign_count=0,
                label="lost", added_at=hub.clock(),
            )
        )  # fmt: skip
    with hub.database.writing() as session:
        assert people.remove_passkeys(session, ADMIN, operator_id, hub.clock()) == 1
        assert passkeys.listed(session, operator_id) == []
    with pytest.raises(errors.Unauthenticated):
        viewer_of(hub, secret)
    entry = recorded.entries(hub)[-1]
    assert (entry["action"], entry["actor"]["name"], entry["subject"]["id"]) == (
        "passkey.removed", ADMIN.name, str(operator_id),
    )  # fmt: skip


def test_lists_hold_ones_own_people(hub: hubs.Hub) -> None:
    person(hub, "partner", "fire-119", name="fire one")
    person(hub, "partner", "police-112", name="police one")
    with hub.database.reading() as session:
        fire = people.listed(session, FIRE_LEAD, hub.clock())
        every = people.listed(session, ADMIN, hub.clock())
        police = people.listed(session, ADMIN, hub.clock(), "police-112")
        assert people.listed(session, FIRE_LEAD, hub.clock(), "police-112") == []
        with pytest.raises(errors.Refused):
            people.listed(session, viewing.viewer("operator"), hub.clock())
    assert {one.agency_id for one in fire} == {"fire-119"}
    assert {"fire one", "police one"} <= {one.name for one in every}
    assert {one.agency_id for one in police} == {"police-112"}


def test_roles_belong_to_agencies(hub: hubs.Hub) -> None:
    for role, agency_id in (
        ("admin", "fire-119"),
        ("partner", "district"),
        ("partner", "nobody"),
        ("none", "district"),
    ):
        with pytest.raises(errors.Unprocessable), hub.database.writing() as session:
            operators.add(session, "x", role, hub.clock(), agency_id=agency_id)


def test_a_name_is_never_given_twice(hub: hubs.Hub) -> None:
    person(hub, "operator", name="once", disabled_at=hub.clock())
    with pytest.raises(errors.Conflict), hub.database.writing() as session:
        operators.add(session, "once", "operator", hub.clock())
    with hub.database.reading() as session:
        assert session.get(tables.Operator, uuid.uuid4()) is None


def test_nobody_of_an_agency_that_is_out_of_the_book_logs_in(hub: hubs.Hub) -> None:
    operator_id = person(hub, "partner", "dissolved")
    with pytest.raises(errors.Refused, match="book"):
        signed_in(hub, operator_id)
