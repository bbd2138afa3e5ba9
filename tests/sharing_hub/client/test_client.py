"""The agencies' client against a real hub: proves itself, opens a case, reads what it was told, keeps the ledger's root, and is refused in words."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from sharing_hub import hub as hubs
from sharing_hub import worker
from sharing_hub.client import AgencyClient, HubRefused, HubUnreachable, client
from sharing_hub.client import __main__ as commands
from sharing_hub.domain import notes
from sharing_hub.services import clients
from tests.support import desk, district_map, hub_site, plain_http, receivers, systems

CAMERAS = (district_map.Placed("near", 30, 0), district_map.Placed("far", 0, 2000))
HALL = district_map.HALL


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[hubs.Hub]:
    with hub_site.opened(tmp_path) as hub:
        district_map.furnish(hub, hub_site.enrol(hub).agent_id, CAMERAS)
        yield hub


@pytest.fixture
def url(hub: hubs.Hub) -> Iterator[str]:
    with hub_site.served(hub) as served:
        yield str(served.base_url).rstrip("/")


def connect(hub: hubs.Hub, url: str, agency_id: str = "police-112") -> AgencyClient:
    system = systems.registered(hub, agency_id)
    return AgencyClient(url, str(system.client_id), system.key, False, clock=lambda: hub.clock().timestamp())


def test_it_opens_a_case_and_gets_the_near_camera_and_a_grant_that_it_can_renew(hub: hubs.Hub, url: str) -> None:
    with connect(hub, url) as police:
        case = police.open_case("2026-1", HALL.latitude, HALL.longitude, description="fight")
        assert [camera.camera_id for camera in case.cameras] == ["near"]
        assert police.open_case("2026-1", HALL.latitude, HALL.longitude).incident == case.incident
        (grant,) = police.grants()
        assert grant.camera_ids == ("near",)
        hub.clock.pass_s(300)  # type: ignore[attr-defined]
        assert police.renew(grant.grant_id).ends_at > grant.ends_at
        assert [one.share.case_number for one in police.incidents()] == ["2026-1"]
        assert list(police.media(case.incident.incident_id)) == []
        police.end_case("2026-1", "solved")


def test_a_revoked_grant_is_held_no_more(hub: hubs.Hub, url: str) -> None:
    with (
        connect(hub, url) as police,
        plain_http.client(url) as browser,
        desk.signed_in(hub, browser, "leader") as leader,
    ):
        police.open_case("2026-1", HALL.latitude, HALL.longitude)
        (shown,) = leader.get("/v1/grants").json()
        assert (shown["agency_id"], shown["camera_ids"]) == ("police-112", ["near"])
        for _ in range(2):
            answer = leader.post(f"/v1/grants/{shown['grant_id']}/revoke", json={"why": "a wrong share"})
            assert answer.status_code == 204
        assert police.grants() == ()
        assert leader.get("/v1/grants").json() == []


def test_an_auditor_ends_no_grant(hub: hubs.Hub, url: str) -> None:
    with (
        connect(hub, url) as police,
        plain_http.client(url) as browser,
        desk.signed_in(hub, browser, "auditor") as auditor,
    ):
        police.open_case("2026-1", HALL.latitude, HALL.longitude)
        (grant,) = police.grants()
        assert auditor.post(f"/v1/grants/{grant.grant_id}/revoke", json={"why": "x"}).status_code == 403
        assert police.grants() == (grant,)


def test_another_agency_knows_nothing_of_it(hub: hubs.Hub, url: str) -> None:
    with connect(hub, url) as police, connect(hub, url, "cleaning") as cleaning:
        case = police.open_case("2026-1", HALL.latitude, HALL.longitude)
        (grant,) = police.grants()
        assert list(cleaning.incidents()) == []
        assert cleaning.grants() == ()
        for ask in (
            lambda: cleaning.incident(case.incident.incident_id),
            lambda: cleaning.renew(grant.grant_id),
            lambda: cleaning.end_case("2026-1"),
        ):
            with pytest.raises(HubRefused) as refused:
                ask()
            assert refused.value.status == 404


def test_it_keeps_the_ledgers_root_and_reads_no_entry(hub: hubs.Hub, url: str) -> None:
    with connect(hub, url) as police:
        police.token()
        worker.sign_checkpoint(hub)
        checkpoint, text, signatures = notes.parse(police.checkpoint())
        assert checkpoint.size > 0
        assert notes.is_signed(text, signatures, hub.ledger_key.public)
        with pytest.raises(HubRefused):
            police._send("GET", "/v1/ledger/entries")


def test_a_token_is_asked_for_anew_before_it_ends(hub: hubs.Hub, url: str) -> None:
    with connect(hub, url) as police:
        first = police.token()
        hub.clock.pass_s(300)  # type: ignore[attr-defined]
        assert police.token() == first
        hub.clock.pass_s(280)  # type: ignore[attr-defined]
        assert police.token() != first


def test_a_disabled_system_is_refused_in_words(hub: hubs.Hub, url: str) -> None:
    system = systems.registered(hub, "police-112")
    with hub.database.writing() as session:
        clients.disable(session, system.client_id, hub.clock())
    with (
        AgencyClient(url, str(system.client_id), system.key, False, clock=lambda: hub.clock().timestamp()) as police,
        pytest.raises(HubRefused, match="invalid_client"),
    ):
        police.grants()


def test_no_hub_there_is_said() -> None:
    with AgencyClient("http://127.0.0.1:9", "x", systems.new_key(), False) as nobody, pytest.raises(HubUnreachable):
        nobody.grants()


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"items": [], "next": "again"}', "a list of more than 3 pages"),
        (b" " * (client.MAX_ANSWER_BYTES + 1), "an answer of more than"),
    ],
)
def test_a_hub_that_answers_without_end_is_given_up(body: bytes, words: str) -> None:
    with receivers.answering(body) as url, AgencyClient(url, "x", systems.new_key(), False, max_pages=3) as endless:
        endless._valid_token = lambda: "t"  # type: ignore[method-assign]
        with pytest.raises(HubUnreachable, match=words):
            list(endless.incidents())


@pytest.mark.parametrize(
    "location", ["https://elsewhere.example/v1/live/views/x", "//elsewhere.example/x", "/v1/session", ""]
)
def test_a_live_view_is_never_ended_anywhere_but_at_the_hub_itself(location: str) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(201, headers={"Location": location} if location else {}, text="v=0")

    with AgencyClient("https://hub.example", "x", systems.new_key(), transport=httpx.MockTransport(answer)) as hub:
        hub._valid_token = lambda: "t"  # type: ignore[method-assign]
        with pytest.raises(HubUnreachable, match="without a live view of its own"):
            hub.watch("gate", "v=0", "why")


def test_a_key_pair_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    public = commands.make_key(tmp_path / "a.jwk")
    assert (tmp_path / "a.jwk").stat().st_mode & 0o777 == 0o600
    assert "d" not in public["keys"][0]  # type: ignore[index]
    assert commands.load_key(tmp_path / "a.jwk").kid == public["keys"][0]["kid"]  # type: ignore[index]
    with pytest.raises(FileExistsError):
        commands.make_key(tmp_path / "a.jwk")
