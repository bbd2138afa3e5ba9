"""Invitations over HTTP: made, accepted once, and never again."""

from collections.abc import Iterator

import httpx
import pytest

from sharing_hub import hub as hubs
from tests.support import desk, hub_site, recorded

PASSWORD = "a password of my own"


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[hubs.Hub]:
    with hub_site.opened(tmp_path_factory.mktemp("hub"), login={"attempts_per_minute": 100}) as opened:
        yield opened


@pytest.fixture(scope="module")
def client(hub: hubs.Hub) -> Iterator[httpx.Client]:
    with hub_site.served(hub) as served:
        yield served


@pytest.fixture
def admin(hub: hubs.Hub, client: httpx.Client) -> Iterator[httpx.Client]:
    with desk.signed_in(hub, client, "admin") as browser:
        yield browser


def invite(browser: httpx.Client, role: str = "partner", agency_id: str = "fire-119") -> tuple[str, str]:
    answer = browser.post("/v1/invitations", json={"role": role, "agency_id": agency_id, "unit": "station 3"})
    assert answer.status_code == 201, answer.text
    return answer.json()["url"].partition("#/invitation/")[2], answer.json()["invitation_id"]


def accept(client: httpx.Client, secret: str, name: str, password: str = PASSWORD) -> httpx.Response:
    client.cookies.clear()
    return client.post("/v1/invitations/accept", json={"secret": secret, "name": name, "password": password})


def test_who_accepts_is_logged_in_as_what_was_offered(hub: hubs.Hub, client: httpx.Client, admin: httpx.Client) -> None:
    secret, _ = invite(admin)
    assert len(secret) == 43  # 256 bits
    answer = accept(client, secret, "park")
    assert answer.status_code == 201
    operator = answer.json()["operator"]
    assert (operator["name"], operator["role"], operator["agency_id"], operator["unit"]) == (
        "park", "partner", "fire-119", "station 3",
    )  # fmt: skip
    assert operator["must_change_password"] is False
    assert client.get("/v1/session").status_code == 200
    assert client.post("/v1/session", json={"name": "park", "password": PASSWORD}).status_code == 200
    actions = [entry for entry in recorded.entries(hub) if entry["action"] in ("invitation.made", "operator.created")]
    assert [entry["action"] for entry in actions[-2:]] == ["invitation.made", "operator.created"]
    stored = b"".join(path.read_bytes() for path in hub.settings.data_dir.glob("hub.db*"))
    assert secret.encode() not in stored
    assert PASSWORD.encode() not in stored


def test_an_invitation_is_good_once_for_seven_days_and_refused_alike_afterwards(
    hub: hubs.Hub, client: httpx.Client, admin: httpx.Client
) -> None:
    used, _ = invite(admin)
    assert accept(client, used, "first").status_code == 201
    withdrawn, invitation_id = invite(admin)
    assert admin.delete(f"/v1/invitations/{invitation_id}").status_code == 204
    old, _ = invite(admin)
    refused = [accept(client, secret, "second") for secret in (used, withdrawn, "unknown")]
    assert isinstance(hub.clock, hub_site.Clock)
    hub.clock.pass_s(7 * 24 * 3600)
    refused.append(accept(client, old, "second"))
    assert {answer.status_code for answer in refused} == {403}
    assert len({answer.text for answer in refused}) == 1


def test_a_name_that_is_taken_leaves_the_invitation_good(client: httpx.Client, admin: httpx.Client) -> None:
    first, _ = invite(admin)
    second, _ = invite(admin)
    assert accept(client, first, "lee").status_code == 201
    assert accept(client, second, "lee").status_code == 409
    assert accept(client, second, "short", "short").status_code == 422
    assert accept(client, second, "x" * 12, "x" * 12).status_code == 422
    assert accept(client, second, "lee too").status_code == 201


def test_a_lead_invites_people_of_the_agency_and_sees_no_others(
    hub: hubs.Hub, client: httpx.Client, admin: httpx.Client
) -> None:
    _, of_fire = invite(admin)
    _, of_police = invite(admin, agency_id="police-112")
    with desk.signed_in(hub, client, "partner_lead", agency_id="police-112") as lead:
        invite(lead, agency_id="police-112")
        for role, agency_id in (("partner", "fire-119"), ("admin", "district"), ("operator", "district")):
            wanted = {"role": role, "agency_id": agency_id}
            assert lead.post("/v1/invitations", json=wanted).status_code == 403
        listed = {one["invitation_id"] for one in lead.get("/v1/invitations").json()["items"]}
        assert of_police in listed
        assert of_fire not in listed
        assert lead.delete(f"/v1/invitations/{of_fire}").status_code == 404
    with desk.signed_in(hub, client, "operator") as operator:
        assert operator.post("/v1/invitations", json={"role": "operator"}).status_code == 403
        assert operator.get("/v1/invitations").json()["items"] == []


def test_another_site_cannot_accept_for_somebody(client: httpx.Client, admin: httpx.Client) -> None:
    secret, _ = invite(admin)
    body = {"secret": secret, "name": "csrf", "password": PASSWORD}
    answer = client.post("/v1/invitations/accept", json=body, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert accept(client, secret, "csrf").status_code == 201


def test_an_accepted_invitation_cannot_be_withdrawn(client: httpx.Client, admin: httpx.Client) -> None:
    secret, invitation_id = invite(admin)
    accept(client, secret, "quick")
    assert admin.delete(f"/v1/invitations/{invitation_id}").status_code == 409


def test_a_cookie_that_was_there_before_is_not_the_new_sessions(client: httpx.Client, admin: httpx.Client) -> None:
    secret, _ = invite(admin)
    fixed = {"jikimi_session": "chosen by somebody else"}
    with httpx.Client(base_url=client.base_url, cookies=fixed) as victim:
        body = {"secret": secret, "name": "fixated", "password": PASSWORD}
        given = victim.post("/v1/invitations/accept", json=body).cookies["jikimi_session"]
    assert given != fixed["jikimi_session"]
    with httpx.Client(base_url=client.base_url, cookies=fixed) as attacker:
        assert attacker.get("/v1/session").status_code == 401
