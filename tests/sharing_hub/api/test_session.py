"""Logging in: argon2, real cookies, over HTTP."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from sharing_hub import hub as hubs
from sharing_hub.services import operators, passwords
from sharing_hub.store import tables
from tests.support import desk, hub_site, plain_http, recorded

CHOSEN = "a password of my own"


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[hubs.Hub]:
    with hub_site.opened(tmp_path, login={"attempts_per_minute": 8}) as opened:
        yield opened


@pytest.fixture
def client(hub: hubs.Hub) -> Iterator[httpx.Client]:
    with hub_site.served(hub) as served:
        yield served


def first_admin(hub: hubs.Hub) -> str:
    with hub.database.writing() as session:
        password = operators.create_first_admin(session, None, hub.clock())
    assert password is not None
    return password


def log_in(client: httpx.Client, password: str, name: str = "admin") -> httpx.Response:
    return client.post("/v1/session", json={"name": name, "password": password})


def clock_of(hub: hubs.Hub) -> hub_site.Clock:
    assert isinstance(hub.clock, hub_site.Clock)
    return hub.clock


def test_the_first_administrator_must_change_the_one_time_password_before_anything_else(
    hub: hubs.Hub, client: httpx.Client
) -> None:
    once = first_admin(hub)
    answer = log_in(client, once)
    assert answer.status_code == 200
    assert answer.json()["operator"]["must_change_password"] is True
    refused = client.get("/v1/incidents")
    assert (refused.status_code, refused.json()["title"]) == (403, "Password change needed")
    csrf = {"X-CSRF-Token": answer.json()["csrf"]}
    changed = client.post("/v1/session/password", json={"old": once, "new": CHOSEN}, headers=csrf)
    assert changed.status_code == 200
    assert changed.json()["operator"]["must_change_password"] is False
    assert client.get("/v1/incidents").status_code == 200
    assert log_in(client, once).status_code == 401


def test_the_session_before_a_password_change_is_gone(hub: hubs.Hub, client: httpx.Client) -> None:
    once = first_admin(hub)
    answer = log_in(client, once)
    old_cookies = dict(client.cookies)
    csrf = {"X-CSRF-Token": answer.json()["csrf"]}
    client.post("/v1/session/password", json={"old": once, "new": CHOSEN}, headers=csrf)
    with plain_http.client(client.base_url, cookies=old_cookies) as stale:
        assert stale.get("/v1/session").status_code == 401


def test_there_is_only_one_first_administrator(hub: hubs.Hub) -> None:
    first_admin(hub)
    with hub.database.writing() as session:
        assert operators.create_first_admin(session, None, hub.clock()) is None


def test_the_cookie_cannot_be_read_by_scripts_nor_sent_by_other_sites(hub: hubs.Hub, client: httpx.Client) -> None:
    cookie = log_in(client, first_admin(hub)).headers["set-cookie"].lower()
    assert cookie.startswith("jikimi_session=")
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "secure" not in cookie  # plain HTTP on loopback


def test_by_tls_the_cookie_is_bound_to_this_host(tmp_path: Path) -> None:
    public = {"server": {"public_url": "https://hub.example"}}
    with hub_site.opened(tmp_path, **public) as hub, hub_site.served(hub) as client:
        cookie = log_in(client, first_admin(hub)).headers["set-cookie"]
    assert cookie.startswith("__Host-jikimi_session=")
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie


def test_wrong_passwords_and_unknown_names_get_the_same_answer(hub: hubs.Hub, client: httpx.Client) -> None:
    first_admin(hub)
    wrong, unknown = log_in(client, "not the password"), log_in(client, "not the password", "nobody")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()


def test_many_wrong_passwords_make_a_name_wait_known_or_not(hub: hubs.Hub, client: httpx.Client) -> None:
    first_admin(hub)
    clock = clock_of(hub)
    for name in ("admin", "nobody"):
        for _ in range(5):
            assert log_in(client, "wrong", name).status_code == 401
            clock.pass_s(10)  # the address may try again; the name may not
        refused = log_in(client, "wrong", name)
        assert refused.status_code == 429
        assert 1 <= int(refused.headers["Retry-After"]) <= 15
        clock.pass_s(60)


def test_an_address_may_not_try_many_names(hub: hubs.Hub, client: httpx.Client) -> None:
    answers = [log_in(client, "wrong", f"name{number}").status_code for number in range(9)]
    assert answers == [401] * 8 + [429]


def test_a_session_ends_when_idle_and_when_old(hub: hubs.Hub, client: httpx.Client) -> None:
    clock = clock_of(hub)
    with desk.signed_in(hub, client) as browser:
        clock.pass_s(29 * 60)
        assert browser.get("/v1/session").status_code == 200
        clock.pass_s(29 * 60)
        assert browser.get("/v1/session").status_code == 200
        clock.pass_s(31 * 60)
        assert browser.get("/v1/session").status_code == 401
    with desk.signed_in(hub, client) as browser:
        for _ in range(12 * 3 - 1):
            clock.pass_s(20 * 60)
            assert browser.get("/v1/session").status_code == 200
        clock.pass_s(20 * 60)
        assert browser.get("/v1/session").status_code == 401


def test_logging_out_ends_the_session_for_good(hub: hubs.Hub, client: httpx.Client) -> None:
    with desk.signed_in(hub, client) as browser:
        cookies = dict(browser.cookies)
        assert browser.delete("/v1/session").status_code == 204
        with plain_http.client(client.base_url, cookies=cookies) as stolen:
            assert stolen.get("/v1/session").status_code == 401


def test_a_disabled_operator_is_out_at_once(hub: hubs.Hub, client: httpx.Client) -> None:
    with desk.signed_in(hub, client, name="leaver") as browser:
        with hub.database.writing() as session:
            operators.disable(session, "leaver", hub.clock())
        assert browser.get("/v1/session").status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"X-CSRF-Token": ""},
        {"X-CSRF-Token": "wrong"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://["},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_changes_that_another_site_could_cause_are_refused(
    hub: hubs.Hub, client: httpx.Client, headers: dict[str, str]
) -> None:
    with desk.signed_in(hub, client) as browser:
        assert browser.delete("/v1/session", headers=headers).status_code == 403
        assert browser.get("/v1/session").status_code == 200


def test_a_login_from_another_sites_page_is_refused(hub: hubs.Hub, client: httpx.Client) -> None:
    body = {"name": "admin", "password": first_admin(hub)}
    assert client.post("/v1/session", json=body, headers={"Origin": "https://evil.example"}).status_code == 403


def test_the_hubs_own_page_may_change_things(hub: hubs.Hub, client: httpx.Client) -> None:
    own = {"Origin": str(client.base_url).rstrip("/"), "Sec-Fetch-Site": "same-origin"}
    with desk.signed_in(hub, client) as browser:
        assert browser.delete("/v1/session", headers=own).status_code == 204


def test_passwords_and_secrets_are_not_kept(hub: hubs.Hub, client: httpx.Client) -> None:
    once = first_admin(hub)
    log_in(client, once)
    secret = client.cookies["jikimi_session"]
    stored = b"".join(path.read_bytes() for path in hub.settings.data_dir.glob("hub.db*"))
    assert once.encode() not in stored
    assert secret.encode() not in stored


@pytest.mark.parametrize("new", ["short", "x" * 201])
def test_a_new_password_that_is_too_short_or_long_is_refused(hub: hubs.Hub, client: httpx.Client, new: str) -> None:
    with desk.signed_in(hub, client) as browser:
        answer = browser.post("/v1/session/password", json={"old": "whatever", "new": new})
    assert answer.status_code == 422
    assert new not in answer.text


@pytest.mark.usefixtures("dear_passwords")
def test_the_decoy_costs_what_a_real_hash_costs() -> None:
    decoy, real = passwords.DECOY.split("$")[1:4], passwords.hashed("x" * 12).split("$")[1:4]
    assert decoy == real == ["argon2id", "v=19", "m=65536,t=3,p=4"]
    assert not passwords.matches("x" * 12, None)
    assert not passwords.matches("x" * 12, "a damaged hash")


def test_failed_logins_are_counted_on_the_operator(hub: hubs.Hub, client: httpx.Client) -> None:
    once = first_admin(hub)
    log_in(client, "wrong")
    with hub.database.reading() as session:
        admin = operators.find(session, "admin")
        assert isinstance(admin, tables.Operator)
        assert admin.failed_logins == 1
    log_in(client, once)
    with hub.database.reading() as session:
        admin = operators.find(session, "admin")
        assert admin is not None
        assert (admin.failed_logins, admin.last_login_at) == (0, hub.clock())


def test_signing_in_and_out_and_a_lock_out_are_recorded_and_what_strangers_type_is_not(
    hub: hubs.Hub, client: httpx.Client
) -> None:
    once = first_admin(hub)
    for number in range(6):
        log_in(client, "wrong", "my password, typed into the wrong field")
        clock_of(hub).pass_s(400)
        assert log_in(client, "wrong").status_code == 401, number
        clock_of(hub).pass_s(400)
    csrf = {"X-CSRF-Token": log_in(client, once).json()["csrf"]}
    client.delete("/v1/session", headers=csrf)
    people = [entry for entry in recorded.entries(hub) if entry["action"].startswith("operator.")]
    assert [entry["action"] for entry in people] == [
        "operator.created", "operator.locked_out", "operator.locked_out", "operator.signed_in", "operator.signed_out",
    ]  # fmt: skip
    assert (people[1]["actor"]["kind"], people[1]["details"]["failed_logins"]) == ("unproved", 5)
    assert {entry["source_address"] for entry in people[1:]} == {"127.0.0.1"}
    assert "typed" not in str(recorded.entries(hub))
