"""The media folder: what an upload leaves in it."""

import hashlib
import uuid
from pathlib import Path

import pytest

from sharing_hub import errors
from sharing_hub.store import blobs

CONTENT = b"picture" * 100


def test_a_late_repeat_of_a_chunk_leaves_nothing_behind(tmp_path: Path) -> None:
    store, media_id, sha256 = blobs.FolderBlobs(tmp_path), uuid.uuid4(), hashlib.sha256(CONTENT).hexdigest()
    store.append(media_id, 0, CONTENT[:300])
    store.append(media_id, 300, CONTENT[300:])
    assert store.finish(media_id, sha256)
    with pytest.raises(errors.OffsetConflict) as late:
        store.append(media_id, 300, CONTENT[300:])
    assert late.value.offset_bytes == 0
    assert list(store.partials()) == []
    assert store.finish(media_id, sha256)
    assert list(store.blobs()) == [(sha256, len(CONTENT))]
