"""Health, metrics, the page and its policy, the API's description."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import prometheus_client.parser
import pytest

from sharing_hub import hub as hubs
from sharing_hub.services import browsing
from sharing_hub.wire import v1
from tests.support import desk, hub_site, messages


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[hubs.Hub]:
    with hub_site.opened(tmp_path) as opened:
        yield opened


@pytest.fixture
def client(hub: hubs.Hub) -> Iterator[httpx.Client]:
    with hub_site.served(hub) as served:
        yield served


def test_a_hub_that_can_write_is_healthy(client: httpx.Client) -> None:
    answer = client.get("/health")
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")


def test_a_hub_without_room_for_media_says_so_and_stays_up(tmp_path: Path) -> None:
    with hub_site.opened(tmp_path, media={"min_free_bytes": 1 << 60}) as hub, hub_site.served(hub) as client:
        answer = client.get("/health")
    assert (answer.status_code, answer.json()["status"]) == (200, "full")


def test_metrics_count_what_happened_and_name_nobody(hub: hubs.Hub, client: httpx.Client) -> None:
    site = hub_site.enrol(hub, "secret site")
    report = messages.report(camera_id="secret-camera")
    for _ in range(2):
        hub_site.post(client, site, "/v1/agent/events", v1.EventBatch(reports=(report,)))
    client.get("/v1/incidents")
    text = client.get("/metrics").text
    families = {family.name: family for family in prometheus_client.parser.text_string_to_metric_families(text)}
    assert families["jikimi_events_stored"].samples[0].value == 1
    assert families["jikimi_events_duplicate"].samples[0].value == 1
    assert families["jikimi_incidents_new"].samples[0].value == 1
    assert "secret" not in text


def test_metrics_tell_how_long_kinds_were_watched_for_at_all_cameras_together(
    hub: hubs.Hub, client: httpx.Client
) -> None:
    site = hub_site.enrol(hub)
    watched = v1.Coverage(kinds=("intrusion", "crowd"), full_s=50.0, degraded_s=7.5, blind_s=2.5)
    names = ("gate", "yard")
    beat = v1.Heartbeat(
        sent_at=messages.NOON,
        started_at=messages.NOON,
        software="test",
        disk=v1.Disk(total_bytes=9, free_bytes=9, recordings_bytes=0),
        backlog=v1.Backlog(events=0, media=0, media_bytes=0, parked=0),
        cameras=tuple(v1.CameraInfo(camera_id=name, name=name, recording=True) for name in names),
        health=tuple(v1.CameraHealth(camera_id=name, state="online", coverage=(watched,)) for name in names),
    )
    assert hub_site.post(client, site, "/v1/agent/heartbeat", beat).status_code == 200
    families = {
        family.name: family
        for family in prometheus_client.parser.text_string_to_metric_families(client.get("/metrics").text)
    }
    told = {
        (one.labels["kind"], one.labels["quality"]): one.value for one in families["jikimi_watched_seconds"].samples
    }
    assert told["intrusion", "full"] == told["crowd", "full"] == 100.0
    assert (told["crowd", "degraded"], told["crowd", "blind"]) == (15.0, 5.0)
    with desk.signed_in(hub, client) as browser:
        (gate, _) = browser.get("/v1/cameras").json()["items"]
    assert gate["coverage"] == [{"kinds": ["intrusion", "crowd"], "full_s": 50.0, "degraded_s": 7.5, "blind_s": 2.5}]


def test_the_page_runs_nothing_but_its_own_files(client: httpx.Client) -> None:
    page = client.get("/")
    assert page.status_code == 200
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    script = client.get("/static/js/main.js")
    assert script.status_code == 200
    assert "javascript" in script.headers["content-type"]
    assert client.get("/static/../settings.py").status_code == 404
    assert client.get("/static/%2e%2e/settings.py").status_code == 404


@pytest.mark.parametrize("path", ["/nowhere", "/v1/nowhere", "/v1/incidents/not-an-id"])
def test_errors_are_problems_under_a_policy(hub: hubs.Hub, client: httpx.Client, path: str) -> None:
    with desk.signed_in(hub, client) as browser:
        answer = browser.get(path)
    assert answer.status_code in (404, 422)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


BEFORE_LOGIN = ("/v1/session/ways", "/v1/session/city")
"""Doors that anybody may try: how to log in here, and the way to the city's own login and back."""


def test_every_operation_is_described_with_its_own_name_and_its_errors(client: httpx.Client) -> None:
    described = client.get("/v1/openapi.json").json()
    operations = [
        (path, method, operation)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    ]
    names = [operation["operationId"] for _, _, operation in operations]
    assert len(names) == len(set(names))
    for path, _, operation in operations:
        assert operation["tags"], path
        assert operation["summary"], path
        if path.startswith("/v1/") and not path.startswith(("/v1/agent/", *BEFORE_LOGIN)):
            assert "401" in operation["responses"], path
            assert "application/problem+json" in operation["responses"]["401"]["content"], path


def test_a_mistake_of_the_hub_is_answered_with_the_id_under_which_it_is_logged_and_no_word_more(
    hub: hubs.Hub, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browsing, "cameras", lambda *_: 1 / 0)
    with desk.signed_in(hub, client) as browser:
        answer = browser.get("/v1/cameras")
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert len(answer.headers["x-request-id"]) == 16
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "division" not in answer.text


@pytest.mark.parametrize("path", ["/v1/session", "/v1/agent/enrolment"])
def test_who_has_proved_nothing_may_send_little(client: httpx.Client, path: str) -> None:
    answer = client.post(path, content=b"{" + b" " * 200_000, headers={"Content-Type": "application/json"})
    assert answer.status_code == 413
