"""Another hub as it answers: cases opened, followed, ended and opened anew there, marks given back, and every fault an outcome in words."""

import datetime
import json
import ssl
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sharing_hub import errors, settings
from sharing_hub import hub as hubs
from sharing_hub.gateway import peers, webhooks
from sharing_hub.store import tables
from tests.sharing_hub.domain import test_peering
from tests.support import district_map, hub_site, sharing, systems

NOW = datetime.datetime(2026, 11, 28, 3, tzinfo=datetime.UTC)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[hubs.Hub]:
    """The other hub: this one is its agency fire-119, whose cell lets it open rescue calls."""
    with hub_site.opened(tmp_path) as hub:
        hub.clock.now = datetime.datetime.now(datetime.UTC)  # type: ignore[attr-defined]  # the client's clock is the real one
        district_map.furnish(hub, hub_site.enrol(hub).agent_id, [district_map.Placed("beside", 30, 0)])
        yield hub


@pytest.fixture
def known(hub: hubs.Hub) -> Iterator[peers.Peers]:
    system = systems.registered(hub, "fire-119")
    with hub_site.served(hub) as client:
        url = str(client.base_url).rstrip("/")
        # The hub under test has the address of its settings, whatever port it is served on: the client is told where that is.
        peer = peers.Peer("seoul", url, str(system.client_id), system.key, False)
        peer.hub._assertion = lambda: system.assertion(hub.clock())  # type: ignore[method-assign]
        made = peers.Peers([peer], hub.clock)
        yield made
        made.close()


def tell(known: peers.Peers, **changed: Any) -> webhooks.Outcome:
    said = {"kind": "rescue_call", "latitude": district_map.HALL.latitude, "longitude": district_map.HALL.longitude}
    (peer,) = known.all()
    parcel = webhooks.Parcel("1", peer.url, "application/cloudevents+json", test_peering.message(**said | changed), "")
    return known.send(parcel, NOW)


def cases(hub: hubs.Hub) -> list[tuple[str, str | None]]:
    with hub.database.reading() as session:
        return [
            (row.state, row.description) for row in session.query(tables.Incident).order_by(tables.Incident.known_at)
        ]


def test_a_repeat_opens_nothing_new_and_a_change_is_followed(hub: hubs.Hub, known: peers.Peers) -> None:
    for _ in range(2):
        assert tell(known) == webhooks.Outcome(200)
    assert tell(known, occasion="update", number=2, alarm_count=9) == webhooks.Outcome(200)
    assert cases(hub) == [("new", "Gate: rescue_call (confirmed, 알람 alarms 9)")]


def test_it_ends_with_the_incident_and_one_shared_anew_is_another_case(hub: hubs.Hub, known: peers.Peers) -> None:
    tell(known)
    for _ in range(2):
        assert tell(known, occasion="cancel", number=2, state="acknowledged") == webhooks.Outcome(200)
    assert tell(known, occasion="update", number=3) == webhooks.Outcome(200)
    assert [state for state, _ in cases(hub)] == ["closed"], "what ended there is not opened by a late word"
    hub.clock.pass_s(1)  # type: ignore[attr-defined]
    for _ in range(2):
        assert tell(known, occasion="opened", number=4) == webhooks.Outcome(200)
    assert [state for state, _ in cases(hub)] == ["closed", "new"]


def test_what_never_went_there_needs_no_end(hub: hubs.Hub, known: peers.Peers) -> None:
    assert tell(known, occasion="cancel", state="false_alarm") == webhooks.Outcome(200)
    assert cases(hub) == []


def test_the_hub_that_a_case_came_from_hears_what_became_of_it_and_gets_no_case_back(
    known: peers.Peers, hub: hubs.Hub
) -> None:
    sharing.fire_at_the_gate(hub)
    incident_id = sharing.incident(hub)
    sharing.share(hub, "fire-119")
    before = len(cases(hub))
    for state, becomes in (("new", "confirmed"), ("confirmed", "accepted"), ("responding", "responding")):
        assert tell(known, case_number=str(incident_id), state=state) == webhooks.Outcome(200)
        assert (becomes, None) in cases(hub)
    assert tell(known, case_number=str(uuid.uuid4()), state="closed") == webhooks.Outcome(200), "withdrawn there"
    assert len(cases(hub)) == before


def test_what_cannot_be_said_there_is_a_fault_in_words(hub: hubs.Hub, known: peers.Peers) -> None:
    assert "a case needs a place" in tell(known, latitude=None, longitude=None).fault
    refused = tell(known, kind="vehicle")
    assert refused.status == 403
    assert "matrix has no cell of vehicle" in refused.fault
    assert (tell(known, kind="offline").status, cases(hub)) == (422, [])
    stranger = webhooks.Parcel("1", "https://elsewhere.example", "", test_peering.message(), "")
    assert "names no hub" in known.send(stranger, NOW).fault


def test_a_hub_that_is_away_is_an_outcome_and_known_since_when() -> None:
    key = systems.new_key()
    known = peers.Peers([peers.Peer("seoul", "http://127.0.0.1:9", str(uuid.uuid4()), key, False)], lambda: NOW)
    assert "no answer" in tell(known).fault
    (peer,) = known.all()
    assert (peer.state.since, "no answer" in peer.state.fault) == (NOW, True)
    known.probe()
    assert peer.state.since == NOW
    peer.note("", NOW + datetime.timedelta(seconds=5))
    assert peer.state == peers.State(NOW + datetime.timedelta(seconds=5), "")
    known.close()


@pytest.mark.parametrize("text", ["", "{}", '{"kty": "OKP"}', "public"])
def test_a_key_that_is_none_stops_the_start_in_words(tmp_path: Path, text: str) -> None:
    path = tmp_path / "hub.jwk"
    path.write_text(json.dumps(systems.new_key().as_dict(private=False)) if text == "public" else text)
    peer = {"agency": "seoul", "url": "https://hub.seoul.example", "client_id": str(uuid.uuid4()), "key": path}
    chosen = settings.Settings.model_validate({"data_dir": tmp_path, "peers": [peer]})
    with pytest.raises(errors.SettingsError, match=r"\[\[peers\]\] seoul: .* is no private key"):
        peers.of(chosen, lambda: NOW)


def test_the_proof_of_the_other_hub_is_asked_for() -> None:
    peer = peers.Peer(
        "seoul", "https://127.0.0.1:9", str(uuid.uuid4()), systems.new_key(), ssl.create_default_context()
    )
    assert peer.hub._http._transport._pool._ssl_context.verify_mode is ssl.CERT_REQUIRED  # type: ignore[attr-defined]
    peer.hub.close()
