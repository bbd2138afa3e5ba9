"""Wire messages for tests: whole and valid, each with its own ids, changed by keyword."""

import datetime
import hashlib
import uuid
from typing import Any

from sharing_hub.wire import v1

NOON = datetime.datetime(2026, 7, 1, 3, 0, tzinfo=datetime.UTC)
"""Noon in Seoul."""
SETTINGS_SHA256 = hashlib.sha256(b"{}").hexdigest()
SOFTWARE = "jikimi-agent/test"


def after(seconds: float) -> datetime.datetime:
    """Return the time `seconds` after NOON."""
    return NOON + datetime.timedelta(seconds=seconds)


def explanation(**changed: Any) -> v1.Explanation:
    """Return why an intrusion was raised."""
    condition = v1.Condition(name="time in zone", value=2.4, comparison=">=", threshold=2.0, unit="s")
    return v1.Explanation(
        **{"trigger": "intrusion", "conditions": (condition,), "settings_sha256": SETTINGS_SHA256, **changed}
    )


def report(**changed: Any) -> v1.EventReport:
    """Return an event report of camera "gate"."""
    return v1.EventReport(
        **{
            "event_id": uuid.uuid4(),
            "camera_id": "gate",
            "kind": "intrusion",
            "started_at": NOON,
            "raised_at": after(2),
            "score": 0.9,
            "explanation": explanation(),
            "software": SOFTWARE,
            **changed,
        }
    )


def manifest(content: bytes, **changed: Any) -> v1.MediaManifest:
    """Return the manifest of `content`, a masked still unless changed."""
    values: dict[str, Any] = {
        "media_id": uuid.uuid4(),
        "camera_id": "gate",
        "form": "masked_still",
        "event_id": uuid.uuid4(),
        "mime": "image/jpeg",
        "length_bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "starts_at": NOON,
        "ends_at": NOON,
        "codec": "jpeg",
        "width_px": 960,
        "height_px": 720,
        "masking": "whole",
        "software": SOFTWARE,
    }
    return v1.MediaManifest(**{**values, **changed})


def clip_manifest(content: bytes, **changed: Any) -> v1.MediaManifest:
    """Return the manifest of `content` as a clip."""
    clip = {"form": "clip", "mime": "video/mp4", "codec": "h264", "masking": None, "ends_at": after(20)}
    return manifest(content, **{**clip, **changed})


def range_request(**changed: Any) -> v1.RangeRequest:
    """Return the hub's request for a minute of camera "gate"."""
    values = {"request_id": uuid.uuid4(), "camera_id": "gate", "starts_at": NOON, "ends_at": after(60)}
    return v1.RangeRequest(**{**values, **changed})
