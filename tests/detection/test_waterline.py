"""The waterline on drawn pictures: how far water covers a zone, and what does not count as water."""

import pytest

from detection import types, waterline
from tests.detection import waters


def read(scene: waters.Scene, until_s: float, hidden: tuple[types.Box, ...] = ()) -> list[waterline.Reading]:
    line = waterline.Waterline(waters.ZONE)
    readings = [line.look(frame, hidden) for frame in waters.film(scene, until_s, looks_per_s=2.0)]
    return [reading for reading in readings if reading is not None]


def test_a_zone_that_stays_dry_is_not_covered() -> None:
    readings = read(waters.dry, 8)
    assert len(readings) >= 10
    assert max(reading.covered for reading in readings) < 0.02


def test_water_covers_what_it_covers_smoothly_and_from_one_side() -> None:
    last = read(waters.rising(3, 8, share=0.35), 12)[-1]  # to the middle of the zone's height
    assert last.covered == pytest.approx(0.55, abs=0.12)
    assert last.front > 0.9
    assert last.structure < 0.4


@pytest.mark.parametrize(
    "scene", [waters.shadow(3, 12), waters.rain(3, 12), waters.fog(3, 12)], ids=["shadow", "rain", "fog"]
)
def test_what_darkens_the_ground_or_fades_it_everywhere_leaves_its_texture(scene: waters.Scene) -> None:
    assert max(reading.covered for reading in read(scene, 14)) < 0.12


def test_a_vehicle_brings_edges_of_its_own() -> None:
    last = read(waters.vehicle(3, 60, speed_px_per_s=100), 14)[-1]
    assert last.covered > 0.3
    assert last.structure > 2


def test_cells_under_a_known_object_are_not_judged() -> None:
    readings = read(waters.vehicle(3, 60, speed_px_per_s=100), 14, hidden=((0, 80, 420, 340),))
    assert max(reading.covered for reading in readings) < 0.05
    assert readings[-1].judged < 0.7


def test_a_switch_to_night_begins_a_new_reference() -> None:
    readings = read(waters.night(5), 14)
    assert readings[-1].covered < 0.05


def test_ground_without_texture_tells_nothing_until_its_colour_changes() -> None:
    def plain(luma: waters.Array, colour: waters.Array, time_s: float) -> None:
        luma[:] = 110

    assert read(plain, 6) == []
    assert read(waters.both(plain, waters.rising(3, 8)), 12)[-1].covered > 0.9


def test_another_picture_size_begins_a_new_reference() -> None:
    line = waterline.Waterline(waters.ZONE)
    for frame in waters.film(waters.dry, 4, looks_per_s=2.0):
        line.look(frame)
    half = waters.film(waters.dry, 1, looks_per_s=2.0)[0]
    small = types.Frame(4.5, half.y[::2, ::2].copy(), half.u[::2, ::2].copy(), half.v[::2, ::2].copy())
    assert line.look(small) is None
