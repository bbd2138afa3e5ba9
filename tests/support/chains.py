"""Chains made without recording anything: links of minutes of a camera, signed, and the place of a file in them."""

import datetime
from collections.abc import Sequence
from typing import Any, Protocol

from sharing_hub.wire import chain, v1
from tests.support import messages


class Signer(Protocol):
    """Whoever has an agent's key."""

    def signature_of(self, signed_bytes: bytes) -> str:
        """Sign."""


def stream(**changed: Any) -> v1.StreamParameters:
    """Return how a 720p camera codes its pictures."""
    values = {
        "codec": "h264",
        "profile_idc": 100,
        "level_idc": 31,
        "parameter_sets_sha256": "5a" * 32,
        "width_px": 1280,
        "height_px": 720,
        "fps": 15.0,
        "ticks_per_s": 90_000,
    }
    return v1.StreamParameters.model_validate({**values, **changed})


def file(name: str | None, begin_s: float, end_s: float, **changed: Any) -> v1.ChainFile:
    """Return a file from `begin_s` to `end_s` after noon."""
    values = {
        "name": name,
        "starts_at": messages.after(begin_s),
        "ends_at": messages.after(end_s),
        "sha256": "ab" * 32,
        "length_bytes": 1_000_000,
        "frames": 900,
        "stream": stream(),
    }
    return v1.ChainFile.model_validate({**values, **changed})


def link(before: v1.ChainLink | None, camera_id: str, what: str, **more: Any) -> v1.ChainLink:
    """Return the link after `before`."""
    values = {
        "camera_id": camera_id,
        "sequence": before.sequence + 1 if before else 0,
        "previous": before.sha256() if before else chain.FIRST,
        "what": what,
        "made_at": messages.after(600),
        "software": messages.SOFTWARE,
    }
    return v1.ChainLink.model_validate({**values, **more})


def segments(camera_id: str, count: int, lost_s: float = 0.0) -> list[v1.ChainLink]:
    """Return the links of `count` minutes from noon on; before each but the first, `lost_s` are missing for a reason."""
    made: list[v1.ChainLink] = []
    for number in range(count):
        begin_s = number * 60.0
        gaps: tuple[v1.Gap, ...] = ()
        if made and lost_s:
            gap = v1.Gap(
                starts_at=messages.after(begin_s), ends_at=messages.after(begin_s + lost_s), reason="camera offline"
            )
            begin_s, gaps = begin_s + lost_s, (gap,)
        one = file(f"{camera_id}/{number}.jks", begin_s, number * 60 + 59.933)
        made.append(link(made[-1] if made else None, camera_id, "segment", file=one, gaps=gaps))
    return made


def pruned() -> v1.ChainLink:
    """Return a link that tells of removed segments and of links that were pruned."""
    before = segments("gate-1", 2)[-1]
    removal = v1.Removal(first=0, last=1, removed_at=messages.after(500), reason="removed by retention: 30 days")
    return link(before, "gate-1", "pruned", removed=(removal,), pruned=v1.Pruned(sequence=0, sha256="cd" * 32))


def signed(signer: Signer, one: v1.ChainLink) -> v1.SignedLink:
    """Sign a link."""
    return v1.SignedLink(link=one, signature=signer.signature_of(one.signed_bytes()))


def placed(
    manifest: v1.MediaManifest,
    signer: Signer,
    links: Sequence[v1.ChainLink],
    open_from: datetime.datetime | None = None,
) -> v1.MediaManifest:
    """Return the manifest with its file's place after `links`."""
    own_file = v1.ChainFile(
        starts_at=manifest.starts_at,
        ends_at=manifest.ends_at,
        sha256=manifest.sha256,
        length_bytes=manifest.length_bytes,
        frames=300,
        stream=stream(),
    )
    own = link(links[-1] if links else None, manifest.camera_id, manifest.form, file=own_file)
    place = v1.ChainPlace(
        own=signed(signer, own), links=tuple(signed(signer, one) for one in links), open_from=open_from
    )
    return manifest.model_copy(update={"stream": stream(), "chain": place})
