"""The source's ten frames a second become the clips' fifteen and the sub stream's five."""

import numpy as np

from sample_streams import encoding
from sample_streams.edit import source


def make_numbered(count: int) -> list[encoding.Picture]:
    return [np.full((2, 2, 3), i, dtype=np.uint8) for i in range(count)]


def test_every_other_frame_is_shown_twice_at_the_clip_rate() -> None:
    shown = [int(p[0, 0, 0]) for p in source.repeat_to_clip_rate(make_numbered(10))]
    assert shown == [0, 0, 1, 2, 2, 3, 4, 4, 5, 6, 6, 7, 8, 8, 9]


def test_no_frame_is_shown_more_than_a_tenth_of_a_second_from_its_time() -> None:
    for index, picture in enumerate(source.repeat_to_clip_rate(make_numbered(200))):
        assert abs(index / source.CLIP_FPS - int(picture[0, 0, 0]) / source.SOURCE_FPS) < 0.1


def test_every_other_frame_is_left_out_of_the_sub_stream() -> None:
    assert [int(p[0, 0, 0]) for p in source.halve_to_sub_rate(make_numbered(6))] == [0, 2, 4]
