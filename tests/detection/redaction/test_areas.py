"""What each level hides of each thing."""

import numpy as np
import pytest

from detection import types
from detection.redaction import areas, tracks, values

SIZE = (640, 480)


def hidden(level: values.Level, sort: values.Sort, box: types.Box) -> areas.Hidden:
    track = tracks.Track(sort)
    for look in range(3):
        track.append(look, look * 0.2, box, seen=True)
    return areas.Plan([track], level, (), SIZE).at(0.2)


def test_faces_and_plates_hides_the_head_of_who_is_upright_and_all_of_who_lies() -> None:
    (upright,) = hidden(values.Level.FACES_AND_PLATES, values.Sort.PERSON, (100, 100, 160, 300)).areas
    (lying,) = hidden(values.Level.FACES_AND_PLATES, values.Sort.PERSON, (100, 100, 300, 160)).areas
    assert upright[1] < 100 and 150 < upright[3] < 180
    assert lying[0] < 100 and lying[2] > 300 and lying[3] > 160


def test_people_and_plates_hides_whole_persons() -> None:
    (area,) = hidden(values.Level.PEOPLE_AND_PLATES, values.Sort.PERSON, (100, 100, 160, 300)).areas
    assert area[3] > 300


@pytest.mark.parametrize("level", [values.Level.FACES_AND_PLATES, values.Level.PEOPLE_AND_PLATES])
def test_both_hide_the_lower_part_of_vehicles_who_rides_faces_and_writing(level: values.Level) -> None:
    (car,) = hidden(level, values.Sort.VEHICLE, (100, 100, 400, 300)).areas
    assert 150 < car[1] < 180 and car[3] > 300
    for sort in (values.Sort.RIDDEN, values.Sort.FACE, values.Sort.TEXT):
        (area,) = hidden(level, sort, (100, 100, 160, 180)).areas
        assert area[0] < 100 and area[1] < 100 and area[2] > 160 and area[3] > 180


def test_none_hides_nothing_and_whole_everything() -> None:
    assert hidden(values.Level.NONE, values.Sort.FACE, (10, 10, 40, 40)).areas == ()
    found = hidden(values.Level.WHOLE, values.Sort.FACE, (10, 10, 40, 40))
    picture = np.random.default_rng(0).integers(0, 256, (480, 640, 3), dtype=np.uint8)
    assert len({tuple(one) for one in areas.hide(picture, found).reshape(-1, 3).tolist()}) <= 12 * 16
