"""The sample camera's command line says what plays and refuses what cannot be."""

from pathlib import Path

import pytest

from sample_streams.camera import errors, options


def test_files_play_in_the_order_they_are_given_beside_knobs() -> None:
    (camera,) = options.parse(["--camera", "road=a.mp4,then=b.mp4,loss=0.1,then=c.mp4"], {}).cameras
    assert camera.files == {"main": (Path("a.mp4"), Path("b.mp4"), Path("c.mp4"))}
    assert camera.knobs == {"loss": 0.1}


def test_one_file_may_have_a_sub_stream_and_several_may_not() -> None:
    (camera,) = options.parse(["--camera", "road=a.mp4,sub=small.mp4"], {}).cameras
    assert camera.files == {"main": (Path("a.mp4"),), "sub": (Path("small.mp4"),)}
    with pytest.raises(errors.OptionError, match="no sub stream"):
        options.parse(["--camera", "road=a.mp4,then=b.mp4,sub=small.mp4"], {})


def test_an_unknown_knob_is_refused_by_name() -> None:
    with pytest.raises(errors.OptionError, match="unknown knob 'next'"):
        options.parse(["--camera", "road=a.mp4,next=b.mp4"], {})
