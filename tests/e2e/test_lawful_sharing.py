"""Lawful sharing as a district lives it, in real processes: a fire that 119 is told of, a call at 112, and video that is handed out and can be proved."""

import base64
import csv
import datetime
import io
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from sharing_hub import client
from sharing_hub.client import answers
from sharing_hub.domain import merkle, notes
from sharing_hub.gateway import cap
from sharing_hub.media import package
from sharing_hub.services import register_columns
from tests.support import commands, lawful, live_viewer, sites, waiting

pytestmark = [pytest.mark.process, pytest.mark.timeout(600)]
CASE = "112-2026-4711"
LETTER = "수사과-2026-1182"
PICTURES = 30
GRANT_S = 5
STOPS_WITHIN_S = 2.0
"""Invariant 15 of the hub."""


def test_a_fire_a_call_at_112_and_an_export_are_shared_recorded_and_proved(tmp_path: Path) -> None:
    with lawful.running(tmp_path) as district:
        fire_id = an_operator_confirms_the_fire(district)
        place = fire_control_is_told(district, fire_id)
        clip = fire_control_looks_within_its_grant(district, fire_id)
        live = fire_control_watches_the_fire(district, fire_id)
        river = a_leader_has_the_river_recorded(district)
        fire_control_is_refused_the_river(district, fire_id, river)
        case_id = the_police_open_a_case(district, fire_id, place)
        what_was_withdrawn_stops_and_is_refused(district, fire_id, clip, live)
        what_ended_is_refused(district, case_id)
        what_ran_out_is_refused(district, place)
        packed = the_police_take_an_export(district, tmp_path)
        the_package_proves_itself(district, packed, tmp_path)
        entries = every_step_is_in_the_ledger(district)
        every_entry_is_proved(district, entries)
        the_registers_tell_it(district, fire_id)
        assert district.agent.stop() == 0
        assert district.hub.stop() == 0
        code, said = district.hub.check()
        assert code == 0, said
        verified = commands.call("sharing_hub", "ledger", "verify", "--data", district.hub.data_dir)
        assert verified.returncode == 0, verified.stdout + verified.stderr


def an_operator_confirms_the_fire(district: lawful.District) -> UUID:
    operator = district.person("operator")

    def alarm() -> dict[str, Any] | None:
        items = lawful.answered(operator.get("/v1/incidents", params={"state": "all"}))["items"]
        found = [one for one in items if one["kind"] in ("fire", "smoke") and one["camera_id"] == lawful.ROAD]
        return found[0] if found else None

    incident = sites.wait_for(district.agent, alarm, 120.0, "the alarm of the fire")
    assert district.told.received == [], "119 is told of nothing before it is confirmed"
    assert list(district.systems[lawful.FIRE].incidents()) == []
    path = f"/v1/incidents/{incident['incident_id']}"
    confirmed = lawful.answered(operator.post(f"{path}/confirm", json={"note": "a car burns"}))
    assert confirmed["state"] == "confirmed"
    return UUID(incident["incident_id"])


def fire_control_is_told(district: lawful.District, fire_id: UUID) -> tuple[float, float]:
    """Return where the message says that it burns."""
    waiting.wait_until(lambda: district.told.received and district.sirens.received, 20.0, "webhook and CAP alert")
    message, siren = district.told.received[0], district.sirens.received[0]
    event = district.webhook.verify(message.body, message.headers)
    assert event["type"] == "kr.jikimi.incident.opened"
    assert (event["data"]["incident_id"], event["data"]["confirmed"]) == (str(fire_id), True)
    assert event["data"]["legal_basis"] == "18-2-3"
    district.cap_webhook.verify(siren.body, siren.headers, json_parse=False)  # raises where it is not signed
    assert cap.faults(siren.body) == []
    assert str(fire_id).encode() in siren.body
    place = event["data"]["place"]
    pulled = district.systems[lawful.FIRE].incident(fire_id).incident
    assert (pulled.latitude, pulled.longitude) == (place["latitude"], place["longitude"]), (
        "who only pulls learns it too"
    )
    return place["latitude"], place["longitude"]


def fire_control_looks_within_its_grant(district: lawful.District, fire_id: UUID) -> answers.Media:
    fire = district.systems[lawful.FIRE]
    (grant,) = fire.grants()
    assert set(grant.camera_ids) >= {lawful.ROAD, lawful.NEAR}
    assert not set(grant.camera_ids) & {lawful.SCHOOL, lawful.FAR}

    def arrived() -> dict[str, answers.Media] | None:
        found = {one.form: one for one in fire.media(fire_id)}
        return found if {"clip", "still"} <= set(found) else None

    forms = sites.wait_for(district.agent, arrived, 60.0, "clip and still of the fire")
    assert fire.download(forms["still"].media_id, "dispatch")[:2] == b"\xff\xd8"
    assert fire.download(forms["clip"].media_id, "dispatch")[4:8] == b"ftyp"
    clip: answers.Media = forms["clip"]
    return clip


def fire_control_watches_the_fire(district: lawful.District, fire_id: UUID) -> live_viewer.LiveViewer:
    live = district.watch(lawful.FIRE, lawful.ROAD, fire_id)
    sites.wait_for(district.agent, lambda: live.frames >= PICTURES, 30.0, "decoded live pictures of the fire")
    return live


def a_leader_has_the_river_recorded(district: lawful.District) -> UUID:
    """The district's own request, which its asker may not approve; return the recording's file."""
    leader, now = district.person("leader"), datetime.datetime.now(datetime.UTC)
    asked = lawful.answered(leader.post("/v1/requests", json=wanted(lawful.FAR, now, export_mode="none")))
    decide = f"/v1/requests/{asked['request_id']}/decide"
    said = {"approve": True, "why": "in order"}
    own = lawful.answered(leader.post(decide, json=said), 403)
    assert "somebody else than who asked" in own["detail"]
    lawful.answered(district.person("privacy").post(decide, json=said))
    query = "SELECT media_id FROM recording_requests WHERE camera_id = ? AND state = 'ready'"
    rows = sites.wait_for(
        district.agent, lambda: sites.hub_rows(district.hub, query, lawful.FAR), 60.0, "the river's recording"
    )
    return UUID(str(rows[0][0]))


def wanted(camera_id: str, now: datetime.datetime, **more: object) -> dict[str, object]:
    span = {
        "starts_at": (now - datetime.timedelta(seconds=7)).isoformat(),
        "ends_at": (now - datetime.timedelta(seconds=4)).isoformat(),
    }
    terms = {"purpose": "crime_response", "legal_basis": "18-2-7", "letter": LETTER, "why": "arson is suspected"}
    return {"camera_ids": [camera_id], **span, **terms, **more}


def fire_control_is_refused_the_river(district: lawful.District, fire_id: UUID, river: UUID) -> None:
    fire = district.systems[lawful.FIRE]
    assert district.live(lawful.FIRE, lawful.FAR, fire_id) in (403, 404)
    assert district.live(lawful.FIRE, lawful.SCHOOL, fire_id) in (403, 404)
    refused(lambda: fire.download(river, "curious"))
    assert river not in {one.media_id for one in fire.media()}


def refused(ask: Any, *statuses: int) -> None:
    with pytest.raises(client.HubRefused) as told:
        ask()
    assert told.value.status in (statuses or (403, 404)), told.value


def the_police_open_a_case(district: lawful.District, fire_id: UUID, place: tuple[float, float]) -> UUID:
    police, fire = district.systems[lawful.POLICE], district.systems[lawful.FIRE]
    latitude, longitude = place
    rescue = fire.open_case("119-2026-1", latitude, longitude, kind="rescue_call")
    case = police.open_case(CASE, latitude + 0.0002, longitude, kind="crime_report", description="somebody ran away")
    ids = [one.camera_id for one in case.cameras if one.granted]
    assert ids == [lawful.ROAD, lawful.NEAR], "that which sees the place, then the nearest; no school's, none far away"
    assert case.cameras[0].sees
    case_id = case.incident.incident_id
    assert police.open_case(CASE, latitude, longitude).incident.incident_id == case_id
    assert district.live(lawful.POLICE, lawful.NEAR, case_id) == 422
    assert district.live(lawful.POLICE, lawful.FAR, case_id) in (403, 404)
    refused(lambda: police.incident(rescue.incident.incident_id), 404)
    refused(lambda: police.update_case("119-2026-1", "not theirs"), 404)
    refused(lambda: fire.incident(case_id), 404)
    refused(lambda: fire.end_case(CASE), 404)
    assert [one.form for one in police.media(fire_id) if one.form != "masked_still"] == []
    return case_id


def what_was_withdrawn_stops_and_is_refused(
    district: lawful.District, fire_id: UUID, clip: answers.Media, live: live_viewer.LiveViewer
) -> None:
    fire, seen = district.systems[lawful.FIRE], live.frames
    sites.wait_for(district.agent, lambda: live.frames > seen, 30.0, "the live view, which goes on meanwhile")
    path = f"/v1/incidents/{fire_id}/shares/{lawful.FIRE}/withdraw"
    lawful.answered(district.person("operator").post(path, json={"why": "119 has left"}))
    withdrawn_at = time.monotonic()
    waiting.wait_until(live.ended.is_set, 20.0, "the end of the live view")
    assert live.last_at - withdrawn_at < STOPS_WITHIN_S, "a picture came when none was permitted any more"
    refused(lambda: fire.download(clip.media_id, "once more"))
    assert district.live(lawful.FIRE, lawful.ROAD, fire_id) in (403, 404)
    assert list(fire.media(fire_id)) == []
    refused(lambda: fire.incident(fire_id), 404)


def what_ended_is_refused(district: lawful.District, case_id: UUID) -> None:
    police = district.systems[lawful.POLICE]
    police.end_case(CASE, "arrested")
    waiting.wait_until(
        lambda: all(one.incident_id != case_id for one in police.grants()), 10.0, "the end of the case's grant"
    )
    assert district.live(lawful.POLICE, lawful.ROAD, case_id) in (403, 404)


def what_ran_out_is_refused(district: lawful.District, place: tuple[float, float]) -> None:
    """A grant ends by its time, while its case goes on."""
    district.limit(live_grant_s=GRANT_S)
    fire = district.systems[lawful.FIRE]
    case = fire.open_case("119-2026-2", *place, kind="rescue_call")
    case_id = case.incident.incident_id
    assert district.live(lawful.FIRE, lawful.ROAD, case_id) == 422, "within its grant"
    waiting.wait_until(
        lambda: district.live(lawful.FIRE, lawful.ROAD, case_id) in (403, 404), GRANT_S + 10.0, "the end of its time"
    )
    assert all(one.incident_id != case_id for one in fire.grants())
    assert fire.incident(case_id).incident.state == "new"


def the_police_take_an_export(district: lawful.District, folder: Path) -> Path:
    officer, police = district.person("police"), district.systems[lawful.POLICE]
    body = wanted(lawful.ROAD, datetime.datetime.now(datetime.UTC), mask_level="people_and_plates")
    lawful.answered(officer.post("/v1/requests", json={**body, "letter": None}), 422)
    asked = lawful.answered(officer.post("/v1/requests", json=body))
    path = f"/v1/requests/{asked['request_id']}"
    (recording,) = lawful.answered(officer.get(path))["recordings"]
    request_id, recording_id = UUID(asked["request_id"]), UUID(recording["recording_id"])
    lawful.answered(officer.post(f"{path}/decide", json={"approve": True, "why": "my own"}), 403)
    refused(lambda: police.package(request_id, recording_id), 409)
    lawful.answered(district.person("leader").post(f"{path}/decide", json={"approve": True, "why": "letter seen"}))

    def ready() -> bool:
        row = lawful.answered(officer.get(path))
        assert row["state"] != "failed", row["fault"]
        return bool(row["state"] == "ready")

    sites.wait_for(district.agent, ready, 180.0, "the package")
    refused(lambda: district.systems[lawful.FIRE].package(request_id, recording_id), 404)
    packed = folder / "package.zip"
    packed.write_bytes(police.package(request_id, recording_id))
    return packed


def the_package_proves_itself(district: lawful.District, packed: Path, folder: Path) -> None:
    key = lawful.answered(district.person("auditor").get("/v1/ledger/key"))["key"]
    verdict = package.verify_package(packed, notes.key_of(key))
    assert verdict.ok, verdict.faults
    with zipfile.ZipFile(packed) as opened:
        (verifier := folder / "verify.py").write_bytes(opened.read("verify.py"))
    assert run_verifier(verifier, packed, key) == 0
    raw = bytearray(packed.read_bytes())
    with zipfile.ZipFile(packed) as opened:
        raw[opened.getinfo("video.mp4").header_offset + 5000] ^= 1
    packed.write_bytes(raw)
    flipped = package.verify_package(packed, notes.key_of(key))
    assert not flipped.ok
    assert any("video" in fault.what for fault in flipped.faults), flipped.faults
    assert run_verifier(verifier, packed, key) == 1


def run_verifier(verifier: Path, packed: Path, key: str) -> int:
    line = [sys.executable, "-I", str(verifier), str(packed), "--key", key]
    return subprocess.run(line, capture_output=True, check=False, timeout=60).returncode


def every_step_is_in_the_ledger(district: lawful.District) -> list[dict[str, Any]]:
    """Return the entries as listed, each with its index and hash."""
    auditor, start, found = district.person("auditor"), 0, []
    while start is not None:
        page = lawful.answered(auditor.get("/v1/ledger/entries", params={"from": start, "limit": 1000}))
        found += page["items"]
        start = page["next"]
    done = {one["entry"]["action"] for one in found}
    assert done >= {
        "agent.enrolled", "client.added", "client.signed_in", "endpoint.added", "book.proposed", "book.approved",
        "operator.signed_in", "incident.confirm", "incident.shared", "message.written", "message.delivered",
        "grant.issued", "look.still", "look.clip", "look.live", "incident.open", "incident.share_withdrawn",
        "grant.revoked", "incident.end", "grant.shortened", "request.asked", "request.approved", "export.made",
        "export.decided", "request.handed_over", "provision",
    }  # fmt: skip
    denied = [one["entry"] for one in found if one["entry"]["decision"] == "deny"]
    tried = {one["camera_id"] for one in denied}
    assert tried >= {lawful.ROAD, lawful.FAR, lawful.SCHOOL}, "also what is answered as if it were not there"
    assert all(one["rule_ids"] for one in denied)
    return found


def every_entry_is_proved(district: lawful.District, entries: list[dict[str, Any]]) -> None:
    """Start the hub anew, which signs over what there is, and prove each entry under that signature."""
    district.hub.stop()
    district.hub.start()
    auditor = district.person("auditor")

    def covering() -> notes.Checkpoint | None:
        answer = auditor.get("/v1/ledger/checkpoint")
        found = notes.parse(answer.text)[0]
        return found if found.size >= len(entries) else None

    checkpoint = waiting.wait_until(covering, 90.0, "a checkpoint over every step")
    for one in entries:
        query = {"index": one["index"], "size": checkpoint.size}
        said = lawful.answered(auditor.get("/v1/ledger/proof/inclusion", params=query))
        proof = [base64.b64decode(text) for text in said["proof"]]
        leaf = base64.b64decode(one["hash"])
        assert merkle.includes(leaf, one["index"], checkpoint.size, proof, checkpoint.root), one


def the_registers_tell_it(district: lawful.District, fire_id: UUID) -> None:
    provided, video, access = (register(district, letter) for letter in register_columns.LETTERS)
    terms = {(row["recipient"], row["purpose"], row["legal basis"]) for row in provided}
    assert ("소방 119 상황실", "emergency_response", "18-2-3") in terms
    assert ("경찰 112 상황실", "crime_response", "18-2-7") in terms
    assert any("masked" in row["form"] for row in provided)
    handed = [row for row in video if row["kind"] == "제공"]
    assert {row["third party"] for row in handed} >= {"소방 119 상황실", "경찰 112 상황실"}
    assert all(row["basis"] and row["purpose"] for row in handed)
    done = {row["what was done"] for row in access}
    assert {
        "사건 확정 (incident.confirm)", "영상 제공 승인 (request.approved)", "영상 열람 (look.clip)", "제3자 제공 (provision)",
    } <= done  # fmt: skip
    assert [one for one in done if one.startswith("(")] == [], "everything has Korean words"
    refusals = [row for row in access if row["decision"] == "거부"]
    assert lawful.ROAD in {row["camera"] for row in refusals}
    assert any(row["incident"] == str(fire_id) for row in access)


def register(district: lawful.District, letter: str) -> list[dict[str, str]]:
    """Return a register's rows under its English column names; two months where the month has just changed."""
    now = datetime.datetime.now(register_columns.KOREA)
    rows: list[dict[str, str]] = []
    for month in sorted({f"{at:%Y-%m}" for at in (now, now - datetime.timedelta(hours=1))}):
        answer = district.person("auditor").get(f"/v1/registers/{letter}.csv", params={"month": month})
        assert answer.status_code == 200, answer.text
        _, english, *cells = csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"), newline=""))
        rows += [dict(zip(english, row, strict=True)) for row in cells]
    return rows
