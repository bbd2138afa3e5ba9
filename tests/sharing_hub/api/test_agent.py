"""The agents' door, over real HTTP on a real database."""

import datetime
import hashlib
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jwk, jwt

from sharing_hub import hub as hubs
from sharing_hub.services import agents, ingest
from sharing_hub.store import tables
from sharing_hub.wire import v1
from tests.support import hub_site, messages

CONTENT = bytes(range(256)) * 40


@dataclass(frozen=True)
class Place:
    """A served hub and one of its agents."""

    hub: hubs.Hub
    client: httpx.Client
    site: hub_site.Site

    def events(self, *reports: v1.EventReport, endings: tuple[v1.EventEnd, ...] = ()) -> v1.BatchReply:
        """Deliver events."""
        batch = v1.EventBatch(reports=reports, endings=endings)
        answer = hub_site.post(self.client, self.site, "/v1/agent/events", batch)
        assert answer.status_code == 200, answer.text
        return v1.BatchReply.model_validate_json(answer.content)

    def announce(self, manifest: v1.MediaManifest) -> httpx.Response:
        """Announce a file."""
        return hub_site.post(self.client, self.site, "/v1/agent/media", self.site.sign(manifest))

    def send(self, media_id: uuid.UUID, offset: int, data: bytes) -> httpx.Response:
        """Send a chunk."""
        headers = {**self.site.headers(messages.NOON), "Upload-Offset": str(offset)}
        return self.client.patch(f"/v1/agent/media/{media_id}", content=data, headers=headers)

    def count(self, table: type[tables.Table]) -> int:
        """Count rows."""
        with self.hub.database.reading() as session:
            return session.scalar(sa.select(sa.func.count()).select_from(table)) or 0


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with hub_site.opened(tmp_path) as hub, hub_site.served(hub) as client:
        yield Place(hub, client, hub_site.enrol(hub))


def test_a_site_enrols_once_with_its_secret_and_a_repeat_gives_the_same_agent(place: Place) -> None:
    with place.hub.database.writing() as session:
        secret = agents.issue_token(session, "south", "admin", messages.NOON, datetime.timedelta(hours=1))
    key = hub_site.base64_of(bytes(range(32)))
    request = v1.EnrolmentRequest(secret=secret, public_key=key, site="south", software="x")
    answers = [place.client.post("/v1/agent/enrolment", content=request.model_dump_json()) for _ in range(2)]
    other = request.model_copy(update={"public_key": hub_site.base64_of(bytes(32))})
    refused = place.client.post("/v1/agent/enrolment", content=other.model_dump_json())
    assert [a.status_code for a in answers] == [200, 200]
    assert answers[0].json()["agent_id"] == answers[1].json()["agent_id"]
    assert refused.status_code == 403
    assert "used already" in refused.json()["detail"]


def test_an_expired_secret_is_refused(place: Place) -> None:
    with place.hub.database.writing() as session:
        secret = agents.issue_token(session, "south", "admin", messages.NOON, datetime.timedelta(0))
    request = v1.EnrolmentRequest(
        secret=secret, public_key=hub_site.base64_of(bytes(range(32))), site="s", software="x"
    )
    answer = place.client.post("/v1/agent/enrolment", content=request.model_dump_json())
    assert answer.status_code == 403
    assert "expired" in answer.json()["detail"]


def test_an_event_is_stored_once_however_often_it_is_sent(place: Place) -> None:
    report = messages.report()
    first = place.events(report, report)
    second = place.events(report)
    assert [o.result for o in first.reports] == ["stored", "duplicate"]
    assert [o.result for o in second.reports] == ["duplicate"]
    assert (place.count(tables.Event), place.count(tables.Alarm), place.count(tables.Incident)) == (1, 1, 1)


def test_the_same_event_from_many_connections_at_once_is_stored_once(place: Place) -> None:
    reports = [messages.report() for _ in range(5)]
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda _: place.events(*reports), range(8)))
    results = [outcome.result for reply in replies for outcome in reply.reports]
    assert results.count("stored") == 5
    assert place.count(tables.Event) == 5


def test_an_ending_in_the_same_batch_and_its_repeat_end_the_event_once(place: Place) -> None:
    report = messages.report()
    end = v1.EventEnd(event_id=report.event_id, ended_at=messages.after(9))
    unknown = v1.EventEnd(event_id=uuid.uuid4(), ended_at=messages.after(9))
    first = place.events(report, endings=(end, unknown))
    later = place.events(endings=(end.model_copy(update={"ended_at": messages.after(99)}),))
    assert [o.result for o in first.endings] == ["stored", "refused"]
    assert [o.result for o in later.endings] == ["duplicate"]
    with place.hub.database.reading() as session:
        assert session.get_one(tables.Event, report.event_id).ended_at == messages.after(9)


def test_an_agent_may_not_write_for_another_agents_camera_or_event(place: Place) -> None:
    report = messages.report()
    place.events(report)
    thief = Place(place.hub, place.client, hub_site.enrol(place.hub, "thief"))
    reply = thief.events(
        messages.report(), report, endings=(v1.EventEnd(event_id=report.event_id, ended_at=messages.NOON),)
    )
    assert [o.result for o in (*reply.reports, *reply.endings)] == ["refused"] * 3
    assert "another agent" in reply.reports[0].reason
    assert place.count(tables.Event) == 1


def token_without_proof(site: hub_site.Site) -> str:
    header, payload, _ = site.token(messages.NOON).split(".")
    none = hub_site.base64_of(b'{"alg":"none","typ":"JWT"}')
    assert header != none
    return f"{none}.{payload}."


def token_with_shared_secret(site: hub_site.Site) -> str:
    key = jwk.OctKey.import_key(hub_site.public(site.key))
    claims = {"iss": str(site.agent_id), "aud": v1.AGENT_AUDIENCE, "iat": 1, "exp": 2**33, "jti": "x"}
    return jwt.encode({"alg": "HS256"}, claims, key)


def seconds(offset: int) -> int:
    return int(messages.NOON.timestamp()) + offset


IMPOSSIBLE = (
    "0001-01-01T00:00:00+14:00",
    "0001-01-01T00:00:00+00:00",
    "1960-01-01T00:00:00+00:00",
    "9999-12-31T23:59:59-12:00",
)


@pytest.mark.parametrize("text", IMPOSSIBLE)
def test_an_event_at_a_time_that_cannot_be_is_refused_alone(place: Place, text: str) -> None:
    lying, good = datetime.datetime.fromisoformat(text), messages.report()
    end = v1.EventEnd(event_id=good.event_id, ended_at=lying)
    began, raised = messages.report(started_at=lying), messages.report(raised_at=lying)
    reply = place.events(began, good, raised, endings=(end,))
    assert [outcome.result for outcome in reply.reports] == ["refused", "stored", "refused"]
    assert reply.reports[0].reason == reply.endings[0].reason == ingest.IMPOSSIBLE_TIME
    assert place.count(tables.Event) == 1


def test_a_heartbeat_with_numbers_that_cannot_be_is_refused_with_words(place: Place) -> None:
    beat: dict[str, Any] = {"software": "test", "cameras": [], "health": [{"camera_id": "gate", "state": "online"}]}
    beat["disk"] = {"total_bytes": 1, "free_bytes": 1, "recordings_bytes": 0}
    beat["backlog"] = {"events": 0, "media": 0, "media_bytes": 0, "parked": 0}
    beat["sent_at"] = beat["started_at"] = messages.NOON.isoformat()
    for changed in ({"started_at": IMPOSSIBLE[0]}, {"health": [{**beat["health"][0], "bytes_in": 1 << 70}]}):
        headers = place.site.headers(messages.NOON)
        answer = place.client.post("/v1/agent/heartbeat", json={**beat, **changed}, headers=headers)
        assert answer.status_code == 422, answer.text


@pytest.mark.parametrize(
    "make",
    [
        token_without_proof,
        token_with_shared_secret,
        lambda site: site.token(messages.NOON, aud="another"),
        lambda site: site.token(messages.NOON, iat=seconds(-400), exp=seconds(-100)),
        lambda site: site.token(messages.NOON, iat=seconds(200), exp=seconds(500)),
        lambda site: site.token(messages.NOON, exp=seconds(4000)),
        lambda site: site.token(messages.NOON, jti=None),
        lambda site: site.token(messages.NOON, iss=str(uuid.uuid4())),
        lambda site: site.token(messages.NOON, iss="'; drop table agents"),
        lambda site: hub_site.Site(site.agent_id, Ed25519PrivateKey.generate()).token(messages.NOON),
        lambda site: "a.b.c",
        lambda site: "x" * 5000,
        lambda site: "-",
    ],
)
def test_a_token_that_proves_nothing_is_refused(place: Place, make: object) -> None:
    assert callable(make)
    answer = place.client.post(
        "/v1/agent/events", headers={"Authorization": f"Bearer {make(place.site)}"}, content="{}"
    )
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_revoked_agent_is_refused_at_once(place: Place) -> None:
    place.events(messages.report())
    with place.hub.database.writing() as session:
        agents.revoke(session, place.site.agent_id, messages.NOON)
    answer = hub_site.post(place.client, place.site, "/v1/agent/events", v1.EventBatch())
    assert answer.status_code == 401
    assert "revoked" in answer.json()["detail"]


def test_a_message_with_a_surprise_in_it_is_refused_with_the_field(place: Place) -> None:
    headers = place.site.headers(messages.NOON)
    answer = place.client.post("/v1/agent/events", content='{"reports": [], "surprise": 1}', headers=headers)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "surprise"


def test_an_upload_goes_on_where_it_stood_and_ends_as_a_file_under_its_hash(place: Place) -> None:
    report = messages.report()
    place.events(report)
    manifest = messages.manifest(CONTENT, event_id=report.event_id)
    assert v1.UploadStatus.model_validate_json(place.announce(manifest).content).offset_bytes == 0
    first = place.send(manifest.media_id, 0, CONTENT[:1000])
    wrong = place.send(manifest.media_id, 0, CONTENT[:1000])
    again = v1.UploadStatus.model_validate_json(place.announce(manifest).content)
    last = place.send(manifest.media_id, 1000, CONTENT[1000:])
    repeat = place.send(manifest.media_id, 1000, CONTENT[1000:])
    assert v1.UploadStatus.model_validate_json(first.content).offset_bytes == 1000
    assert wrong.status_code == 409
    assert v1.UploadStatus.model_validate_json(wrong.content).offset_bytes == 1000
    assert again.offset_bytes == 1000
    assert [v1.UploadStatus.model_validate_json(a.content).complete for a in (last, repeat)] == [True, True]
    assert b"".join(place.hub.blobs.read(manifest.sha256)) == CONTENT
    assert list(place.hub.blobs.partials()) == []
    assert (place.count(tables.Media), place.count(tables.Upload)) == (1, 0)


def test_a_file_with_another_hash_is_thrown_away_and_counted(place: Place) -> None:
    report = messages.report()
    place.events(report)
    manifest = messages.manifest(CONTENT, event_id=report.event_id)
    place.announce(manifest)
    wrong = place.send(manifest.media_id, 0, CONTENT[::-1])
    assert wrong.status_code == 422
    assert place.hub.blobs.partial_bytes(manifest.media_id) == 0
    assert place.hub.counters.totals()["media_refused", "wrong bytes"] == 1
    assert place.send(manifest.media_id, 0, CONTENT).json()["complete"] is True


def test_more_bytes_than_announced_are_refused(place: Place) -> None:
    report = messages.report()
    place.events(report)
    manifest = messages.manifest(CONTENT, event_id=report.event_id)
    place.announce(manifest)
    assert place.send(manifest.media_id, 0, CONTENT + b"x").status_code == 422
    assert place.send(manifest.media_id, 0, bytes(v1.MAX_CHUNK_BYTES + 1)).status_code == 413


def test_a_file_whose_row_a_kill_prevented_is_finished_at_the_repeat(place: Place) -> None:
    report = messages.report()
    place.events(report)
    manifest = messages.manifest(CONTENT, event_id=report.event_id)
    place.announce(manifest)
    place.hub.blobs.append(manifest.media_id, 0, CONTENT)
    place.hub.blobs.finish(manifest.media_id, manifest.sha256)
    assert place.count(tables.Media) == 0
    assert v1.UploadStatus.model_validate_json(place.announce(manifest).content).complete
    assert place.count(tables.Media) == 1


def test_one_file_for_two_events_is_sent_once(place: Place) -> None:
    reports = messages.report(), messages.report()
    place.events(*reports)
    manifests = [messages.manifest(CONTENT, event_id=report.event_id) for report in reports]
    place.announce(manifests[0])
    place.send(manifests[0].media_id, 0, CONTENT)
    assert place.announce(manifests[1]).json()["complete"] is True
    assert place.count(tables.Media) == 2


def test_nobody_takes_another_agents_file_by_naming_its_hash(place: Place) -> None:
    report = messages.report()
    place.events(report)
    manifest = messages.manifest(CONTENT, event_id=report.event_id)
    place.announce(manifest)
    place.send(manifest.media_id, 0, CONTENT)
    thief = Place(place.hub, place.client, hub_site.enrol(place.hub, "thief"))
    theirs = messages.report(camera_id="back")
    thief.events(theirs)
    answer = thief.announce(messages.manifest(CONTENT, event_id=theirs.event_id, camera_id="back"))
    assert answer.json() == {"media_id": answer.json()["media_id"], "offset_bytes": 0, "complete": False}


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"event_id": uuid.uuid4()}, 404),
        ({"camera_id": "other"}, 409),
        ({"mime": "video/mp4"}, 422),
        ({"masking": None}, 422),
        ({"starts_at": datetime.datetime.min.replace(tzinfo=datetime.UTC)}, 422),
        ({"form": "range", "mime": "video/mp4", "masking": None}, 422),
    ],
)
def test_a_manifest_that_does_not_fit_is_refused(place: Place, changed: dict[str, object], status: int) -> None:
    report = messages.report()
    place.events(report)
    answer = place.announce(messages.manifest(CONTENT, **{"event_id": report.event_id, **changed}))
    assert answer.status_code == status
    assert place.count(tables.Upload) == 0


def test_a_manifest_signed_by_somebody_else_is_refused(place: Place) -> None:
    report = messages.report()
    place.events(report)
    other = hub_site.Site(place.site.agent_id, Ed25519PrivateKey.generate())
    signed = other.sign(messages.manifest(CONTENT, event_id=report.event_id))
    answer = hub_site.post(place.client, place.site, "/v1/agent/media", signed)
    assert answer.status_code == 403


def test_a_media_id_is_not_taken_over_by_another_manifest(place: Place) -> None:
    report = messages.report()
    place.events(report)
    manifest = messages.manifest(CONTENT, event_id=report.event_id)
    place.announce(manifest)
    other = manifest.model_copy(update={"sha256": hashlib.sha256(b"x").hexdigest()})
    assert place.announce(other).status_code == 409


def test_a_nearly_full_disk_refuses_media_and_still_takes_events(tmp_path: Path) -> None:
    with hub_site.opened(tmp_path, media={"min_free_bytes": 2**60}) as hub, hub_site.served(hub) as client:
        place = Place(hub, client, hub_site.enrol(hub))
        report = messages.report()
        assert place.events(report).reports[0].result == "stored"
        answer = place.announce(messages.manifest(CONTENT, event_id=report.event_id))
        assert answer.status_code == 507
        assert int(answer.headers["Retry-After"]) > 0
        assert place.events(messages.report()).reports[0].result == "stored"


def test_a_body_beyond_the_bound_is_refused(place: Place) -> None:
    huge = place.client.post(
        "/v1/agent/events", content=bytes(9 * 1024 * 1024), headers=place.site.headers(messages.NOON)
    )
    assert huge.status_code == 413
    assert huge.headers["content-type"] == "application/problem+json"


def test_a_body_of_unknown_length_is_cut_off_at_the_bound(place: Place) -> None:
    pieces = (bytes(1024 * 1024) for _ in range(12))
    answer = place.client.post("/v1/agent/events", content=pieces, headers=place.site.headers(messages.NOON))
    assert answer.status_code == 413
