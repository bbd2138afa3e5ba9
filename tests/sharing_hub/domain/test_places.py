"""Distances on the ground."""

import pytest

from sharing_hub.domain import places

CITY_HALL = (37.5665, 126.9780)


def test_a_degree_of_latitude_is_111_km_and_one_of_longitude_shrinks_with_the_latitude() -> None:
    assert places.distance_m((37.0, 127.0), (38.0, 127.0)) == pytest.approx(111_195, rel=1e-3)
    assert places.distance_m((60.0, 10.0), (60.0, 11.0)) == pytest.approx(111_195 / 2, rel=1e-2)


def test_it_is_nothing_to_the_place_itself_and_the_same_both_ways() -> None:
    there = (37.5705, 126.9920)
    assert places.distance_m(CITY_HALL, CITY_HALL) == 0.0
    assert places.distance_m(CITY_HALL, there) == places.distance_m(there, CITY_HALL)
    assert places.distance_m((0.0, 0.0), (0.0, 180.0)) == pytest.approx(20_015_115, rel=1e-4)
