"""The demo's cameras begin their rounds when the agent watches them."""

import threading

import pytest

from sample_streams import demo_cameras, demo_site
from tests.sample_streams import player
from tests.support import cameras, footage

pytestmark = pytest.mark.process

LONG = footage.Footage(seconds=30.0, width_px=160, height_px=120)


def test_a_round_begins_anew_once_somebody_watches() -> None:
    plain = demo_cameras.Camera("gate", "gate", ())
    dark = demo_cameras.Camera("dark", "dark", (), faults=("offline",))
    with cameras.SampleCamera({"gate": footage.make(LONG)}) as running, player.opened(running.url("gate")) as stream:
        before = [bytes(packet) for packet in player.packets(stream, 25) if packet.is_keyframe]
        sources = tuple(demo_site.Source(camera, "", None) for camera in (plain, dark))

        demo_site.begin_rounds(demo_site.Sources(sources, running.ready["control"]), threading.Event())

        after = [bytes(packet) for packet in player.packets(stream, 50) if packet.is_keyframe]
    assert len(set(before)) == len(before) >= 2
    assert set(before) & set(
        after
    )  # a clip of half a minute shows its beginning again within seconds only if it was begun anew
