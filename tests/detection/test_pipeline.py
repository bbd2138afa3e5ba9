"""The pipeline on drawn frames: what it remembers, and what a jumping clock or a changed picture size does to it."""

import dataclasses

import numpy as np

from detection import experts, pipeline, profile, settings, types

MODEL = types.ModelUsed("none", "0" * 64)


def make_frame(time_s: float, x_px: int | None = None, size_px: tuple[int, int] = (640, 360)) -> types.Frame:
    """A grey picture with some texture and, at `x_px`, a bright block as tall as a person."""
    w, h = size_px
    y = np.full((h, w), 90, np.uint8)
    y[::7] += 20
    if x_px is not None:
        y[h // 2 : h // 2 + 100, x_px : x_px + 40] = 230
    half = np.full(((h + 1) // 2, (w + 1) // 2), 128, np.uint8)
    return types.Frame(time_s, y, half, half)


def find_block(x_px: int, h: int = 360) -> types.Detections:
    box = np.array([[x_px, h // 2, x_px + 40, h // 2 + 100]], np.float32)
    return types.Detections(box, np.array([0.9], np.float32), np.array([0], np.int64))


def walk_across(camera: pipeline.CameraPipeline, start_s: float = 0.0) -> types.Step:
    step = types.Step()
    for i in range(15):
        x = 50 + 12 * i
        look = camera.look(make_frame(start_s + i / 5, x))
        step = camera.conclude(look, find_block(x) if look.regions else None)
    return step


def test_what_moves_is_looked_at_and_followed() -> None:
    camera = pipeline.CameraPipeline(profile.default_profile(), MODEL)
    step = walk_across(camera)
    assert [track.label for track in step.tracks] == [types.ObjectClass.PERSON]
    assert camera.has_tracks


def test_an_unmoving_picture_asks_for_no_detector_after_the_first_look_at_the_whole() -> None:
    camera = pipeline.CameraPipeline(profile.default_profile(), MODEL)
    asked = []
    for i in range(25):
        look = camera.look(make_frame(float(i)))
        asked.append(look.regions)
        camera.conclude(look, types.Detections.none() if look.regions else None)
    assert asked[0] == ((0.0, 0.0, 640.0, 360.0),)
    assert not any(asked[1:])


def test_without_a_model_no_region_is_asked_for() -> None:
    camera = pipeline.CameraPipeline(profile.default_profile(), None)
    looks = [camera.look(make_frame(i / 5, 50 + 12 * i)) for i in range(10)]
    assert any(look.moving for look in looks)
    assert not any(look.regions for look in looks)


def test_a_look_that_is_not_concluded_changes_no_track() -> None:
    camera = pipeline.CameraPipeline(profile.default_profile(), MODEL)
    before = walk_across(camera).tracks
    for _ in range(3):
        camera.look(make_frame(3.0, 300))
    assert camera.tick(3.0).tracks == before


def test_another_picture_size_ends_the_tracks_of_the_old_one() -> None:
    camera = pipeline.CameraPipeline(profile.default_profile(), MODEL)
    walk_across(camera)
    camera.look(make_frame(3.2, 200, size_px=(320, 180)))
    assert not camera.has_tracks


def test_a_clock_set_back_far_begins_anew_with_fresh_ids() -> None:
    camera = pipeline.CameraPipeline(profile.default_profile(), MODEL)
    old = {track.track_id for track in walk_across(camera, start_s=10_000.0).tracks}
    new = {track.track_id for track in walk_across(camera, start_s=0.0).tracks}
    assert new
    assert not new & old


def test_frames_that_were_held_up_keep_their_own_times_and_the_tracks_go_on() -> None:
    camera = pipeline.CameraPipeline(profile.default_profile(), MODEL)
    before = walk_across(camera, start_s=100.0).tracks
    for now_s in (104.0, 106.0, 108.0):
        camera.tick(now_s)
    step = types.Step()
    for i in range(15, 20):
        look = camera.look(make_frame(100.0 + i / 5, 50 + 12 * i))
        step = camera.conclude(look, find_block(50 + 12 * i))
    assert [track.track_id for track in step.tracks] == [track.track_id for track in before]
    assert abs(step.tracks[0].last_seen_s - 103.8) < 1e-6


def test_a_camera_without_frames_for_long_is_offline() -> None:
    camera = pipeline.CameraPipeline(profile.default_profile(), MODEL)
    walk_across(camera, start_s=100.0)
    raised = [event for i in range(20) for event in camera.tick(103.0 + i).raised]
    assert [event.kind for event in raised] == [types.Kind.OFFLINE]
    assert raised[0].raised_s - raised[0].started_s <= 11.0


def test_questions_that_the_budget_does_not_allow_are_not_asked_and_are_told() -> None:
    fire = {"fire": types.ModelUsed("fire", "1" * 64)}
    poor = dataclasses.replace(profile.default_profile(), budget=settings.BudgetSettings(ms_per_s=1.0, burst_s=10.0))
    asked: list[str] = []

    def ask(task: str, blob: experts.Blob) -> experts.Answer | None:
        asked.append(task)
        return None

    for wanted, told in ((profile.default_profile(), ()), (poor, ("fire",))):
        asked.clear()
        camera = pipeline.CameraPipeline(wanted, MODEL, further=fire)
        step = camera.conclude(camera.look(make_frame(0.0)), types.Detections.none(), ask)
        assert step.over_budget == told
        assert asked == ([] if told else ["fire"])
