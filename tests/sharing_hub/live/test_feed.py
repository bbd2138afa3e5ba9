"""A camera's feed: who joins gets the whole group of pictures, and nothing grows without bound."""

import asyncio
import collections
import itertools

from sharing_hub.live import feed
from sharing_hub.wire import framing

STEP = 6000


def unit(number: int, is_key: bool = False, pts: int | None = None) -> framing.AccessUnit:
    return framing.AccessUnit("cam", is_key, number * STEP if pts is None else pts, 0, bytes([number % 256 or 1]))


def make_feed() -> feed.Feed:
    return feed.Feed(collections.Counter())


def taken(tail: feed.Tail, count: int) -> list[framing.AccessUnit | None]:
    async def take() -> list[framing.AccessUnit | None]:
        return [await asyncio.wait_for(tail.next(), 5) for _ in range(count)]

    return asyncio.run(take())


def test_a_viewer_that_joins_gets_every_unit_since_the_last_key_frame_with_its_own_time() -> None:
    source = make_feed()
    units = [unit(0, True), unit(1), unit(2, True), unit(3), unit(4)]
    for each in units:
        source.push(each)
    tail = source.join()
    source.push(unit(5))
    assert taken(tail, 4) == [*units[2:], unit(5)]


def test_units_before_the_first_key_frame_are_left_out_and_counted() -> None:
    source = make_feed()
    source.push(unit(0))
    source.push(unit(1, True))
    assert taken(source.join(), 1) == [unit(1, True)]
    assert source.dropped == {"no_key_frame": 1}


def test_a_viewer_that_does_not_keep_up_goes_on_at_a_key_frame() -> None:
    source = make_feed()
    source.push(unit(0, True))
    tail = source.join()
    for number in range(1, feed.MAX_WAITING_UNITS):
        source.push(unit(number, is_key=number % 100 == 0))
    last = feed.MAX_WAITING_UNITS
    source.push(unit(last))
    source.push(unit(last + 1, True))
    assert taken(tail, 1) == [unit(last + 1, True)]
    assert source.dropped["viewer_too_slow"] == feed.MAX_WAITING_UNITS


def test_a_camera_without_key_frames_does_not_fill_the_memory() -> None:
    source = make_feed()
    source.push(unit(0, True))
    for number in range(1, feed.MAX_GROUP_UNITS + 50):
        source.push(unit(number))
    assert source.dropped["group_too_long"] == 1
    key = unit(feed.MAX_GROUP_UNITS + 50, True)
    source.push(key)
    assert taken(source.join(), 1) == [key]


def test_times_go_on_rising_when_the_camera_begins_anew() -> None:
    source = make_feed()
    source.push(unit(0, True, pts=90_000 * 500))
    source.push(unit(1, pts=90_000 * 500 + STEP))
    source.push(unit(2, pts=0))
    source.push(unit(3, pts=STEP))
    times = [each.pts for each in taken(source.join(), 4) if each is not None]
    assert [later - earlier for earlier, later in itertools.pairwise(times)] == [STEP] * 3


def test_the_end_of_the_feed_wakes_who_waits_and_who_joins_later() -> None:
    source = make_feed()
    source.push(unit(0, True))
    tail = source.join()
    source.end("the agent left")
    assert taken(tail, 1) == [None]
    assert taken(source.join(), 1) == [None]
