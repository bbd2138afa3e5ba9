"""Passkeys over HTTP: an authenticator in software, real signatures, and what an attacker would send instead."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from sharing_hub import hub as hubs
from sharing_hub.services import operators
from tests.support import authenticator, desk, hub_site, passkey_side, recorded


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[hubs.Hub]:
    with hub_site.opened(tmp_path_factory.mktemp("hub")) as opened:
        yield opened


@pytest.fixture(scope="module")
def client(hub: hubs.Hub) -> Iterator[httpx.Client]:
    with hub_site.served(hub) as served:
        yield served


@pytest.fixture
def browser(hub: hubs.Hub, client: httpx.Client) -> Iterator[httpx.Client]:
    with desk.signed_in(hub, client) as signed_in:
        yield passkey_side.at_localhost(signed_in)


@pytest.fixture
def key(browser: httpx.Client) -> authenticator.Authenticator:
    made = authenticator.Authenticator()
    assert passkey_side.register(browser, made).status_code == 201
    return made


def second_factor(browser: httpx.Client) -> bool:
    proved: bool = browser.get("/v1/session").json()["operator"]["second_factor"]
    return proved


def test_only_a_confirmation_gives_the_session_its_second_factor(
    hub: hubs.Hub, browser: httpx.Client, key: authenticator.Authenticator
) -> None:
    assert not second_factor(browser)
    answer = passkey_side.confirm(browser, key)
    assert answer.status_code == 200, answer.text
    assert answer.json()["operator"]["second_factor"] is True
    assert second_factor(browser)
    assert recorded.actions(hub)[-2:] == ["passkey.added", "passkey.confirmed"]


def test_another_session_of_the_same_person_has_no_second_factor(hub: hubs.Hub, client: httpx.Client) -> None:
    with desk.signed_in(hub, client, name="two windows") as first:
        passkey_side.at_localhost(first)
        key = authenticator.Authenticator()
        passkey_side.register(first, key)
        passkey_side.confirm(first, key)
        with desk.signed_in_again(hub, client, "two windows") as second:
            assert second_factor(first)
            assert not second_factor(second)


def test_the_secret_from_before_the_confirmation_is_worth_nothing(
    client: httpx.Client, browser: httpx.Client, key: authenticator.Authenticator
) -> None:
    fixed = dict(browser.cookies)
    passkey_side.confirm(browser, key)
    assert dict(browser.cookies) != fixed
    with httpx.Client(base_url=client.base_url, cookies=fixed) as attacker:
        assert attacker.get("/v1/session").status_code == 401


def test_an_answer_is_taken_once(browser: httpx.Client, key: authenticator.Authenticator) -> None:
    asked = passkey_side.options(browser, "confirmation")
    body = {"credential": key.confirm(asked, passkey_side.origin(browser))}
    assert browser.post(f"{passkey_side.DOORS}/confirmation", json=body).status_code == 200
    assert browser.post(f"{passkey_side.DOORS}/confirmation", json=body).status_code == 403


def test_a_wrong_answer_spends_its_challenge(browser: httpx.Client, key: authenticator.Authenticator) -> None:
    asked = passkey_side.options(browser, "confirmation")
    right = key.confirm(asked, passkey_side.origin(browser))
    wrong = {**right, "response": {**right["response"], "signature": "AAAA"}}
    door = f"{passkey_side.DOORS}/confirmation"
    assert browser.post(door, json={"credential": wrong}).status_code == 401
    assert browser.post(door, json={"credential": right}).status_code == 403
    assert not second_factor(browser)


def test_a_challenge_is_good_for_five_minutes(
    hub: hubs.Hub, browser: httpx.Client, key: authenticator.Authenticator
) -> None:
    asked = passkey_side.options(browser, "confirmation")
    assert isinstance(hub.clock, hub_site.Clock)
    hub.clock.pass_s(300)
    body = {"credential": key.confirm(asked, passkey_side.origin(browser))}
    assert browser.post(f"{passkey_side.DOORS}/confirmation", json=body).status_code == 403


def test_a_challenge_of_another_session_or_purpose_is_refused(
    hub: hubs.Hub, client: httpx.Client, browser: httpx.Client, key: authenticator.Authenticator
) -> None:
    passkey_side.options(browser, "confirmation")
    with desk.signed_in(hub, client) as attacker:
        passkey_side.at_localhost(attacker)
        mine = authenticator.Authenticator()
        passkey_side.register(attacker, mine)
        foreign = passkey_side.options(attacker, "confirmation")
    for asked in (foreign, {**foreign, "challenge": "AAAA"}):
        body = {"credential": key.confirm(asked, passkey_side.origin(browser))}
        assert browser.post(f"{passkey_side.DOORS}/confirmation", json=body).status_code == 403


def test_another_persons_passkey_is_no_second_factor(
    hub: hubs.Hub, client: httpx.Client, browser: httpx.Client, key: authenticator.Authenticator
) -> None:
    with desk.signed_in(hub, client) as other:
        stranger = authenticator.Authenticator()
        passkey_side.register(passkey_side.at_localhost(other), stranger)
    answer = passkey_side.confirm(browser, stranger)
    assert answer.status_code == 401
    assert not second_factor(browser)


def test_an_answer_made_for_another_site_is_refused(browser: httpx.Client, key: authenticator.Authenticator) -> None:
    for origin, rp_id in (("https://evil.example", None), (passkey_side.origin(browser), "evil.example")):
        asked = passkey_side.options(browser, "confirmation")
        body: dict[str, Any] = {"credential": key.confirm(asked, origin, rp_id)}
        assert browser.post(f"{passkey_side.DOORS}/confirmation", json=body).status_code == 401
    assert passkey_side.confirm(browser, key).status_code == 200
    fresh = authenticator.Authenticator()
    asked = passkey_side.options(browser, "registration")
    body = {"label": "x", "credential": fresh.register(asked, "https://evil.example")}
    assert browser.post(f"{passkey_side.DOORS}/registration", json=body).status_code == 422


def test_an_answer_made_in_a_frame_of_another_site_is_refused(
    browser: httpx.Client, key: authenticator.Authenticator
) -> None:
    asked = passkey_side.options(browser, "confirmation")
    body = {"credential": key.confirm(asked, passkey_side.origin(browser), framed=True)}
    assert browser.post(f"{passkey_side.DOORS}/confirmation", json=body).status_code == 403
    assert not second_factor(browser)


def test_a_cloned_authenticator_is_refused(browser: httpx.Client, key: authenticator.Authenticator) -> None:
    assert passkey_side.confirm(browser, key).status_code == 200
    key.sign_count = 0
    assert passkey_side.confirm(browser, key).status_code == 401


def test_a_stolen_password_is_not_enough_to_add_or_remove_a_passkey(hub: hubs.Hub, client: httpx.Client) -> None:
    with desk.signed_in(hub, client, name="victim") as victim:
        passkey_side.at_localhost(victim)
        first, second = authenticator.Authenticator(), authenticator.Authenticator()
        passkey_id = passkey_side.register(victim, first).json()["passkey_id"]
        with desk.signed_in_again(hub, client, "victim") as thief:
            passkey_side.at_localhost(thief)
            assert thief.post(f"{passkey_side.DOORS}/registration/options").status_code == 403
            assert thief.delete(f"{passkey_side.DOORS}/{passkey_id}").status_code == 403
        passkey_side.confirm(victim, first)
        assert victim.delete(f"{passkey_side.DOORS}/{passkey_id}").status_code == 403  # the last one
        assert passkey_side.register(victim, second, "spare").status_code == 201
        assert victim.delete(f"{passkey_side.DOORS}/{passkey_id}").status_code == 204
        labels = [one["label"] for one in victim.get(passkey_side.DOORS).json()["items"]]
        assert labels == ["spare"]
        assert passkey_side.confirm(victim, first).status_code == 401


def test_nobody_removes_or_learns_of_anothers_passkey(hub: hubs.Hub, client: httpx.Client) -> None:
    mine, theirs = authenticator.Authenticator(), authenticator.Authenticator()
    with desk.signed_in(hub, client) as owner, desk.signed_in(hub, client) as other:
        passkey_id = passkey_side.register(passkey_side.at_localhost(owner), mine).json()["passkey_id"]
        passkey_side.register(passkey_side.at_localhost(other), theirs)
        passkey_side.confirm(other, theirs)
        assert other.delete(f"{passkey_side.DOORS}/{passkey_id}").status_code == 404
        assert passkey_id not in other.get(passkey_side.DOORS).text


@pytest.mark.parametrize("door", ["registration/options", "confirmation/options", "registration", "confirmation"])
@pytest.mark.parametrize("headers", [{"X-CSRF-Token": ""}, {"Origin": "https://evil.example"}], ids=str)
def test_another_site_cannot_use_the_doors(browser: httpx.Client, door: str, headers: dict[str, str]) -> None:
    body: dict[str, Any] = {
        "label": "x",
        "credential": authenticator.Authenticator().confirm({"challenge": "AA", "rpId": "x"}, "x"),
    }
    assert browser.post(f"{passkey_side.DOORS}/{door}", json=body, headers=headers).status_code == 403


@pytest.mark.parametrize(
    "response",
    [
        {"clientDataJSON": "AAAA"},
        {"clientDataJSON": "bnVsbA"},
        {"clientDataJSON": "W1tbW1tb" * 1000},
        {"clientDataJSON": "A"},
        {"clientDataJSON": "not base64!"},
        {"clientDataJSON": "A" * 16_385},
    ],
    ids=lambda one: str(one)[:40],
)
def test_rubbish_is_refused_in_words(browser: httpx.Client, response: dict[str, str]) -> None:
    passkey_side.options(browser, "registration")
    credential = {"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": response}
    answer = browser.post(f"{passkey_side.DOORS}/registration", json={"label": "x", "credential": credential})
    assert answer.status_code in (403, 422)


@pytest.mark.parametrize("attestation", ["", "AAAA", "gICAgICA", "v__-", "oWNmbXRkbm9uZQ"])
def test_rubbish_for_the_right_challenge_is_refused_too(browser: httpx.Client, attestation: str) -> None:
    asked = passkey_side.options(browser, "registration")
    credential = authenticator.Authenticator().register(asked, passkey_side.origin(browser))
    credential["response"]["attestationObject"] = attestation
    answer = browser.post(f"{passkey_side.DOORS}/registration", json={"label": "x", "credential": credential})
    assert answer.status_code == 422


def test_a_disabled_persons_passkey_opens_nothing(hub: hubs.Hub, client: httpx.Client) -> None:
    with desk.signed_in(hub, client, name="leaver") as browser:
        passkey_side.register(passkey_side.at_localhost(browser), authenticator.Authenticator())
        with hub.database.writing() as session:
            operators.disable(session, "leaver", hub.clock())
        assert browser.post(f"{passkey_side.DOORS}/confirmation/options").status_code == 401


def test_where_browsers_offer_no_passkeys_the_hub_says_so(hub: hubs.Hub, client: httpx.Client) -> None:
    with desk.signed_in(hub, client) as browser:  # at http://127.0.0.1
        for host in (None, "hub.example", "[", "localhost:99999"):
            headers = {} if host is None else {"Host": host}
            answer = browser.post(f"{passkey_side.DOORS}/registration/options", headers=headers)
            assert (answer.status_code, "public_url" in answer.text) == (409, True), host


def test_the_public_address_is_what_authenticators_know(tmp_path: Path) -> None:
    public = {"server": {"public_url": "https://hub.example:8443"}}
    with hub_site.opened(tmp_path, **public) as hub, hub_site.served(hub) as client, desk.signed_in(hub, client) as one:
        key = authenticator.Authenticator()
        asked = passkey_side.options(one, "registration")
        assert asked["rp"]["id"] == "hub.example"
        body = {"label": "x", "credential": key.register(asked, "https://hub.example:8443")}
        assert one.post(f"{passkey_side.DOORS}/registration", json=body).status_code == 201
