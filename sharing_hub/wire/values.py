"""What wire v1's messages are made of: kinds, bounded texts, ids, and the frozen base of every message."""

from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

Kind = Literal[
    "fire", "smoke", "fight", "fall", "weapon", "intrusion", "line_crossing", "loitering", "abandoned_object",
    "removed_object", "accident", "wrong_way", "stopped_vehicle", "illegal_parking", "congestion", "pedestrian_on_road",
    "speeding", "crowd", "flood", "collapse", "shake", "offline", "frozen", "looped", "blinded", "sprayed", "defocused",
    "moved", "clock_drift",
]  # fmt: skip
KINDS: tuple[str, ...] = get_args(Kind)

MediaForm = Literal["clip", "still", "masked_still", "range"]
CameraState = Literal[
    "starting", "online", "offline", "unauthorised", "no_key_frame", "garbage", "unsupported", "stopped"
]  # fmt: skip
DecodeMode = Literal["none", "key_frames", "sub", "main", "active"]

CameraId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Name = Annotated[str, Field(min_length=1, max_length=120)]
Reason = Annotated[str, Field(max_length=500)]
Unit01 = Annotated[float, Field(ge=0.0, le=1.0)]
Point = tuple[Unit01, Unit01]
Signature = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{86}$")]
PublicKey = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}$")]


class Message(BaseModel):
    """What every wire value has in common: strict fields, no surprises, no change after it is made."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, ser_json_bytes="base64")
