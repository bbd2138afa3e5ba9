"""Media files: what each is, its signed manifest, and how far its upload is."""

from typing import Annotated, Any, Literal
from uuid import UUID

import pydantic
import rfc8785
from pydantic import AwareDatetime, ConfigDict, Field

from sharing_hub.wire.chain import ChainPlace, Gap, StreamParameters
from sharing_hub.wire.events import ModelUsed
from sharing_hub.wire.values import CameraId, MediaForm, Message, Name, Reason, Sha256, Signature

MAX_CHUNK_BYTES = 4 * 1024 * 1024
MAX_MEDIA_BYTES = 2 * 1024**3


class MediaManifest(Message):
    """What a media file is. The agent signs its canonical JSON (RFC 8785) with its Ed25519 key.

    Attributes:
        media_id: made by the agent; the same file for two events has two ids and one `sha256`.
        event_id: the event it belongs to; exactly one of event_id and request_id is given.
        request_id: the hub's request that it answers (form `range`).
        starts_at, ends_at: capture time of the first and after the last frame; equal for a still.
        codec: "h264", "hevc" or "jpeg".
        gaps: spans missing from it, each with its reason.
        cut: why the file is shorter than planned; None when it is whole.
        masking: for a masked still: "regions" or "whole" (no detector ran); None when clear.
        models, settings_sha256: of the event it belongs to: what decided, and the SHA-256 of the camera's profile.
        stream: how a clip's or range's pictures are coded.
        chain: where a clip or range stands in its camera's chain.
    """

    schema_: Literal["jikimi.media/1"] = Field("jikimi.media/1", alias="schema")
    media_id: UUID
    camera_id: CameraId
    form: MediaForm
    event_id: UUID | None = None
    request_id: UUID | None = None
    mime: Literal["video/mp4", "image/jpeg"]
    length_bytes: Annotated[int, Field(gt=0, le=MAX_MEDIA_BYTES)]
    sha256: Sha256
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    codec: Annotated[str, Field(max_length=20)]
    width_px: Annotated[int, Field(gt=0, le=16384)]
    height_px: Annotated[int, Field(gt=0, le=16384)]
    gaps: Annotated[tuple[Gap, ...], Field(max_length=200)] = ()
    cut: Reason | None = None
    masking: Literal["regions", "whole"] | None = None
    software: Name
    # Newer than the first agents: left out where empty, so that what these signed keeps its bytes.
    models: Annotated[tuple[ModelUsed, ...], Field(max_length=16, exclude_if=lambda value: not value)] = ()
    settings_sha256: Annotated[Sha256 | None, Field(exclude_if=lambda value: value is None)] = None
    stream: Annotated[StreamParameters | None, Field(exclude_if=lambda value: value is None)] = None
    chain: Annotated[ChainPlace | None, Field(exclude_if=lambda value: value is None)] = None

    model_config = ConfigDict(
        extra="forbid", frozen=True, allow_inf_nan=False, populate_by_name=True, serialize_by_alias=True
    )

    @pydantic.model_validator(mode="after")
    def _belongs_to_one(self) -> "MediaManifest":
        if (self.event_id is None) == (self.request_id is None):
            raise ValueError("exactly one of event_id and request_id is needed")
        if self.ends_at < self.starts_at:
            raise ValueError("ends_at is before starts_at")
        return self

    def signed_bytes(self) -> bytes:
        """Return the bytes the signature covers: the manifest as canonical JSON (RFC 8785)."""
        body: Any = self.model_dump(mode="json")
        return rfc8785.dumps(body)


class SignedManifest(Message):
    """POST /v1/agent/media: announces an upload; repeating it asks how far the upload is."""

    manifest: MediaManifest
    signature: Signature


class UploadStatus(Message):
    """How many bytes the hub holds durably. Send the next chunk from `offset_bytes`:
    PATCH /v1/agent/media/{media_id} with the header `Upload-Offset` and at most MAX_CHUNK_BYTES of application/octet-stream.
    409 carries the true UploadStatus; 422 says the finished file did not have its sha256: begin again at 0.
    """

    media_id: UUID
    offset_bytes: Annotated[int, Field(ge=0)]
    complete: bool
