import hashlib
import os
from pathlib import Path

import pytest

from camera_agents import errors
from camera_agents.sending import mediastore
from tests.support import agent_state


def test_a_file_stands_whole_under_its_hash(store: mediastore.MediaStore) -> None:
    stored = store.put(b"picture", ".jpg")
    expected = hashlib.sha256(b"picture").hexdigest()
    assert stored.sha256 == expected
    assert stored.path == store.folder / expected[:2] / f"{expected}.jpg"
    assert stored.path.read_bytes() == b"picture"


def test_a_function_may_write_the_file_itself(store: mediastore.MediaStore) -> None:
    def write(path: Path) -> None:
        path.write_bytes(b"clip")

    assert store.put(write, ".mp4").path.read_bytes() == b"clip"


def test_a_writer_that_fails_leaves_nothing(store: mediastore.MediaStore) -> None:
    def fail(path: Path) -> None:
        path.write_bytes(b"half")
        raise ValueError("muxer failed")

    with pytest.raises(ValueError, match="muxer failed"):
        store.put(fail, ".mp4")
    assert [path for path in store.folder.rglob("*") if path.is_file()] == []


def test_an_empty_file_is_refused(store: mediastore.MediaStore) -> None:
    with pytest.raises(errors.MediaStoreError, match="empty"):
        store.put(b"", ".jpg")


def test_a_writer_that_wrote_nothing_is_an_error_of_the_store(store: mediastore.MediaStore) -> None:
    with pytest.raises(errors.MediaStoreError):
        store.put(lambda path: None, ".mp4")


def test_the_same_bytes_twice_are_one_file(store: mediastore.MediaStore) -> None:
    assert store.put(b"same", ".jpg") == store.put(b"same", ".jpg")
    assert len(store.files()) == 1


def test_drafts_of_a_killed_process_are_cleared(store: mediastore.MediaStore) -> None:
    (store.folder / "tmp" / "half.mp4").write_bytes(b"half")
    assert store.clear_drafts() == 1
    assert list((store.folder / "tmp").iterdir()) == []


def test_files_without_a_row_are_removed_once_they_are_old(store: mediastore.MediaStore) -> None:
    listed, old, young = (store.put(content, ".jpg") for content in (b"listed", b"old", b"young"))
    now_s = old.path.stat().st_mtime + 10
    for stored in (listed, old):
        os.utime(stored.path, (0, now_s - mediastore.UNLISTED_AGE_S - 1))
    assert store.remove_unlisted({listed.sha256}, now_s) == 1
    assert sorted(store.files()) == sorted([listed.path, young.path])


def test_a_nearly_full_disk_refuses_media(tmp_path: Path) -> None:
    full = mediastore.MediaStore(tmp_path / "media", reserve_bytes=1000, free_bytes=lambda: 1004)
    full.put(b"1234", ".jpg")
    with pytest.raises(errors.MediaStoreFull, match="nearly full"):
        full.put(b"12345", ".jpg")
    assert full.low()


def test_removing_what_is_gone_is_harmless(store: mediastore.MediaStore) -> None:
    stored = store.put(b"x", ".jpg")
    store.remove(stored.path)
    store.remove(stored.path)
    assert store.files() == []


def test_the_free_space_is_the_disks_unless_told_otherwise(tmp_path: Path) -> None:
    store = mediastore.MediaStore(tmp_path / "media", reserve_bytes=1)
    assert store.put(b"x", ".jpg").path.exists()
    assert agent_state.open_media(tmp_path).low() is False
