"""An agent's durable state for tests: a clock that stands still, an enrolled identity, an outbox, media."""

import datetime
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ed25519

from camera_agents.recording import chain as chains
from camera_agents.recording import recordings
from camera_agents.sending import identity, mediastore, outbox
from sharing_hub.wire import v1
from tests.support import messages


class Clock:
    """UTC that moves when told to."""

    def __init__(self) -> None:
        self.now = messages.NOON

    def __call__(self) -> datetime.datetime:
        return self.now

    def pass_s(self, seconds: float) -> None:
        """Let time pass."""
        self.now += datetime.timedelta(seconds=seconds)


def enrolled(
    state_dir: Path, hub_url: str = "http://127.0.0.1:1", authority_pem: str | None = None
) -> identity.Identity:
    """Make the identity that enrolment would have left."""
    folder = state_dir / identity.FOLDER
    identity.make_key(folder / identity.KEY_FILE)
    if authority_pem is not None:
        identity.write_private(folder / identity.AUTHORITY_FILE, authority_pem.encode())
    record = identity.Record(
        agent_id=uuid.uuid4(),
        hub_url=hub_url,
        site="test",
        pinned=authority_pem is not None,
        enrolled_at=messages.NOON,
    )
    identity.write_private(folder / identity.RECORD_FILE, record.model_dump_json().encode())
    return identity.Identity.load(state_dir)


def nobody() -> identity.Identity:
    """Return an identity that is in no folder."""
    record = identity.Record(
        agent_id=uuid.UUID(int=1), hub_url="http://127.0.0.1:1", site="test", pinned=False, enrolled_at=messages.NOON
    )
    return identity.Identity(record, ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32)), None)


def chain(
    index: recordings.Recordings,
    me: identity.Identity | None = None,
    clock: Callable[[], datetime.datetime] | None = None,
) -> chains.Chain:
    """Return the chains of an index, signed by `me` or by nobody in particular."""
    return chains.Chain(index, me or nobody(), "jikimi-agent/test", clock or Clock())


def open_outbox(state_dir: Path, clock: Callable[[], datetime.datetime] | None = None) -> outbox.Outbox:
    """Open the outbox of `state_dir`."""
    return outbox.Outbox(state_dir / "outbox.db", clock or Clock())


def open_media(state_dir: Path) -> mediastore.MediaStore:
    """Open the media folder of `state_dir`, as if the disk were never full."""
    return mediastore.MediaStore(state_dir / "media", free_bytes=lambda: 10**12)


def keep_file(
    box: outbox.Outbox, store: mediastore.MediaStore, me: identity.Identity, content: bytes, **changed: Any
) -> v1.SignedManifest:
    """Put `content` in the store and commit it as media (a clip where the form says so)."""
    clip = changed.get("form") in {"clip", "range"}
    manifest = (messages.clip_manifest if clip else messages.manifest)(content, **changed)
    stored = store.put(content, ".mp4" if clip else ".jpg")
    signed = me.sign(manifest)
    box.commit_media(signed, stored.path, None)
    return signed
