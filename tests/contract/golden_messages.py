"""The golden messages as values, and the command that writes the files of new ones (a kept file is never written again)."""

import sys
import uuid
from pathlib import Path
from typing import Any

import pydantic
from cryptography.hazmat.primitives.asymmetric import ed25519

from camera_agents.sending import identity
from sharing_hub.wire import framing, v1
from tests.support import chains, messages

GOLDEN = Path(__file__).parent / "golden"
EVENT_ID, MEDIA_ID, REQUEST_ID, AGENT_ID = (uuid.UUID(f"00000000-0000-4000-8000-00000000000{n}") for n in range(1, 5))
MODEL_SHA256 = "5e" * 32
TOKEN = v1.EnrolmentToken(
    hub_url="https://hub.example:8443", secret="golden-secret-golden-secret", authority_sha256="ab" * 32
)
UNIT = framing.AccessUnit(
    "gate-1", True, 2**32 + 90_000, 1_782_874_800_123_456, b"\x00\x00\x00\x01\x67\x42\x00\x00\x01\x65\x88"
)
MESSAGES: dict[str, Any] = {
    "batch_reply": v1.BatchReply,
    "clip_manifest_in_a_chain": v1.SignedManifest,
    "enrolment_reply": v1.EnrolmentReply,
    "enrolment_request": v1.EnrolmentRequest,
    "event_batch": v1.EventBatch,
    "event_end": v1.EventEnd,
    "event_report": v1.EventReport,
    "event_report_explained": v1.EventReport,
    "event_report_of_a_scene": v1.EventReport,
    "heartbeat": v1.Heartbeat,
    "heartbeat_of_a_watching_agent": v1.Heartbeat,
    "heartbeat_of_an_agent_without_a_model": v1.Heartbeat,
    "heartbeat_reply": v1.HeartbeatReply,
    "live_start": v1.HUB_COMMAND,
    "live_state": v1.AGENT_NOTICE,
    "live_stop": v1.HUB_COMMAND,
    "problem": v1.Problem,
    "range_manifest": v1.SignedManifest,
    "range_manifest_in_a_chain": v1.SignedManifest,
    "range_request": v1.HUB_COMMAND,
    "range_state": v1.AGENT_NOTICE,
    "signed_link": v1.SignedLink,
    "signed_manifest": v1.SignedManifest,
    "upload_status": v1.UploadStatus,
}


def agent() -> identity.Identity:
    """Return the agent that signed the kept manifests; its key is no secret."""
    record = identity.Record(
        agent_id=AGENT_ID, hub_url="https://hub.example", site="golden", pinned=False, enrolled_at=messages.NOON
    )
    return identity.Identity(record, ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32))), None)


def values() -> dict[str, pydantic.BaseModel]:
    """Return every golden message."""
    report, end = _report(), v1.EventEnd(event_id=EVENT_ID, ended_at=messages.after(31.5))
    return {
        "batch_reply": v1.BatchReply(
            reports=(
                v1.Outcome(event_id=EVENT_ID, result="stored"),
                v1.Outcome(event_id=MEDIA_ID, result="refused", reason="the camera belongs to another agent"),
            ),
            endings=(v1.Outcome(event_id=EVENT_ID, result="duplicate"),),
        ),
        "clip_manifest_in_a_chain": agent().sign(_clip_in_chain()),
        "enrolment_reply": v1.EnrolmentReply(agent_id=AGENT_ID, authority_pem="-----BEGIN CERTIFICATE-----\n"),
        "enrolment_request": v1.EnrolmentRequest(
            secret=TOKEN.secret, public_key=identity.public_key(agent().key), site="북문", software="jikimi-agent/0.1.0"
        ),
        "event_batch": v1.EventBatch(reports=(report,), endings=(end,)),
        "event_end": end,
        "event_report": report,
        "event_report_explained": _explained_report(),
        "event_report_of_a_scene": _scene_report(),
        "heartbeat": _heartbeat(),
        "heartbeat_of_a_watching_agent": _watching(),
        "heartbeat_of_an_agent_without_a_model": _without_a_model(),
        "heartbeat_reply": v1.HeartbeatReply(hub_at=messages.after(0.25), refused=("gate-2",)),
        "live_start": v1.LiveStart(camera_id="gate-1"),
        "live_state": v1.LiveState(camera_id="gate-1", playable=False, reason="H.265 is not playable live yet"),
        "live_stop": v1.LiveStop(camera_id="gate-1"),
        "problem": v1.Problem(title="Conflict", status=409, detail="the incident is closed"),
        "range_manifest": agent().sign(_range()),
        "range_manifest_in_a_chain": agent().sign(_range_in_chain()),
        "range_request": messages.range_request(request_id=REQUEST_ID, camera_id="gate-1"),
        "range_state": v1.RangeState(request_id=REQUEST_ID, state="refused", reason="nothing recorded"),
        "signed_link": chains.signed(agent(), chains.pruned()),
        "signed_manifest": agent().sign(_still()),
        "upload_status": v1.UploadStatus(media_id=MEDIA_ID, offset_bytes=1_048_576, complete=False),
    }


def _report() -> v1.EventReport:
    zone = v1.Zone(name="마당", points=((0.1, 0.2), (0.9, 0.2), (0.5, 0.95)))
    explanation = messages.explanation(
        zone=zone,
        track_id=17,
        object_class="person",
        box=(0.25, 0.5, 0.375, 0.75),
        path=(v1.PathPoint(after_s=-1.5, x=0.125, y=0.5), v1.PathPoint(after_s=0.0, x=0.25, y=0.625)),
        models=(v1.ModelUsed(name="nanodet", sha256=MODEL_SHA256),),
    )
    return messages.report(
        event_id=EVENT_ID,
        camera_id="gate-1",
        explanation=explanation,
        camera_clock=v1.CameraClock(camera_at=messages.after(1.75), offset_s=-0.25),
        look_interval_s=1.0,
        software="jikimi-agent/0.1.0",
    )


def _scene_report() -> v1.EventReport:
    condition = v1.Condition(name="time without a picture", value=10.5, comparison=">", threshold=10.0, unit="s")
    explanation = messages.explanation(trigger="offline", conditions=(condition,))
    return messages.report(
        event_id=EVENT_ID, camera_id="gate-1", kind="offline", explanation=explanation, software="jikimi-agent/0.1.0"
    )


def _explained_report() -> v1.EventReport:
    condition = v1.Condition(
        name="dwell", value=17.25, comparison=">=", threshold=10.0, unit="s", silent_threshold=20.0
    )
    return messages.report(
        event_id=EVENT_ID,
        camera_id="gate-1",
        explanation=messages.explanation(conditions=(condition,)),
        software="jikimi-agent/0.1.0",
    )


def _watching() -> v1.Heartbeat:
    beat = _heartbeat()
    watched = (
        v1.Coverage(kinds=("intrusion", "loitering"), full_s=3500.5, degraded_s=80.0, blind_s=19.5),
        v1.Coverage(kinds=("offline",), full_s=3600.0),
    )
    return beat.model_copy(update={"health": (beat.health[0].model_copy(update={"coverage": watched}),)})


def _without_a_model() -> v1.Heartbeat:
    beat = _heartbeat()
    watched = (
        v1.Coverage(kinds=("fire", "smoke"), blind_s=3600.0, missing="no model for fire"),
        v1.Coverage(kinds=("offline",), full_s=3600.0),
    )
    return beat.model_copy(update={"health": (beat.health[0].model_copy(update={"coverage": watched}),)})


def _still() -> v1.MediaManifest:
    return messages.manifest(
        b"still", media_id=MEDIA_ID, event_id=EVENT_ID, camera_id="gate-1", software="jikimi-agent/0.1.0"
    )


def _range() -> v1.MediaManifest:
    gap = v1.Gap(starts_at=messages.after(5), ends_at=messages.after(6.5), reason="camera offline")
    return messages.clip_manifest(
        b"range",
        form="range",
        media_id=MEDIA_ID,
        event_id=None,
        request_id=REQUEST_ID,
        camera_id="gate-1",
        gaps=(gap,),
        cut="the recording ends here",
        software="jikimi-agent/0.1.0",
    )


def _clip_in_chain() -> v1.MediaManifest:
    model = v1.ModelUsed(name="nanodet", sha256=MODEL_SHA256)
    clip = messages.clip_manifest(b"clip", media_id=MEDIA_ID, event_id=EVENT_ID, camera_id="gate-1")
    return chains.placed(
        clip.model_copy(update={"models": (model,), "settings_sha256": messages.SETTINGS_SHA256}),
        agent(),
        chains.segments("gate-1", 1),
        open_from=messages.after(60),
    )


def _range_in_chain() -> v1.MediaManifest:
    return chains.placed(_range(), agent(), chains.segments("gate-1", 3, lost_s=2.5))


def _heartbeat() -> v1.Heartbeat:
    zone = v1.Zone(name="line", points=((0.0, 0.5), (1.0, 0.5)))
    return v1.Heartbeat(
        sent_at=messages.after(10),
        started_at=messages.NOON,
        software="jikimi-agent/0.1.0",
        cameras=(
            v1.CameraInfo(
                camera_id="gate-1",
                name="북문 1",
                latitude=37.5665,
                longitude=126.978,
                kinds=("intrusion", "line_crossing"),
                recording=True,
                zones=(zone,),
            ),
        ),
        health=(
            v1.CameraHealth(
                camera_id="gate-1",
                state="online",
                decode_mode="key_frames",
                codec="h264",
                width_px=1280,
                height_px=720,
                fps_in=15.0,
                fps_analysed=1.0,
                look_interval_s=1.0,
                last_frame_age_s=0.125,
                bytes_in=123_456_789,
                clock_offset_s=-0.25,
                dropped={"frames_shed": 3},
            ),
        ),
        disk=v1.Disk(total_bytes=10**12, free_bytes=10**11, recordings_bytes=5 * 10**11, warning="two days left"),
        backlog=v1.Backlog(events=1, media=2, media_bytes=3_000_000, parked=0, oldest_s=1.5),
    )


def main() -> None:
    """Write the files that are missing."""
    files: dict[str, bytes] = {f"{name}.json": m.model_dump_json().encode() + b"\n" for name, m in values().items()}
    files["signed_bytes.bin"] = _still().signed_bytes()
    files["enrolment_token.txt"] = TOKEN.text().encode() + b"\n"
    files["access_unit.bin"] = framing.pack(UNIT)
    for name, content in files.items():
        path = GOLDEN / name
        if not path.exists():
            path.write_bytes(content)
            sys.stdout.write(f"wrote {path}\n")


if __name__ == "__main__":
    main()
