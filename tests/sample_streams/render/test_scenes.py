"""The ground truth of the rendered clips follows from what drives where."""

import itertools

import pytest

from sample_streams import manifest
from sample_streams.render import drives, scenes, view

SCENES = {scene.name: scene for scene in scenes.SCENES}


@pytest.mark.parametrize("scene", scenes.SCENES, ids=lambda scene: scene.name)
def test_no_two_vehicles_of_a_lane_drive_into_each_other(scene: scenes.Scene) -> None:
    assert scenes.find_clash(scene) == ""


def test_a_clash_is_named() -> None:
    pile_up = scenes.Scene("pile_up", (scenes.Entry("bus", 0.0), scenes.Entry("red", 2.0)))
    assert "bus of 0.0 s and red of 2.0 s" in scenes.find_clash(pile_up)


def test_the_manifest_says_when_the_car_has_stopped() -> None:
    (truth,) = manifest.load().find("road_stopped").truth
    assert truth.start_s == pytest.approx(scenes.stop_s(SCENES["road_stopped"]), abs=0.05)


def test_the_manifest_says_when_the_cars_collide() -> None:
    (truth,) = manifest.load().find("road_accident").truth
    assert truth.start_s == pytest.approx(scenes.meet_s(SCENES["road_accident"]), abs=0.05)


def test_the_manifest_says_when_smoke_and_flames_begin() -> None:
    scene = SCENES["road_fire"]
    begins = {truth.kind: truth.start_s for truth in manifest.load().find("road_fire").truth}
    assert begins["smoke"] == scene.blaze_s
    assert begins["fire"] == pytest.approx(scenes.flames_s(scene), abs=0.5)  # the first flames are small


def test_the_manifest_says_when_the_pedestrian_is_on_the_road() -> None:
    (truth,) = manifest.load().find("road_pedestrian").truth
    assert (truth.start_s, truth.end_s) == pytest.approx(scenes.on_road_s(SCENES["road_pedestrian"]), abs=0.05)


def test_the_manifest_says_when_the_traffic_has_jammed() -> None:
    (truth,) = manifest.load().find("road_congestion").truth
    assert truth.start_s == pytest.approx(scenes.jam_s(SCENES["road_congestion"]), abs=0.05)


def test_the_manifest_says_when_the_car_is_parked() -> None:
    parked = next(t for t in manifest.load().find("road_parking").truth if t.kind == "illegal_parking")
    assert parked.start_s == pytest.approx(scenes.park_s(SCENES["road_parking"]), abs=0.05)


def test_the_parking_zone_is_the_kerb_side_strip_in_both_clips() -> None:
    corners = [view.project(*corner) for corner in ((-5.2, 24.0), (-3.25, 24.0), (-3.25, 17.0), (-5.2, 17.0))]
    zones = [
        t.zone for name in ("road_parking", "road_normal") for t in manifest.load().find(name).truth if len(t.zone) > 2
    ]
    assert len(zones) == 2
    for zone in zones:
        assert [p for point in zone for p in point] == pytest.approx([p for point in corners for p in point], abs=0.002)


def test_traffic_that_flows_is_no_jam() -> None:
    with pytest.raises(ValueError, match="never queues"):
        scenes.jam_s(
            scenes.Scene("free", (scenes.Entry("red", 0.0, course=tuple(60.0 - 0.1 * i for i in range(600))),), 30.0),
            1.0,
        )


def test_the_manifest_says_when_the_wrong_way_driver_is_in_sight() -> None:
    (truth,) = manifest.load().find("road_wrong_way").truth
    assert (truth.start_s, truth.end_s) == pytest.approx(scenes.wrong_way_s(SCENES["road_wrong_way"]), abs=0.05)


def test_the_allowed_direction_is_that_of_the_traffic() -> None:
    for name in ("road_normal", "road_wrong_way"):
        start, end = manifest.load().find(name).truth[0].zone
        assert start == pytest.approx(view.project(0.0, 60.0), abs=0.01)
        assert end == pytest.approx(view.project(0.0, 14.0), abs=0.01)


def test_only_the_wrong_way_driver_moves_away_from_the_camera() -> None:
    for drive in drives.DRIVES:
        path = drives.positions_m(drive)
        steps = [b - a for a, b in itertools.pairwise(path)]
        assert all((step > 0) == drive.away for step in steps[:-1])


def test_the_stopping_vehicle_stands_where_it_should_and_stays() -> None:
    entry = next(e for e in SCENES["road_stopped"].entries if e.drive == "stopper")
    stop = drives.find_drive("stopper").stop_y_m
    last = scenes.place(entry, round(scenes.LENGTH_S * drives.FPS) - 1)
    assert last is not None
    assert last[1] == pytest.approx(stop, abs=0.5)
    assert scenes.place(entry, round(scenes.stop_s(SCENES["road_stopped"]) * drives.FPS)) == last


def test_far_positions_share_every_second_picture() -> None:
    path = drives.positions_m(drives.find_drive("red"))
    used = drives.rendered_frames(path)
    assert all(i == j for i, j, y in zip(range(len(path)), used, path, strict=True) if y <= drives.COARSE_M)
    assert all(j in (i, i - 1) for i, j in enumerate(used))
