"""Two cars collide: where each is at every frame, as plain numbers. The second source of the ground truth of the road clips.

A car of the right-hand lane cuts into the middle lane; the faster one there runs into its rear. The one hit is pushed on and
spins, the other stops askew; glass and plastic fly. Frames count from the first one of the sequence.
"""

import math
import random
from dataclasses import dataclass

from sample_streams.render import drives

NAME = "crash"
MEET_S = 9.0
MEET_FRAME = round(MEET_S * drives.FPS)
STILL_FRAME = MEET_FRAME + 24  # everything lies still
CUT_S = 1.7  # how long before the meeting the lane change begins
SPOT = (0.65, 28.1, 0.6)


@dataclass(frozen=True, slots=True)
class Car:
    """One of the two.

    Attributes:
        name: of the object.
        colour: linear red, green, blue.
        meet_x_m, meet_y_m: its centre as they touch.
        speed_mps: before.
        after_mps: just after.
        stop_s: from the touch to standstill.
        from_x_m: where it drives before any lane change.
        spin_deg: how far it is turned as it stands.
        slip_m: how far it is pushed aside.
        dent_at: the middle of the dent, in the car's own frame (+Y ahead).
        dent_m: how deep.
    """

    name: str
    colour: tuple[float, float, float]
    meet_x_m: float
    meet_y_m: float
    speed_mps: float
    after_mps: float
    stop_s: float
    from_x_m: float
    spin_deg: float
    slip_m: float
    dent_at: tuple[float, float, float]
    dent_m: float


CARS = (
    Car("hitter", (0.55, 0.14, 0.01), 0.0, 30.2, 12.0, 7.0, 0.9, 0.0, -13.0, -0.7, (-0.5, 2.3, 0.6), 0.55),
    Car("hit", (0.02, 0.16, 0.34), 1.35, 26.0, 7.5, 9.5, 1.3, drives.LANE_M, 78.0, 1.1, (0.6, -2.3, 0.7), 0.5),
)
DEBRIS = tuple((random.Random(5 + i).uniform(-1, 1), random.Random(55 + i).uniform(0.2, 1)) for i in range(34))


def place(car: Car, frame: int) -> tuple[float, float, float]:
    """Return the car's x and y in metres and its turn about the vertical in radians (pi: towards the camera)."""
    before_s = MEET_S - frame / drives.FPS
    if before_s >= 0.0:
        x = _cut_in(car, before_s)
        slope = (_cut_in(car, before_s - 0.01) - x) / (0.01 * car.speed_mps)
        return x, car.meet_y_m + car.speed_mps * before_s, math.pi + math.atan(slope)
    x0, _, turn0 = place(car, MEET_FRAME)
    share = min(1.0, -before_s / car.stop_s)
    slowed = share * (2.0 - share)  # even braking: fast at first
    y = car.meet_y_m - car.after_mps * car.stop_s / 2.0 * slowed
    return x0 + car.slip_m * slowed, y, turn0 + math.radians(car.spin_deg) * slowed


def place_debris(frame: int) -> list[tuple[float, float, float]]:
    """Return where the pieces are."""
    after_s = min(1.4, max(0.0, frame / drives.FPS - MEET_S))
    slid_s = after_s * (1.0 - 0.3 * after_s)
    placed = []
    for aside, far in DEBRIS:
        height = SPOT[2] + 3.0 * far * after_s - 4.9 * after_s**2
        placed.append((SPOT[0] + 3.2 * aside * slid_s, SPOT[1] - 7.5 * far * slid_s, max(0.03, height)))
    return placed


def rendered_frames() -> list[int]:
    """Return the frames that are rendered: every second one while both are far, none after all lies still."""
    return [i for i in range(STILL_FRAME + 1) if i >= MEET_FRAME - 2.2 * drives.FPS or i % 2 == 0]


def _cut_in(car: Car, before_s: float) -> float:
    share = min(1.0, max(0.0, 1.0 - before_s / CUT_S))
    return car.from_x_m + (car.meet_x_m - car.from_x_m) * share * share
