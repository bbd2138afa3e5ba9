"""The demo shows every kind that may ship, with cameras that play what one stream can play, watched for what they show."""

from pathlib import Path

import pytest

from camera_agents.configuration import settings_file
from sample_streams import demo_cameras, demo_site, manifest
from sample_streams.camera import options

CLIPS = manifest.load()
CAMERAS = demo_cameras.cameras(CLIPS)
README = (manifest.FOLDER / "README.md").read_text("utf-8")


def test_every_kind_that_a_clip_shows_is_shown_by_a_camera_of_the_demo() -> None:
    labelled = {truth.kind for clip in CLIPS.clip for truth in clip.truth if truth.task == "clip"} - {"none"}
    assert demo_cameras.shown_kinds(CLIPS) == labelled | {"looped", "offline", "clock_drift", "speeding"}


@pytest.mark.parametrize("camera", CAMERAS, ids=lambda camera: camera.camera_id)
def test_a_camera_plays_clips_of_one_size_and_rate(camera: demo_cameras.Camera) -> None:
    forms = {(c.main.width_px, c.main.height_px, c.main.fps) for c in camera.clips}
    assert len(forms) == 1


@pytest.mark.parametrize("camera", CAMERAS, ids=lambda camera: camera.camera_id)
def test_the_sample_camera_takes_the_option(camera: demo_cameras.Camera) -> None:
    (read,) = options.parse(["--camera", camera.option()]).cameras
    assert (read.name, len(read.files["main"])) == (camera.camera_id, len(camera.clips))


def test_every_camera_is_watched_for_what_it_shows(tmp_path: Path) -> None:
    sources = [demo_site.Source(camera, f"rtsp://127.0.0.1:1/{camera.camera_id}/main", None) for camera in CAMERAS]
    written = tmp_path / "agent.toml"
    written.write_text(demo_site.configuration(tmp_path / "state", sources))
    written.chmod(0o600)
    read = settings_file.load(written)
    for camera, watched in zip(CAMERAS, read.cameras, strict=True):
        assert camera.kinds <= {str(kind) for kind in watched.profile.kinds}


def test_a_looped_feed_is_told_of_one_camera_only(tmp_path: Path) -> None:
    assert [camera.camera_id for camera in CAMERAS if "looped" in camera.kinds] == ["replayed"]


def test_alarms_are_due_when_their_clip_plays_and_their_dwell_is_over() -> None:
    lawn = next(camera for camera in CAMERAS if camera.camera_id == "lawn")
    due = {one.kind: one.at_s for one in lawn.dues()}
    (left,) = CLIPS.find("abandoned").truth
    assert left.start_s is not None
    assert due["abandoned_object"] == pytest.approx(CLIPS.find("lawn").main.duration_s + left.start_s + 10.0)


@pytest.mark.parametrize("camera", CAMERAS, ids=lambda camera: camera.camera_id)
def test_the_readme_says_what_each_camera_shows_and_when(camera: demo_cameras.Camera) -> None:
    assert demo_cameras.row(camera) in README.splitlines()
