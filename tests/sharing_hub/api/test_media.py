"""Pictures: no byte without a look on record, ranges as players ask for them."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from sharing_hub import hub as hubs
from sharing_hub.api import playbacks
from sharing_hub.store import tables
from sharing_hub.wire import v1
from tests.support import desk, hub_site, messages

CLIP = bytes(range(256)) * 400
TAG = f'"{hashlib.sha256(CLIP).hexdigest()}"'


@dataclass(frozen=True)
class Room:
    """A hub with one clip, and an operator at the page."""

    hub: hubs.Hub
    client: httpx.Client
    browser: httpx.Client
    media_id: str

    def get(self, why: str = "alarm", **headers: str) -> httpx.Response:
        """Ask for the clip."""
        return self.browser.get(f"/v1/media/{self.media_id}", params={"why": why}, headers=headers)

    def looks(self) -> list[tables.Look]:
        """Return the record, oldest first."""
        with self.hub.database.reading() as session:
            return list(session.scalars(sa.select(tables.Look).order_by(tables.Look.at)))

    def pass_s(self, seconds: float) -> None:
        """Let time pass."""
        assert isinstance(self.hub.clock, hub_site.Clock)
        self.hub.clock.pass_s(seconds)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with hub_site.opened(tmp_path) as hub, hub_site.served(hub) as client:
        site = hub_site.enrol(hub)
        report = messages.report()
        hub_site.post(client, site, "/v1/agent/events", v1.EventBatch(reports=(report,)))
        manifest = messages.clip_manifest(CLIP, event_id=report.event_id)
        hub_site.post(client, site, "/v1/agent/media", site.sign(manifest))
        headers = {**site.headers(messages.NOON), "Upload-Offset": "0"}
        done = client.patch(f"/v1/agent/media/{manifest.media_id}", content=CLIP, headers=headers)
        assert done.json()["complete"] is True
        with desk.signed_in(hub, client, name="kim") as browser:
            yield Room(hub, client, browser, str(manifest.media_id))


def test_the_look_is_on_record_with_who_what_why_and_from_where(room: Room) -> None:
    answer = room.get("incident 12")
    assert (answer.status_code, answer.content) == (200, CLIP)
    (look,) = room.looks()
    assert (look.operator_name, look.action, look.why, look.decision) == ("kim", "clip", "incident 12", "permit")
    assert (look.subject_id, look.camera_id, look.source_address) == (room.media_id, "gate", "127.0.0.1")
    assert look.incident_id is not None


@pytest.mark.parametrize("why", ["", "   ", "x" * 201])
def test_without_a_reason_no_byte_leaves(room: Room, why: str) -> None:
    answer = room.get(why)
    assert answer.status_code == 422
    assert room.looks() == []


def test_an_auditor_gets_no_picture_and_the_attempt_is_on_record(room: Room) -> None:
    with desk.signed_in(room.hub, room.client, "auditor") as auditor:
        answer = auditor.get(f"/v1/media/{room.media_id}?why=curious")
    assert answer.status_code == 403
    assert answer.json()["rules"] == ["auditor-sees-no-picture"]
    assert answer.json()["reasons"] == [
        "감사자는 모든 기록을 읽지만 영상은 볼 수 없습니다. / An auditor reads every row and no picture."
    ]
    assert [(look.role, look.decision) for look in room.looks()] == [("auditor", "deny")]


def test_when_the_record_cannot_be_written_no_byte_leaves(room: Room) -> None:
    with room.hub.database.writing() as session:
        session.execute(sa.text("CREATE TRIGGER broken BEFORE INSERT ON looks BEGIN SELECT RAISE(ABORT, 'full'); END"))
    answer = room.get()
    assert answer.status_code == 403
    assert CLIP[:16] not in answer.content


def test_one_playback_in_many_ranges_is_one_look(room: Room) -> None:
    room.get(Range="bytes=0-")
    room.pass_s(60)
    room.get(Range="bytes=5000-6000")
    assert len(room.looks()) == 1
    room.get("another reason", Range="bytes=0-")
    assert len(room.looks()) == 2
    room.pass_s(playbacks.LENGTH.total_seconds())
    room.get(Range="bytes=0-")
    assert len(room.looks()) == 3


def test_another_operators_look_is_another_row(room: Room) -> None:
    room.get()
    with desk.signed_in(room.hub, room.client, "leader") as other:
        other.get(f"/v1/media/{room.media_id}?why=alarm")
    assert [look.role for look in room.looks()] == ["operator", "leader"]


@pytest.mark.parametrize(
    ("asked", "status", "content"),
    [
        ({"Range": "bytes=0-99"}, 206, CLIP[:100]),
        ({"Range": "bytes=100-"}, 206, CLIP[100:]),
        ({"Range": "bytes=-50"}, 206, CLIP[-50:]),
        ({"Range": f"bytes=99-{len(CLIP) * 2}"}, 206, CLIP[99:]),
        ({"Range": "bytes=-999999999"}, 200, CLIP),
        ({"Range": "bytes=0-1,5-6"}, 200, CLIP),
        ({"Range": "lines=0-1"}, 200, CLIP),
        ({"Range": "bytes=9-5"}, 200, CLIP),
        ({"Range": "bytes=-"}, 200, CLIP),
        ({"Range": "bytes=0-99", "If-Range": TAG}, 206, CLIP[:100]),
        ({"Range": "bytes=0-99", "If-Range": '"older"'}, 200, CLIP),
    ],
)
def test_ranges_are_answered_as_http_says(room: Room, asked: dict[str, str], status: int, content: bytes) -> None:
    answer = room.get(**asked)
    assert answer.status_code == status
    assert answer.content == content
    assert answer.headers["content-length"] == str(len(content))
    assert answer.headers["etag"] == TAG
    if status == 206:
        start = (
            CLIP.index(content) if len(content) > 256 else int(answer.headers["content-range"].split()[1].split("-")[0])
        )
        assert answer.headers["content-range"] == f"bytes {start}-{start + len(content) - 1}/{len(CLIP)}"


@pytest.mark.parametrize("asked", [f"bytes={len(CLIP)}-", "bytes=-0"])
def test_a_range_outside_the_file_is_416(room: Room, asked: str) -> None:
    answer = room.get(Range=asked)
    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{len(CLIP)}"


def test_no_cache_keeps_a_picture_and_no_site_may_embed_it(room: Room) -> None:
    headers = room.get().headers
    assert headers["cache-control"] == "private, no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["content-disposition"].startswith('inline; filename="gate-20260701T')


def test_a_file_that_is_not_there_is_not_found(room: Room) -> None:
    missing = room.browser.get("/v1/media/00000000-0000-0000-0000-000000000000?why=x")
    assert missing.status_code == 404
    with room.hub.database.writing() as session:
        session.execute(sa.update(tables.Media).values(deleted_at=room.hub.clock()))
    gone = room.get()
    assert gone.status_code == 404
    assert "deleted" in gone.json()["detail"]
    assert room.looks() == []


def test_the_record_is_read_by_administrators_and_auditors_only(room: Room) -> None:
    room.get("first")
    room.pass_s(1)
    room.get("second")
    assert room.browser.get("/v1/looks").status_code == 403
    for role in ("auditor", "admin"):
        with desk.signed_in(room.hub, room.client, role) as reader:
            page: dict[str, Any] = reader.get("/v1/looks?limit=1").json()
            assert [(one["why"], one["operator_name"], one["subject"]) for one in page["items"]] == [
                ("second", "kim", "clip gate")
            ]
            older = reader.get("/v1/looks", params={"before": page["next"]}).json()
            assert [one["why"] for one in older["items"]] == ["first"]


def test_the_districts_people_see_every_row_in_the_list_whoever_may_look(room: Room) -> None:
    with desk.signed_in(room.hub, room.client, "auditor") as auditor:
        page = auditor.get("/v1/media?camera_id=gate").json()
    assert [(item["media_id"], item["form"], item["camera_id"]) for item in page["items"]] == [
        (room.media_id, "clip", "gate")
    ]
    assert page["next"] is None
    assert room.browser.get("/v1/media?camera_id=elsewhere").json()["items"] == []


def test_a_purpose_that_is_masked_refuses_a_clear_clip_and_says_what_to_ask_for(room: Room) -> None:
    answer = room.browser.get(f"/v1/media/{room.media_id}?why=lesson&purpose=training&legal_basis=25-1")
    assert answer.status_code == 403
    assert "masked still" in answer.json()["detail"]
    (look,) = room.looks()
    assert (look.purpose, look.legal_basis, look.rule) == ("training", "25-1", "mask-needed")
