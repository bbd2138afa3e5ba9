"""Logging in at a city's own login: a real OpenID provider on loopback, and one that lies."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwk

from sharing_hub import city_settings, errors, settings
from sharing_hub import hub as hubs
from sharing_hub.services import city_login, operators
from tests.support import city_provider, hub_site, recorded

GROUPS = {
    "cctv-leads": {"role": "leader", "unit": "day shift"},
    "cctv": {"role": "operator"},
    "fire": {"agency": "fire-119", "role": "partner"},
}


@pytest.fixture(scope="module")
def clock() -> hub_site.Clock:
    return hub_site.Clock()


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory, clock: hub_site.Clock) -> Iterator[city_provider.CityProvider]:
    with city_provider.served(clock) as provider:
        yield provider


@pytest.fixture
def provider(serving: city_provider.CityProvider) -> city_provider.CityProvider:
    """The provider, telling the truth again."""
    serving.claims = {"sub": "u-1", "preferred_username": "choi", "groups": ["cctv"]}
    serving.lies, serving.algorithm, serving.key = {}, "RS256", serving.shown
    return serving


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory, serving: city_provider.CityProvider) -> Iterator[hubs.Hub]:
    folder = tmp_path_factory.mktemp("hub")
    (folder / "secret").write_text(f"{city_provider.CLIENT_SECRET}\n")
    city = {
        "issuer": serving.url, "client_id": city_provider.CLIENT_ID, "client_secret_file": folder / "secret",
        "groups": GROUPS,
    }  # fmt: skip
    with hub_site.opened(folder / "data", city_login=city, login={"attempts_per_minute": 1000}) as opened:
        yield opened


@pytest.fixture(scope="module")
def client(hub: hubs.Hub) -> Iterator[httpx.Client]:
    with hub_site.served(hub) as served:
        yield served


@contextlib.contextmanager
def browser(client: httpx.Client) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=client.base_url, follow_redirects=False) as one:
        yield one


def sent(one: httpx.Client) -> str:
    """Begin a login; return where the provider sends the browser back to, on the port that the hub really has."""
    to_city = one.get("/v1/session/city")
    assert to_city.status_code == 303, to_city.text
    back = urlsplit(httpx.get(to_city.headers["location"]).headers["location"])
    return f"{back.path}?{back.query}"


def log_in(client: httpx.Client) -> tuple[httpx.Response, dict[str, Any] | None]:
    with browser(client) as one:
        answer = one.get(sent(one))
        session = one.get("/v1/session")
        return answer, session.json()["operator"] if session.status_code == 200 else None


def test_who_comes_back_is_logged_in_by_group_without_a_second_factor(
    hub: hubs.Hub, client: httpx.Client, provider: city_provider.CityProvider
) -> None:
    answer, operator = log_in(client)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert operator is not None
    assert (operator["name"], operator["role"], operator["agency_id"]) == ("choi", "operator", "district")
    assert operator["second_factor"] is False
    assert operator["must_change_password"] is False
    assert log_in(client)[1] == operator  # the same person, not another of the same name
    made = [entry for entry in recorded.entries(hub) if entry["action"] == "operator.created"]
    assert (made[-1]["actor"]["kind"], made[-1]["actor"]["name"]) == ("city login", provider.url)


def test_groups_decide_anew_at_each_login(
    hub: hubs.Hub, client: httpx.Client, provider: city_provider.CityProvider
) -> None:
    provider.claims = {"sub": "u-2", "preferred_username": "mover", "groups": ["cctv"]}
    with browser(client) as one:
        one.get(sent(one))
        provider.claims["groups"] = ["cctv", "cctv-leads"]
        assert (log_in(client)[1] or {})["role"] == "leader"
        provider.claims["groups"] = ["others"]
        answer, operator = log_in(client)
        assert (answer.status_code, operator) == (403, None)
        assert one.get("/v1/session").status_code == 401  # the session from before ended too
    provider.claims["groups"] = ["fire"]
    assert log_in(client)[0].status_code == 403  # of another agency: people do that, not a claim


def test_a_name_that_somebody_has_here_is_not_taken_over(
    hub: hubs.Hub, client: httpx.Client, provider: city_provider.CityProvider
) -> None:
    with hub.database.writing() as session:
        operators.add(session, "local admin", "admin", hub.clock())
    provider.claims = {"sub": "u-3", "preferred_username": "local admin", "groups": ["cctv"]}
    answer, operator = log_in(client)
    assert (answer.status_code, operator) == (409, None)


def test_who_is_disabled_here_stays_out(
    hub: hubs.Hub, client: httpx.Client, provider: city_provider.CityProvider
) -> None:
    provider.claims = {"sub": "u-4", "preferred_username": "leaver", "groups": ["cctv"]}
    log_in(client)
    with hub.database.writing() as session:
        operators.disable(session, "leaver", hub.clock())
    assert log_in(client)[0].status_code == 403


@pytest.mark.parametrize(
    "lies",
    [
        {"iss": "https://another.example"},
        {"aud": "another"},
        {"aud": [city_provider.CLIENT_ID, "another"]},
        {"nonce": "another"},
        {"nonce": None},
        {"exp": 1},
        {"exp": None},
        {"iat": None},
        {"sub": None},
        {"sub": ""},
        {"sub": "x" * 201},
        {"preferred_username": ""},
        {"groups": {"cctv": 1}},
    ],
    ids=str,
)
def test_a_token_that_is_wrong_in_one_thing_lets_nobody_in(
    client: httpx.Client, provider: city_provider.CityProvider, lies: dict[str, Any]
) -> None:
    provider.claims = {"sub": "u-5", "preferred_username": "liar", "groups": ["cctv"]}
    provider.lies = lies
    answer, operator = log_in(client)
    assert answer.status_code in (403, 422)
    assert operator is None


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
def test_a_token_that_the_provider_did_not_sign_lets_nobody_in(
    client: httpx.Client, provider: city_provider.CityProvider
) -> None:
    modulus = str(provider.shown.as_dict(private=False)["n"])
    forgeries: list[tuple[jwk.RSAKey | jwk.OctKey, str]] = [
        (jwk.RSAKey.generate_key(2048), "RS256"),
        (jwk.OctKey.import_key(modulus), "HS256"),
        (jwk.OctKey.import_key(modulus), "none"),
    ]
    for provider.key, provider.algorithm in forgeries:
        answer, operator = log_in(client)
        assert (answer.status_code, operator) == (403, None), provider.algorithm


def test_a_login_is_finished_once_by_the_browser_that_began_it(
    client: httpx.Client, provider: city_provider.CityProvider, hub: hubs.Hub
) -> None:
    with browser(client) as victim, browser(client) as attacker:
        back = sent(attacker)
        assert victim.get(back).status_code == 403  # somebody else's login, slipped to the victim
        sent(victim)
        assert victim.get(back).status_code == 403
        assert attacker.get(back).status_code == 303
        assert attacker.get(back).status_code == 403
    with browser(client) as slow:
        back = sent(slow)
        assert isinstance(hub.clock, hub_site.Clock)
        hub.clock.pass_s(600)
        assert slow.get(back).status_code == 403
        hub.clock.pass_s(-600)


def test_what_comes_back_without_a_code_is_refused(client: httpx.Client, provider: city_provider.CityProvider) -> None:
    with browser(client) as one:
        state = parse_qs(urlsplit(sent(one)).query)["state"][0]
        assert one.get(f"/v1/session/city/callback?state={state}&error=access_denied").status_code == 403
        assert one.get("/v1/session/city/callback").status_code == 422


def test_a_hub_without_a_city_login_says_so(tmp_path: Path) -> None:
    with hub_site.opened(tmp_path) as hub, hub_site.served(hub) as client:
        assert client.get("/v1/session/city").status_code == 404
        assert client.get("/v1/session/ways").json() == {"city_ko": None, "city_en": None}


@pytest.mark.parametrize(
    "city",
    [
        {"issuer": "http://login.example", "client_id": "x", "groups": GROUPS},
        {"issuer": "https://login.example", "groups": GROUPS},
        {"issuer": "https://login.example", "client_id": "x"},
    ],
    ids=str,
)
def test_settings_that_name_too_little_are_refused(tmp_path: Path, city: dict[str, Any]) -> None:
    with pytest.raises(errors.SettingsError, match="city_login"):
        settings.check(settings.Settings.model_validate({"data_dir": tmp_path, "city_login": city}))


@pytest.mark.parametrize(
    "place", [{"role": "partner"}, {"role": "king"}, {"role": "admin", "agency": "fire-119"}], ids=str
)
def test_a_group_cannot_be_what_its_agency_does_not_have(place: dict[str, str]) -> None:
    chosen = city_settings.CityLogin.model_validate({"groups": {"some": place}})
    with pytest.raises(errors.SettingsError, match="some"):
        city_login.places_of(chosen)
