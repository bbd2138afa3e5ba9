"""The flood trigger on scripted readings."""

from collections.abc import Callable

from detection import thresholds, types
from detection.profile import ZoneRule
from detection.triggers import flood
from detection.types import Kind
from tests.detection import scenes

ZONE = ((0.0, 0.5), (1.0, 0.5), (1.0, 1.0), (0.0, 1.0))
LIMITS = thresholds.FloodThresholds()


def play(
    covered: Callable[[float], float], until_s: float, front: float = 0.9, structure: float = 0.2
) -> tuple[list[types.Raised], list[types.Ended]]:
    trigger = flood.Flood(ZoneRule("road", Kind.FLOOD, ZONE), LIMITS)
    raised: list[types.Raised] = []
    ended: list[types.Ended] = []
    for time_s in scenes.times(until_s, 2.0):
        values = (("covered/road", covered(time_s)), ("front/road", front), ("structure/road", structure))
        other = types.Evidence(Kind.FLOOD, 0.0, values=(("covered/other", 1.0),))
        evidence = (other, types.Evidence(Kind.FLOOD, covered(time_s), values=values))
        scene = types.Scene(time_s, 1280, 720, (), scenes.thumb(time_s), True, (), evidence)
        for said in trigger.update(scene):
            (raised if isinstance(said, types.Raised) else ended).append(said)  # type: ignore[arg-type]
    return raised, ended


def ramp(from_s: float, to_s: float, height: float = 0.6) -> Callable[[float], float]:
    return lambda t: height * min(1.0, max(0.0, (t - from_s) / (to_s - from_s)))


def test_a_steady_rise_raises_once_and_dry_ground_ends_it() -> None:
    def tide(t: float) -> float:
        return ramp(10, 30)(t) if t < 60 else 0.6 - ramp(60, 80)(t)

    raised, ended = play(tide, 130)
    assert [(10 <= event.started_s <= 12, 15 <= event.raised_s <= 20) for event in raised] == [(True, True)]
    assert [end.key for end in ended] == [raised[0].key]
    assert 70 <= ended[0].ended_s <= 80


def test_a_rise_over_half_an_hour_is_a_flood() -> None:
    raised, _ = play(ramp(60, 1800, 0.5), 1800)
    assert len(raised) == 1


def test_what_comes_at_once_is_no_flood() -> None:
    assert play(lambda t: 0.5 if t > 10 else 0.0, 60) == ([], [])


def test_what_comes_and_goes_is_no_flood() -> None:
    def traffic(t: float) -> float:
        return ramp(0, 4, 0.4)(t % 5)

    assert play(lambda t: traffic(t) if t > 10 else 0.0, 90) == ([], [])


def test_a_rise_without_a_front_or_with_edges_of_its_own_is_no_flood() -> None:
    assert play(ramp(10, 30), 60, front=0.4) == ([], [])
    assert play(ramp(10, 30), 60, structure=3.0) == ([], [])


def test_a_little_water_is_no_flood() -> None:
    assert play(ramp(10, 30, 0.1), 60) == ([], [])
