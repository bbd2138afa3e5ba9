"""The token endpoint and what its tokens open, over HTTP."""

import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette import requests

from sharing_hub import errors
from sharing_hub import hub as hubs
from sharing_hub.api import callers, oauth
from sharing_hub.services import client_tokens
from tests.support import certificates, desk, hub_site, systems

CERTIFICATE_HEADER = "X-Client-Certificate"


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[hubs.Hub]:
    server = {"client_certificate_header": CERTIFICATE_HEADER}
    with hub_site.opened(tmp_path_factory.mktemp("hub"), server=server) as opened:
        yield opened


@pytest.fixture(scope="module")
def client(hub: hubs.Hub) -> Iterator[httpx.Client]:
    with hub_site.served(hub) as served:
        yield served


def token_of(hub: hubs.Hub, client: httpx.Client, system: systems.System) -> dict[str, str]:
    answer = system.ask(client, hub.clock())
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def test_a_system_asks_for_a_token_and_is_known_by_it(hub: hubs.Hub, client: httpx.Client) -> None:
    system = systems.registered(hub)
    answer = system.ask(client, hub.clock())
    assert answer.json()["token_type"] == "Bearer"
    assert answer.json()["expires_in"] == 600
    assert answer.json()["scope"] == "agency.read agency.write"
    assert answer.headers["cache-control"] == "no-store"
    caller = client.get("/v1/caller", headers={"Authorization": f"Bearer {answer.json()['access_token']}"}).json()
    assert (caller["operator_id"], caller["agency_id"], caller["system"]) == (str(system.client_id), "fire-119", True)


def test_libraries_find_the_endpoint(client: httpx.Client) -> None:
    said = client.get("/.well-known/oauth-authorization-server").json()
    assert said["token_endpoint"] == said["issuer"] + "/oauth/token"
    assert said["token_endpoint_auth_methods_supported"] == ["private_key_jwt"]
    assert not {"none", "HS256"} & set(said["token_endpoint_auth_signing_alg_values_supported"])
    assert said["tls_client_certificate_bound_access_tokens"] is True


def test_a_replayed_assertion_gets_nothing(hub: hubs.Hub, client: httpx.Client) -> None:
    system = systems.registered(hub)
    assertion = system.assertion(hub.clock())
    assert system.ask(client, hub.clock(), assertion).status_code == 200
    again = system.ask(client, hub.clock(), assertion)
    assert (again.status_code, again.json()["error"]) == (401, "invalid_client")


def test_a_hub_on_trial_is_meant_by_the_local_address_that_was_asked_and_by_no_other(
    hub: hubs.Hub, client: httpx.Client
) -> None:
    system = systems.registered(hub)
    own = str(client.base_url).rstrip("/")
    for audience in (own, f"{own}/oauth/token"):
        assert system.ask(client, hub.clock(), system.assertion(hub.clock(), aud=audience)).status_code == 200
    for host in ("evil.example", "localhost.evil.example", "localhost@evil.example"):
        client.headers["Host"] = host
        stolen = system.assertion(hub.clock(), aud=f"http://{host}")
        refused = system.ask(client, hub.clock(), stolen)
        del client.headers["Host"]
        assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client"), host


def test_a_hub_with_a_public_address_is_meant_by_that_alone(tmp_path: Path) -> None:
    with hub_site.opened(tmp_path, server={"public_url": "https://hub.example"}) as hub, hub_site.served(hub) as client:
        system = systems.registered(hub)
        own = system.assertion(hub.clock(), aud=str(client.base_url).rstrip("/"))
        assert system.ask(client, hub.clock(), own).status_code == 401
        public = system.assertion(hub.clock(), aud="https://hub.example/oauth/token")
        assert system.ask(client, hub.clock(), public).status_code == 200


GOOD: dict[str, Any] = {
    "grant_type": oauth.GRANT_TYPE,
    "client_assertion_type": client_tokens.ASSERTION_TYPE,
    "client_assertion": "a.b.c",
}


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": ["client_credentials", "password"]}, "invalid_request"),
        ({**GOOD, "client_assertion_type": "x"}, "invalid_client"),
        ({"grant_type": oauth.GRANT_TYPE, "client_id": "x", "client_secret": "y"}, "invalid_client"),
        (GOOD, "invalid_client"),
        ({**{f"field{number}": "x" for number in range(30)}}, "invalid_request"),
    ],
    ids=lambda one: str(one)[:60],
)
def test_what_is_no_request_for_a_token_is_refused_in_oauths_words(
    client: httpx.Client, form: dict[str, Any], error: str
) -> None:
    answer = client.post(oauth.TOKEN_PATH, data=form)
    assert answer.status_code in (400, 401)
    assert answer.json()["error"] == error


def test_json_is_no_form(client: httpx.Client) -> None:
    for body, kind in ((b"{}", "application/json"), (b"\xff=\xff", oauth.FORM), (b"a=%ff", oauth.FORM)):
        answer = client.post(oauth.TOKEN_PATH, content=body, headers={"Content-Type": kind})
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_a_token_opens_no_door_of_the_districts_people(hub: hubs.Hub, client: httpx.Client) -> None:
    bearer = token_of(hub, client, systems.registered(hub))
    for path in ("/v1/session", "/v1/incidents", "/v1/people", "/v1/clients", "/v1/agents", "/v1/ledger/entries"):
        assert client.get(path, headers=bearer).status_code in (401, 404), path
    assert client.post("/v1/invitations", json={"role": "admin"}, headers=bearer).status_code == 401


def test_swapped_tokens_tell_of_their_own_system_only(hub: hubs.Hub, client: httpx.Client) -> None:
    fire, police = systems.registered(hub), systems.registered(hub, "police-112")
    told = [
        client.get("/v1/caller", headers=token_of(hub, client, system)).json()["agency_id"] for system in (police, fire)
    ]
    assert told == ["police-112", "fire-119"]


@pytest.mark.parametrize("header", ["Bearer wrong", "Bearer", "Basic YTpi", "", "Bearer " + "x" * 5000])
def test_a_wrong_token_is_refused_whatever_cookie_comes_with_it(
    hub: hubs.Hub, client: httpx.Client, header: str
) -> None:
    with desk.signed_in(hub, client) as browser:
        assert browser.get("/v1/caller").status_code == 200
        answer = browser.get("/v1/caller", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'


@pytest.mark.parametrize(
    ("scope", "method", "opens"),
    [
        ("agency.read", "GET", True),
        ("agency.read", "POST", False),
        ("agency.read", "DELETE", False),
        ("agency.write", "POST", True),
        ("agency.write", "GET", False),
        ("agency.read agency.write", "PUT", True),
    ],
)
def test_a_token_reads_with_one_scope_and_changes_with_another(
    hub: hubs.Hub, scope: str, method: str, opens: bool
) -> None:
    system, token = systems.registered(hub), f"{scope} {method}"
    with hub.database.writing() as session:
        client_tokens.issue(session, system.request(hub.clock(), scope), token, hub.clock())
    headers = [(b"authorization", f"bearer {token}".encode())]
    request = requests.Request({"type": "http", "method": method, "headers": headers})
    if opens:
        assert callers.the_caller(hub, request).operator_id == system.client_id
        return
    with pytest.raises(errors.ScopeMissing) as refused:
        callers.the_caller(hub, request)
    assert 'error="insufficient_scope"' in refused.value.headers()["WWW-Authenticate"]


def test_an_assertion_is_no_token_and_a_token_no_session(hub: hubs.Hub, client: httpx.Client) -> None:
    system = systems.registered(hub)
    assertion = {"Authorization": f"Bearer {system.assertion(hub.clock())}"}
    assert client.get("/v1/caller", headers=assertion).status_code == 401
    token = token_of(hub, client, system)["Authorization"].removeprefix("Bearer ")
    with httpx.Client(base_url=client.base_url, cookies={"jikimi_session": token}) as browser:
        assert browser.get("/v1/caller").status_code == 401


def test_a_bound_system_is_known_by_the_certificate_that_the_proxy_tells(hub: hubs.Hub, client: httpx.Client) -> None:
    bound = systems.registered(hub, certificate_sha256="ab" * 32)
    bearer = token_of(hub, client, bound)
    assert client.get("/v1/caller", headers={**bearer, CERTIFICATE_HEADER: "AB" * 32}).status_code == 200
    for told in ("cd" * 32, "", "not a certificate", "%2D%2D%2D"):
        assert client.get("/v1/caller", headers={**bearer, CERTIFICATE_HEADER: told}).status_code == 401
    assert client.get("/v1/caller", headers=bearer).status_code == 401


def test_the_administrator_registers_a_system_and_its_lead_gives_it_keys(hub: hubs.Hub, client: httpx.Client) -> None:
    first, second = systems.new_key(), systems.new_key()
    wanted = {
        "agency_id": "fire-119", "name": "over http", "jwks": systems.public(first), "agreement": "2026-1",
        "agreement_until": "2027-12-31",
    }  # fmt: skip
    with desk.signed_in(hub, client, "partner_lead", agency_id="fire-119") as lead:
        assert lead.post("/v1/clients", json=wanted).status_code == 403
        with desk.signed_in(hub, client, "admin") as admin:
            made = admin.post("/v1/clients", json=wanted)
        assert made.status_code == 201, made.text
        client_id = made.json()["client_id"]
        renewed = lead.post(f"/v1/clients/{client_id}/keys", json={"jwks": systems.public(second), "keep_old_hours": 0})
        assert [key["retired_at"] is None for key in renewed.json()["keys"]].count(True) == 1
        with desk.signed_in(hub, client, "partner_lead", agency_id="police-112") as stranger:
            path = f"/v1/clients/{client_id}"
            assert stranger.post(f"{path}/disable").status_code == 404
            assert stranger.post(f"{path}/keys", json={"jwks": systems.public(first)}).status_code == 404
            assert client_id not in stranger.get("/v1/clients").text
        assert lead.post(f"/v1/clients/{client_id}/disable").status_code == 204


def test_a_certificate_is_read_as_nginx_tells_it(hub: hubs.Hub, client: httpx.Client, tmp_path: Path) -> None:
    made = certificates.make(tmp_path)
    bearer = token_of(hub, client, systems.registered(hub, certificate_sha256=made.fingerprint))
    told = {CERTIFICATE_HEADER: urllib.parse.quote(made.authority_pem)}
    assert client.get("/v1/caller", headers={**bearer, **told}).status_code == 200


def test_a_certificate_is_believed_only_where_it_was_configured(tmp_path: Path) -> None:
    with hub_site.opened(tmp_path) as hub, hub_site.served(hub) as client:
        bearer = token_of(hub, client, systems.registered(hub, certificate_sha256="ab" * 32))
        assert client.get("/v1/caller", headers={**bearer, CERTIFICATE_HEADER: "ab" * 32}).status_code == 401
