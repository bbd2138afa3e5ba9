import random

import pytest

from camera_agents import live
from camera_agents.streams import capture, packets, ring
from sharing_hub.wire import framing
from tests.support import coded


def feed(state: str = "online", codec: str = "h264") -> live.Feed:
    def never() -> None:
        raise AssertionError("nothing is opened here")

    hooks = capture.Hooks(lambda _: None, lambda _: None, lambda _: None)
    stream = capture.Capture("yard", never, hooks, capture.Outside(chance=random.Random(1)))  # type: ignore[arg-type]
    stream.condition = capture.Condition(state, "why")  # type: ignore[arg-type]
    stream.format = packets.StreamFormat(codec, b"", 96, 64)
    return live.Feed(stream, ring.Ring(ring.RingLimits()))


def test_a_viewer_gets_everything_since_the_key_frame_with_rising_times() -> None:
    given = feed()
    sent = coded.recorded(2)
    for packet in sent[:20]:
        given.ring.push(packet)
    got: list[framing.AccessUnit] = []
    tap = live.Tap({"yard": given})
    assert tap.start("yard", got.append).playable
    for packet in sent[20:]:
        given.ring.push(packet)
    assert [unit.data for unit in got] == [packet.data for packet in sent[15:]]
    assert got[0].is_key
    assert [unit.pts for unit in got] == sorted({unit.pts for unit in got})
    tap.stop("yard")
    given.ring.push(sent[0])
    assert len(got) == 15


def test_starting_again_replaces_the_listener() -> None:
    given = feed()
    first: list[framing.AccessUnit] = []
    second: list[framing.AccessUnit] = []
    tap = live.Tap({"yard": given})
    tap.start("yard", first.append)
    tap.start("yard", second.append)
    given.ring.push(coded.recorded(1)[0])
    assert (len(first), len(second)) == (0, 1)


@pytest.mark.parametrize(
    ("state", "codec", "reorders", "word"),
    [("offline", "h264", False, "offline"), ("online", "hevc", False, "H.265"), ("online", "h264", True, "B-frames")],
)
def test_what_cannot_be_played_is_refused_in_words(state: str, codec: str, reorders: bool, word: str) -> None:
    given = feed(state, codec)
    given.stream.reorders = reorders
    answer = live.Tap({"yard": given}).start("yard", lambda _: None)
    assert not answer.playable
    assert word in answer.reason


def test_an_unknown_camera_is_refused() -> None:
    assert not live.Tap({}).start("none", lambda _: None).playable
