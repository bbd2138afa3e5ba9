"""The exporter: an approved request becomes packages that verify offline, with the original sealed or a masked derivative; a kill begins it anew."""

import datetime
import hashlib
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from sharing_hub import exporter
from sharing_hub import hub as hubs
from sharing_hub.domain import ledger
from sharing_hub.media import package
from sharing_hub.services import agents, exports, ingest, media, recordings, video_requests
from sharing_hub.store import ledger_tables, request_tables
from sharing_hub.wire import v1
from tests.sharing_hub.media import clips
from tests.support import hub_site, messages, viewing

POLICE = viewing.viewer("partner", "Han", "police-112")
LEE = viewing.viewer("leader", "Lee")
SPAN = (messages.NOON - datetime.timedelta(minutes=2), messages.NOON - datetime.timedelta(minutes=1))
BY = ledger.Actor("operator", "Han", None, "partner")


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[hubs.Hub]:
    with hub_site.opened(tmp_path / "hub") as hub:
        yield hub


def asked(
    hub: hubs.Hub, clip: bytes | None, export_mode: str = "original", approve: bool = True
) -> request_tables.VideoRequest:
    """Ask for a recording of `gate`, let it arrive (or be refused), and approve."""
    site = hub_site.enrol(hub)
    with hub.database.writing() as session:
        report = v1.EventBatch(reports=(messages.report(),))
        ingest.Ingest(hub.rules, hub.counters).store(session, [ingest.Delivery(site.agent_id, report, hub.clock())])
    wanted = video_requests.Wanted(
        "agency", ("gate",), SPAN, "crime_response", "18-2-7", "assault", "2026-1182", export_mode=export_mode  # type: ignore[arg-type]
    )  # fmt: skip
    with hub.database.writing() as session:
        row = video_requests.ask(session, POLICE, wanted, hub.clock())
        ((_, recording),) = video_requests.recordings_of(session, row.request_id)
        recording_id = recording.request_id
        if clip is None:
            notice = v1.RangeState(request_id=recording_id, state="refused", reason="nothing is recorded then")
            recordings.hear(session, site.agent_id, notice, hub.clock())
        request_id = row.request_id
    if clip is not None:
        arrive(hub, site, recording_id, clip)
    with hub.database.writing() as session:
        video_requests.hold_arrived(session, hub.clock())
        if approve:
            video_requests.decide(session, LEE, request_id, True, "in order", hub.clock())
        row = video_requests.find(session, request_id)
        session.flush()
        session.expunge(row)
        return row


def arrive(hub: hubs.Hub, site: hub_site.Site, recording_id: object, clip: bytes) -> None:
    manifest = messages.clip_manifest(
        clip, event_id=None, request_id=recording_id, camera_id="gate", form="range",
        starts_at=SPAN[0], ends_at=SPAN[1],
    )  # fmt: skip
    caller = agents.Caller(site.agent_id, "test", hub_site.public(site.key))
    with hub.database.writing() as session:
        media.announce(session, caller, site.sign(manifest), hub.clock())
    media.append(hub.blobs, manifest, 0, clip)
    with hub.database.writing() as session:
        media.complete(session, manifest.media_id, hub.clock())


def state(hub: hubs.Hub, row: request_tables.VideoRequest) -> tuple[str, str]:
    with hub.database.reading() as session:
        found = video_requests.find(session, row.request_id)
        return found.state, found.fault


def packages(hub: hubs.Hub, row: request_tables.VideoRequest) -> list[Path]:
    return sorted(exporter.folder_of(hub, row.request_id).glob("*"))


def test_an_original_is_packed_with_its_manifest_and_the_ledgers_proof(hub: hubs.Hub, tmp_path: Path) -> None:
    clip = clips.write(tmp_path / "clip.mp4").read_bytes()
    row = asked(hub, clip)
    exporter.Exporter(hub, None).run()
    assert state(hub, row) == ("ready", "")
    (made,) = packages(hub, row)
    verdict = package.verify_package(made, hub.ledger_key.public)
    assert verdict.ok, verdict.faults
    with zipfile.ZipFile(made) as opened:
        assert opened.read("video.mp4") == clip
        manifest = json.loads(opened.read("manifest.json"))
        entry = json.loads(json.loads(opened.read("ledger.json"))["entry"])
    assert manifest["masking"] == "original"
    assert manifest["export"]["letter_number"] == "2026-1182"
    assert entry["action"] == "export.made"
    assert entry["details"]["video_sha256"] == hashlib.sha256(clip).hexdigest()
    assert (entry["purpose"], entry["legal_basis"]) == ("crime_response", "18-2-7")


def test_a_masked_derivative_is_packed_with_its_report_and_credentials(hub: hubs.Hub, tmp_path: Path) -> None:
    clip = clips.write(tmp_path / "clip.mp4", frames=8).read_bytes()
    row = asked(hub, clip, "masked")
    exporter.Exporter(hub, None).run()
    assert state(hub, row) == ("ready", "")
    (made,) = packages(hub, row)
    assert package.verify_package(made, hub.ledger_key.public).ok
    with zipfile.ZipFile(made) as opened:
        assert opened.read("video.mp4") != clip
        manifest = json.loads(opened.read("manifest.json"))
        assert b"BEGIN CERTIFICATE" in opened.read("authority.pem")
    assert manifest["masking"] == "people_and_plates"
    assert manifest["derivative"]["frames"] == 8
    assert manifest["original"]["sha256"] == hashlib.sha256(clip).hexdigest()


def test_one_flipped_byte_of_the_package_is_found(hub: hubs.Hub, tmp_path: Path) -> None:
    row = asked(hub, clips.write(tmp_path / "clip.mp4").read_bytes())
    exporter.Exporter(hub, None).run()
    (made,) = packages(hub, row)
    raw = bytearray(made.read_bytes())
    raw[len(raw) // 2] ^= 1
    made.write_bytes(raw)
    assert not package.verify_package(made, hub.ledger_key.public).ok


def test_what_was_not_approved_or_has_not_arrived_is_not_made(hub: hubs.Hub, tmp_path: Path) -> None:
    row = asked(hub, clips.write(tmp_path / "clip.mp4").read_bytes(), approve=False)
    exporter.Exporter(hub, None).run()
    assert (state(hub, row)[0], packages(hub, row)) == ("requested", [])


def test_where_no_recording_came_the_request_fails_with_the_agents_words(hub: hubs.Hub) -> None:
    row = asked(hub, None)
    exporter.Exporter(hub, None).run()
    assert state(hub, row) == ("failed", "no recording came: nothing is recorded then")


def test_what_is_no_video_fails_its_request_and_harms_nothing_else(hub: hubs.Hub, tmp_path: Path) -> None:
    row = asked(hub, b"this is no video", "masked")
    exporter.Exporter(hub, None).run()
    assert state(hub, row)[0] == "failed"


def test_what_a_kill_interrupted_is_begun_anew(hub: hubs.Hub, tmp_path: Path) -> None:
    row = asked(hub, clips.write(tmp_path / "clip.mp4").read_bytes())
    with hub.database.writing() as session:
        exports.begin(session, row.request_id, hub.clock())
    left = exporter.folder_of(hub, row.request_id)
    left.mkdir(parents=True)
    (left / "half.original").write_bytes(b"half")
    exporter.Exporter(hub, None).run()
    assert state(hub, row)[0] == "ready"
    assert [path.suffix for path in packages(hub, row)] == [".zip"]


def test_handing_over_is_a_provision_in_the_ledger(hub: hubs.Hub, tmp_path: Path) -> None:
    row = asked(hub, clips.write(tmp_path / "clip.mp4").read_bytes())
    exporter.Exporter(hub, None).run()
    with hub.database.writing() as session:
        ((_, recording),) = video_requests.recordings_of(session, row.request_id)
        exports.hand_over(session, row.request_id, recording.request_id, "a.zip", "0" * 64, BY, hub.clock())
        table = ledger_tables.Entry
        body = session.scalars(sa.select(table.body).where(table.action == "provision")).one()
    values = json.loads(body)
    assert values["details"]["recipient"] == "경찰 112 상황실"
    assert values["legal_basis"] == "18-2-7"
    assert state(hub, row)[0] == "handed_over"
