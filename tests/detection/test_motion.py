"""The motion gate on drawn scenes: noise, light, things that stop, slow and fast frame rates."""

import numpy as np
import pytest

from detection import motion, settings, types

W, H = 640, 360


class Scene:
    """Draws frames with camera noise; the light, a block and its place may change."""

    def __init__(self, noise: float = 2.0, seed: int = 1) -> None:
        self.random = np.random.default_rng(seed)
        self.ground = self.random.integers(60, 140, (H // 8, W // 8)).repeat(8, 0).repeat(8, 1).astype(np.float32)
        self.noise = noise

    def frame(self, time_s: float, x_px: int | None = None, light: float = 0.0, height_px: int = 60) -> types.Frame:
        picture = self.ground + light + self.random.normal(0, self.noise, (H, W))
        if x_px is not None:
            picture[200 : 200 + height_px, x_px : x_px + 24] = 220
        half = np.full((H // 2, W // 2), 128, np.uint8)
        return types.Frame(time_s, picture.clip(0, 255).astype(np.uint8), half, half)


def make_gate() -> motion.Gate:
    return motion.Gate(settings.MotionSettings())


@pytest.mark.parametrize("fps", [1, 5, 30])
@pytest.mark.parametrize("noise", [1.0, 8.0])
def test_a_still_scene_is_silent_at_any_frame_rate_and_noise(fps: int, noise: float) -> None:
    scene, gate = Scene(noise), make_gate()
    moving = [bool(gate.look(scene.frame(i / fps)).boxes) for i in range(60)]
    assert sum(moving[5:]) == 0


@pytest.mark.parametrize("fps", [1, 5, 30])
def test_a_walker_is_seen_where_he_is_at_any_frame_rate(fps: int) -> None:
    scene, gate = Scene(), make_gate()
    for i in range(10):
        gate.look(scene.frame(i / fps))
    missed = 0
    for i in range(10, 30):
        x = 40 + (i - 10) * 20
        found = gate.look(scene.frame(i / fps, x)).boxes
        missed += not any(b[0] <= x + 12 <= b[2] and b[1] <= 230 <= b[3] for b in found)
    assert missed <= 1


def test_a_light_switched_on_is_silent_within_two_seconds() -> None:
    scene, gate = Scene(), make_gate()
    for i in range(50):
        gate.look(scene.frame(i / 5))
    lamp = np.zeros((H, W), np.float32)
    lamp[:, : W // 3] = 60  # a part of the scene only, so that it is not a change of the whole picture
    scene.ground = scene.ground + lamp
    after = [bool(gate.look(scene.frame(10 + i / 5)).boxes) for i in range(50)]
    assert after[0]
    assert not any(after[10:])


def test_a_change_of_exposure_is_no_movement() -> None:
    scene, gate = Scene(), make_gate()
    for i in range(50):
        gate.look(scene.frame(i / 5))
    assert not any(gate.look(scene.frame(10 + i / 5, light=25.0)).boxes for i in range(20))


def test_a_new_view_is_one_look_of_change_and_then_the_background() -> None:
    scene, gate = Scene(), make_gate()
    for i in range(50):
        gate.look(scene.frame(i / 5))
    scene.ground = np.where(scene.ground > 100, 20, 230).astype(np.float32)
    first = gate.look(scene.frame(10.0))
    assert first.thumb.moving_share > 0.5
    assert not any(gate.look(scene.frame(10.2 + i / 5)).boxes for i in range(20))


def test_what_has_stopped_is_silent_soon_and_so_is_the_place_it_left() -> None:
    scene, gate = Scene(), make_gate()
    for i in range(25):
        gate.look(scene.frame(i / 5, 100))
    for i in range(10):
        assert gate.look(scene.frame(5 + i / 5, 100 + 20 * i)).boxes or i == 0
    stopped = [bool(gate.look(scene.frame(7 + i / 5, 280)).boxes) for i in range(25)]
    assert not any(stopped[8:])


def test_at_one_frame_per_second_what_has_stopped_is_silent_at_the_second_frame() -> None:
    scene, gate = Scene(), make_gate()
    for i in range(10):
        gate.look(scene.frame(float(i)))
    assert gate.look(scene.frame(10.0, 300)).boxes
    assert not gate.look(scene.frame(11.0, 300)).boxes


def test_a_frame_from_before_is_compared_and_teaches_nothing() -> None:
    scene, gate = Scene(), make_gate()
    for i in range(10):
        gate.look(scene.frame(float(i)))
    gate.look(scene.frame(10.0, 300))
    again = [bool(gate.look(scene.frame(9.2 + i / 5, 200 + 20 * i)).boxes) for i in range(5)]
    assert all(again[1:])


def test_a_clock_set_back_far_does_not_stop_the_background_from_following() -> None:
    scene, gate = Scene(), make_gate()
    for i in range(20):
        gate.look(scene.frame(1e6 + i / 5))
    scene.ground[:, : W // 3] += 60
    later = [bool(gate.look(scene.frame(i / 5)).boxes) for i in range(50)]
    assert not any(later[20:])
