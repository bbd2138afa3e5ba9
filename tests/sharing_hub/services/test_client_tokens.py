"""Tokens for agencies' systems: what is given for an assertion, what is not, and how long it is good."""

import datetime
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from sharing_hub import errors
from sharing_hub import hub as hubs
from sharing_hub.services import client_keys, client_tokens, clients
from sharing_hub.store import identity_tables
from tests.support import hub_site, recorded, systems

MINUTE = datetime.timedelta(minutes=1)


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[hubs.Hub]:
    with hub_site.opened(tmp_path_factory.mktemp("hub")) as opened:
        yield opened


@pytest.fixture
def system(hub: hubs.Hub) -> systems.System:
    return systems.registered(hub)


def issue(hub: hubs.Hub, asked: client_tokens.Request, token: str, later: datetime.timedelta | None = None) -> Any:
    with hub.database.writing() as session:
        return client_tokens.issue(session, asked, token, hub.clock() + (later or datetime.timedelta()))


def resolve(
    hub: hubs.Hub, token: str, later: datetime.timedelta | None = None, certificate: str | None = None
) -> client_tokens.Caller:
    with hub.database.reading() as session:
        return client_tokens.resolve(session, token, hub.clock() + (later or datetime.timedelta()), certificate)


def test_a_token_makes_a_system_its_agencys_partner(hub: hubs.Hub, system: systems.System) -> None:
    assert issue(hub, system.request(hub.clock()), "good") == ("agency.read", "agency.write")
    viewer = resolve(hub, "good").viewer
    assert (viewer.operator_id, viewer.agency_id, viewer.role) == (system.client_id, "fire-119", "partner")
    assert viewer.system
    assert viewer.second_factor
    assert viewer.trained
    assert viewer.on_shift
    assert viewer.session_id is None
    entry = recorded.entries(hub)[-1]
    assert (entry["action"], entry["actor"]["kind"]) == ("client.signed_in", "client")
    assert "good" not in str(entry["details"])


def test_a_token_ends_after_ten_minutes(hub: hubs.Hub, system: systems.System) -> None:
    issue(hub, system.request(hub.clock()), "short")
    resolve(hub, "short", 10 * MINUTE - datetime.timedelta(seconds=1))
    with pytest.raises(errors.TokenRefused):
        resolve(hub, "short", 10 * MINUTE)


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": None},
        {"exp": -31},
        {"exp": 331},
        {"exp": float("inf")},
        {"exp": True},
        {"exp": "soon"},
        {"nbf": 31},
        {"iat": 31},
        {"iat": "now"},
        {"jti": None},
        {"jti": ""},
        {"jti": "x" * 201},
        {"jti": 7},
        {"aud": None},
        {"aud": "https://another.example"},
        {"aud": []},
        {"aud": [systems.ISSUER, "https://another.example"]},
        {"aud": {"a": 1}},
        {"sub": "somebody"},
        {"sub": None},
        {"iss": "somebody"},
        {"iss": None},
        {"iss": 7},
    ],
    ids=str,
)
def test_an_assertion_that_is_wrong_in_one_thing_gives_no_token(
    hub: hubs.Hub, system: systems.System, claims: dict[str, Any]
) -> None:
    at = int(hub.clock().timestamp())
    moved: dict[str, Any] = {
        name: at + value if name in ("exp", "nbf", "iat") and type(value) is int else value
        for name, value in claims.items()
    }
    with pytest.raises(errors.TokenNotIssued) as refused:
        issue(hub, system.request(hub.clock(), **moved), "wrong")
    assert refused.value.code == "invalid_client"
    with pytest.raises(errors.TokenRefused):
        resolve(hub, "wrong")


@pytest.mark.parametrize("claims", [{"exp": -29}, {"exp": 329}, {"nbf": 29}, {"iat": 29}], ids=str)
def test_clocks_may_differ_by_half_a_minute(hub: hubs.Hub, system: systems.System, claims: dict[str, int]) -> None:
    at = int(hub.clock().timestamp())
    moved: dict[str, Any] = {name: at + value for name, value in claims.items()}
    assert issue(hub, system.request(hub.clock(), **moved), f"skewed {claims}")


@pytest.mark.parametrize("audience", [systems.ISSUER, f"{systems.ISSUER}/oauth/token", [systems.ISSUER]], ids=str)
def test_the_hub_is_meant_by_its_address_or_its_token_endpoint(
    hub: hubs.Hub, system: systems.System, audience: Any
) -> None:
    assert issue(hub, system.request(hub.clock(), aud=audience), f"meant {audience}")


def test_an_assertion_is_taken_once_for_as_long_as_it_lives(hub: hubs.Hub, system: systems.System) -> None:
    exp = int(hub.clock().timestamp()) + 300
    asked = system.request(hub.clock(), exp=exp)
    issue(hub, asked, "first")
    for later in (0, 1, 5):
        with pytest.raises(errors.TokenNotIssued, match="used already"):
            issue(hub, asked, "second", later * MINUTE)
        with hub.database.writing() as session:  # pruning does not open the door again
            client_tokens.forget(session, hub.clock() + later * MINUTE)
    with hub.database.writing() as session:
        client_tokens.forget(session, hub.clock() + 6 * MINUTE)
        ids = sa.select(identity_tables.ClientAssertion).where(
            identity_tables.ClientAssertion.client_id == system.client_id
        )
        assert session.scalars(ids).all() == []
    with pytest.raises(errors.TokenNotIssued, match="expired"):
        issue(hub, asked, "third", 6 * MINUTE)


def test_two_systems_may_use_the_same_id(hub: hubs.Hub, system: systems.System) -> None:
    other = systems.registered(hub, "police-112")
    issue(hub, system.request(hub.clock(), jti="same"), "one")
    issue(hub, other.request(hub.clock(), jti="same"), "two")
    assert resolve(hub, "one").viewer.agency_id == "fire-119"
    assert resolve(hub, "two").viewer.agency_id == "police-112"


def test_another_systems_key_does_not_sign_for_this_one(hub: hubs.Hub, system: systems.System) -> None:
    other = systems.registered(hub, "police-112")
    for forged in (systems.System(system.client_id, other.key), systems.System(system.client_id)):
        with pytest.raises(errors.TokenNotIssued, match="not its own"):
            issue(hub, forged.request(hub.clock()), "forged")


def test_a_disabled_system_is_refused_at_once_and_asks_in_vain(hub: hubs.Hub, system: systems.System) -> None:
    issue(hub, system.request(hub.clock()), "until disabled")
    with hub.database.writing() as session:
        clients.disable(session, system.client_id, hub.clock())
    with pytest.raises(errors.TokenRefused):
        resolve(hub, "until disabled")
    with pytest.raises(errors.TokenNotIssued) as refused:
        issue(hub, system.request(hub.clock()), "again")
    with pytest.raises(errors.TokenNotIssued) as unknown:
        issue(hub, systems.System(hub_site.enrol(hub, "x").agent_id).request(hub.clock()), "again")
    assert refused.value.detail == unknown.value.detail


def test_old_keys_go_on_for_the_overlap_and_their_tokens_end_with_them(hub: hubs.Hub, system: systems.System) -> None:
    issue(hub, system.request(hub.clock()), "of the old key")
    renewed = systems.System(system.client_id)
    keys = client_keys.read(systems.public(renewed.key))
    with hub.database.writing() as session:
        clients.rotate(session, system.client_id, keys, 5 * MINUTE, hub.clock())
    issue(hub, renewed.request(hub.clock()), "of the new key")
    issue(hub, system.request(hub.clock()), "of the old key still")
    resolve(hub, "of the old key", 4 * MINUTE)
    resolve(hub, "of the new key", 5 * MINUTE)
    for token in ("of the old key", "of the old key still"):
        with pytest.raises(errors.TokenRefused):
            resolve(hub, token, 5 * MINUTE)
    late = hub.clock() + 5 * MINUTE
    with pytest.raises(errors.TokenNotIssued):
        issue(hub, system.request(late), "too late", 5 * MINUTE)


def test_scopes_are_those_of_the_system_at_most(hub: hubs.Hub) -> None:
    reader = systems.registered(hub, scopes=("agency.read",))
    assert issue(hub, reader.request(hub.clock(), "agency.read"), "reads") == ("agency.read",)
    with pytest.raises(errors.TokenNotIssued) as refused:
        issue(hub, reader.request(hub.clock(), "agency.read agency.write"), "writes")
    assert refused.value.code == "invalid_scope"


def test_a_system_bound_to_a_certificate_shows_it(hub: hubs.Hub) -> None:
    bound = systems.registered(hub, certificate_sha256="ab" * 32)
    issue(hub, bound.request(hub.clock()), "bound")
    assert resolve(hub, "bound", certificate="ab" * 32).viewer.name
    for certificate in (None, "", "cd" * 32):
        with pytest.raises(errors.TokenRefused, match="certificate"):
            resolve(hub, "bound", certificate=certificate)


def test_training_counts_as_valid_while_the_agreement_is(hub: hubs.Hub) -> None:
    today = hub.clock().date()
    ended = systems.registered(hub, agreement_until=today - datetime.timedelta(days=2))
    issue(hub, ended.request(hub.clock()), "ended")
    assert not resolve(hub, "ended").viewer.trained


def test_what_is_no_assertion_is_refused(hub: hubs.Hub) -> None:
    deep = "a." + "W1tbW1tb" * 900 + ".c"
    for text in ("", "a.b.c", "....", "é.é.é", "x" * 8001, "e30.W10.e30", "e30.e30.", deep[:7999]):
        with pytest.raises(errors.TokenNotIssued) as refused:
            issue(hub, client_tokens.Request(text, (systems.ISSUER,)), "none")
        assert refused.value.code == "invalid_client"


def test_only_hashes_are_kept(hub: hubs.Hub, system: systems.System) -> None:
    asked = system.request(hub.clock(), jti="the id of an assertion")
    issue(hub, asked, "the secret of a token")
    stored = b"".join(path.read_bytes() for path in hub.settings.data_dir.glob("hub.db*"))
    for secret in ("the secret of a token", "the id of an assertion", asked.assertion):
        assert secret.encode() not in stored
