"""Choice of regions: what is asked for, what is joined, what waits."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from detection import boxes, following, regions, settings, types

SIZE = (1280, 720)
WHOLE = (0.0, 0.0, 1280.0, 720.0)


def make_chooser(**wanted: float) -> regions.Chooser:
    chooser = regions.Chooser(settings.RegionSettings(**wanted))  # type: ignore[arg-type]
    chooser.note_look(0.0, SIZE, (WHOLE,))
    return chooser


def make_expected(box: types.Box, looked_s: float) -> following.Expected:
    return following.Expected(box, looked_s, True)


def test_nothing_moving_and_nothing_followed_asks_for_nothing() -> None:
    assert make_chooser().choose(1.0, SIZE, (), ()) == ()


def test_what_moves_is_looked_at_with_context() -> None:
    (region,) = make_chooser().choose(1.0, SIZE, ((100.0, 100.0, 140.0, 200.0),), ())
    assert boxes.contains(region, (76.0, 75.0, 164.0, 225.0))


def test_the_whole_picture_is_looked_at_first_and_then_now_and_then() -> None:
    chooser = regions.Chooser(settings.RegionSettings(recheck_s=30))
    assert chooser.choose(0.0, SIZE, (), ()) == (WHOLE,)
    assert chooser.choose(0.2, SIZE, (), ()) == (WHOLE,), "until a detector has really looked"
    chooser.note_look(0.2, SIZE, (WHOLE,))
    assert chooser.choose(0.4, SIZE, (), ()) == ()
    assert chooser.choose(60.3, SIZE, (), ()) == (WHOLE,)


def test_the_whole_picture_is_looked_at_less_often_while_nothing_moves_and_soon_when_something_does() -> None:
    chooser = make_chooser(recheck_s=30)
    times = [0.0]
    for second in range(1, 600):
        if chooser.choose(float(second), SIZE, (), ()):
            chooser.note_look(float(second), SIZE, (WHOLE,))
            times.append(float(second))
    assert [b - a for a, b in itertools.pairwise(times)] == [60, 120, 120, 120, 120]
    assert chooser.choose(times[-1] + 31, SIZE, ((100.0, 100.0, 140.0, 200.0),), ()) == (WHOLE,)


def test_somebody_who_walks_alone_is_left_out_of_every_second_look() -> None:
    chooser = make_chooser()
    alone = following.Expected((300.0, 300.0, 340.0, 420.0), 1.0, True, settled=True)
    moving = ((302.0, 310.0, 338.0, 415.0),)
    assert chooser.choose(1.2, SIZE, moving, (alone,)) == ()
    assert len(chooser.choose(1.4, SIZE, moving, (alone,))) == 1


def test_somebody_near_another_is_looked_at_every_time() -> None:
    pair = [following.Expected((x, 300.0, x + 40, 420.0), 1.0, True, settled=True) for x in (300.0, 345.0)]
    assert len(make_chooser().choose(1.2, SIZE, ((302.0, 310.0, 380.0, 415.0),), pair)) == 1


def test_what_moves_beside_somebody_settled_is_looked_at() -> None:
    alone = following.Expected((300.0, 300.0, 340.0, 420.0), 1.0, True, settled=True)
    assert len(make_chooser().choose(1.2, SIZE, ((305.0, 310.0, 420.0, 415.0),), (alone,))) == 1


def test_a_vehicle_that_has_long_stood_is_looked_for_less_often() -> None:
    chooser = make_chooser()
    parked = following.Expected((300.0, 300.0, 400.0, 360.0), 100.0, True, parked_s=30.0)
    chooser.note_look(100.0, SIZE, (WHOLE,))
    assert chooser.choose(103.0, SIZE, (), (parked,)) == ()
    assert len(chooser.choose(104.0, SIZE, (), (parked,))) == 1
    assert len(chooser.choose(101.0, SIZE, ((310.0, 310.0, 350.0, 340.0),), (parked,))) == 1, "something moves there"


def test_what_stands_still_is_looked_for_once_per_second() -> None:
    chooser = make_chooser()
    standing = (300.0, 300.0, 340.0, 420.0)
    assert chooser.choose(1.4, SIZE, (), (make_expected(standing, 1.0),)) == ()
    assert len(chooser.choose(2.0, SIZE, (), (make_expected(standing, 1.0),))) == 1


def test_near_ones_share_a_region_and_far_ones_do_not() -> None:
    near = ((100.0, 100.0, 140.0, 200.0), (150.0, 110.0, 190.0, 210.0))
    assert len(make_chooser().choose(1.0, SIZE, near, ())) == 1
    far = ((100.0, 100.0, 140.0, 200.0), (1100.0, 500.0, 1140.0, 600.0))
    assert len(make_chooser().choose(1.0, SIZE, far, ())) == 2


def test_movement_everywhere_costs_no_more_than_the_whole_picture() -> None:
    crowd = tuple(
        (x, y, x + 60.0, y + 120.0) for x in (10.0, 200.0, 400.0, 600.0, 800.0, 1000.0) for y in (10.0, 300.0, 560.0)
    )
    chosen = make_chooser(max_regions=20).choose(1.0, SIZE, crowd, ())
    assert sum(regions.cost(region, SIZE) for region in chosen) <= regions.cost(WHOLE, SIZE)


def test_what_one_look_cannot_pay_for_comes_next_and_is_counted() -> None:
    chooser = make_chooser(max_regions=1, recheck_s=0)
    moving = tuple((x, 100.0, x + 30.0, 160.0) for x in (50.0, 450.0, 850.0))
    served = [chooser.choose(1 + i / 5, SIZE, moving, ())[0][0] for i in range(6)]
    assert len(set(served[:3])) == 3, "each of the three had its turn"
    assert chooser.waiting == 12


@given(
    st.lists(
        st.tuples(st.integers(0, 1279), st.integers(0, 719), st.integers(4, 900), st.integers(4, 700)), max_size=40
    )
)
def test_all_that_moves_is_covered_unless_it_waits(spots: list[tuple[int, int, int, int]]) -> None:
    moving = tuple(boxes.clip((float(x), float(y), float(x + w), float(y + h)), 1280, 720) for x, y, w, h in spots)
    chooser = make_chooser(max_regions=64)
    chosen = chooser.choose(1.0, SIZE, moving[: regions.MOST_MOTION], ())
    assert all(boxes.contains(WHOLE, region) for region in chosen)
    assert all(any(boxes.contains(region, box) for region in chosen) for box in moving[: regions.MOST_MOTION])
