"""Agencies' systems: who may have one, and what becomes of their keys."""

import datetime
from collections.abc import Iterator

import pytest

from sharing_hub import errors
from sharing_hub import hub as hubs
from sharing_hub.services import client_keys, clients
from tests.support import hub_site, recorded, systems, viewing


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[hubs.Hub]:
    with hub_site.opened(tmp_path_factory.mktemp("hub")) as opened:
        yield opened


@pytest.mark.parametrize(
    "changed",
    [
        {"agency_id": "district"},
        {"agency_id": "nobody"},
        {"name": " "},
        {"name": "a\nb"},
        {"agreement": ""},
        {"scopes": ()},
        {"scopes": ("agency.read", "everything")},
    ],
    ids=str,
)
def test_a_system_that_cannot_be_is_refused(hub: hubs.Hub, changed: dict[str, str]) -> None:
    with pytest.raises(errors.Unprocessable), hub.database.writing() as session:
        clients.add(session, systems.wanted(systems.new_key(), **changed), hub.clock())


def test_a_key_belongs_to_one_system_for_ever(hub: hubs.Hub) -> None:
    system = systems.registered(hub)
    with hub.database.reading() as session:
        key_id = clients.view(session, clients.living(session, system.client_id)).keys[0].key_id
    with pytest.raises(errors.Conflict, match="belongs"), hub.database.writing() as session:
        clients.add(session, systems.wanted(system.key), hub.clock())
    with hub.database.writing() as session:
        clients.retire_key(session, system.client_id, key_id, hub.clock())
    old = client_keys.read(systems.public(system.key))
    with pytest.raises(errors.Conflict, match="belonged"), hub.database.writing() as session:
        clients.rotate(session, system.client_id, old, datetime.timedelta(), hub.clock())


def test_another_systems_key_is_not_retired_under_this_ones_name(hub: hubs.Hub) -> None:
    mine, other = systems.registered(hub), systems.registered(hub)
    with hub.database.writing() as session:
        key_id = clients.view(session, clients.living(session, other.client_id)).keys[0].key_id
        with pytest.raises(errors.NotFound):
            clients.retire_key(session, mine.client_id, key_id, hub.clock())


def test_only_the_agencys_lead_and_the_administrator_answer_for_a_system(hub: hubs.Hub) -> None:
    system = systems.registered(hub)
    lead = viewing.viewer("partner_lead", "lead", "fire-119")
    stranger = viewing.viewer("partner_lead", "stranger", "police-112")
    with hub.database.reading() as session:
        for viewer in (lead, viewing.viewer("admin")):
            clients.require_manager(session, viewer, system.client_id)
            assert any(one.client_id == system.client_id for one in clients.listed(session, viewer))
        for viewer in (stranger, viewing.viewer("partner", "person", "fire-119"), viewing.viewer("operator")):
            with pytest.raises(errors.NotFound):
                clients.require_manager(session, viewer, system.client_id)
            assert not any(one.client_id == system.client_id for one in clients.listed(session, viewer))
        with pytest.raises(errors.Refused):
            clients.require_manager(session, viewing.viewer("auditor"), system.client_id)


def test_every_step_is_an_entry_with_thumbprints_and_no_key(hub: hubs.Hub) -> None:
    before = len(recorded.entries(hub))
    system = systems.registered(hub)
    with hub.database.writing() as session:
        fresh = client_keys.read(systems.public(systems.new_key()))
        clients.rotate(session, system.client_id, fresh, datetime.timedelta(hours=1), hub.clock())
        clients.disable(session, system.client_id, hub.clock())
    made = recorded.entries(hub)[before:]
    assert [entry["action"] for entry in made] == [
        "client.added", "client.key_added", "client.key_retired", "client.key_added", "client.disabled",
    ]  # fmt: skip
    assert {entry["subject"]["id"] for entry in made} == {str(system.client_id)}
    assert str(system.key.as_dict(private=True)["d"]) not in str(made)


def test_no_more_than_ten_keys_are_good_at_once(hub: hubs.Hub) -> None:
    system = systems.registered(hub)
    many = client_keys.read(systems.public(*(systems.new_key() for _ in range(10))))
    with pytest.raises(errors.Conflict, match="10 keys"), hub.database.writing() as session:
        clients.rotate(session, system.client_id, many, datetime.timedelta(hours=1), hub.clock())


def test_who_watches_over_streams_learns_which_systems_are_left(hub: hubs.Hub) -> None:
    kept, gone = systems.registered(hub), systems.registered(hub)
    with hub.database.writing() as session:
        clients.disable(session, gone.client_id, hub.clock())
        assert clients.enabled(session, [kept.client_id, gone.client_id]) == {kept.client_id}
