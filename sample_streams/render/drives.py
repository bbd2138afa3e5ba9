"""What drives where in the rendered road clips, as plain numbers: the source of the ground truth.

The carriageway is one-way: y falls towards the camera (which stands at y = 0). A drive is rendered once, frame by
frame, and may appear in several clips.
"""

import functools
import math
from dataclasses import dataclass

FPS = 15
LANE_M = 3.3
FAR_M = 105.0
NEAR_M = 6.0
PULL_OVER_M = 15.0
COARSE_M = 58.0  # beyond this a frame's movement is under a pixel: every second position is rendered


@dataclass(frozen=True, slots=True)
class Drive:
    """One vehicle's way through the picture.

    Attributes:
        name: names the folder of its pictures.
        model: a function of `vehicles` without its "make_".
        colour: linear red, green, blue.
        lane: -1 (left in the picture), 0 or 1.
        speed_mps: speed before any braking.
        away: True where it drives away from the camera, against the one-way traffic.
        stop_y_m: where it comes to a stand, or None.
        brake_mps2: how hard it brakes for `stop_y_m`.
        aside_m: how far right of its lane's middle it pulls over on its last `PULL_OVER_M` metres.
    """

    name: str
    model: str
    colour: tuple[float, float, float]
    lane: int
    speed_mps: float
    away: bool = False
    stop_y_m: float | None = None
    brake_mps2: float = 2.5
    aside_m: float = 0.0


DRIVES = (
    Drive("red", "sedan", (0.42, 0.015, 0.012), 0, 10.0),
    Drive("silver", "sedan", (0.45, 0.46, 0.47), 1, 9.2),
    Drive("white", "wagon", (0.70, 0.70, 0.68), -1, 8.8),
    Drive("bus", "bus", (0.03, 0.30, 0.10), 0, 8.2),
    Drive("truck", "truck", (0.04, 0.14, 0.38), 1, 8.0),
    Drive("wrong", "sedan", (0.02, 0.08, 0.30), 1, 8.6, away=True),
    Drive("stopper", "wagon", (0.05, 0.055, 0.06), -1, 9.0, stop_y_m=24.0),
    Drive("parker", "sedan", (0.015, 0.20, 0.26), -1, 9.0, stop_y_m=21.5, aside_m=-0.95),
    Drive("taxi", "sedan", (0.62, 0.26, 0.01), -1, 9.4),
)


@functools.cache
def positions_m(drive: Drive) -> tuple[float, ...]:
    """Return the vehicle's y in metres for each frame from its appearance to its leaving or standing still."""
    step_s = 1.0 / FPS
    if drive.away:
        count = int((FAR_M - NEAR_M) / drive.speed_mps * FPS)
        return tuple(NEAR_M + drive.speed_mps * step_s * i for i in range(count))
    y, speed, path = FAR_M, drive.speed_mps, [FAR_M]
    while y > NEAR_M and speed > 0.0:
        if drive.stop_y_m is not None and y - drive.stop_y_m <= speed**2 / (2 * drive.brake_mps2):
            speed = max(0.0, speed - drive.brake_mps2 * step_s)
        y -= speed * step_s
        path.append(y)
    return tuple(path)


def aside(drive: Drive, path: tuple[float, ...], index: int) -> tuple[float, float]:
    """Return the vehicle's x in metres and how far it is turned, in radians, at an index of its path."""
    x = drive.lane * LANE_M
    if not drive.aside_m:
        return x, 0.0
    share = min(1.0, max(0.0, 1.0 - (path[index] - path[-1]) / PULL_OVER_M))
    slope = 6.0 * share * (1.0 - share) * drive.aside_m / PULL_OVER_M
    return x + drive.aside_m * share * share * (3.0 - 2.0 * share), math.atan(slope)


def rendered_frames(path: tuple[float, ...]) -> list[int]:
    """Return, for each frame of `path`, the frame whose picture is used (far away every second one will do)."""
    return [i - i % 2 if y > COARSE_M else i for i, y in enumerate(path)]


def find_drive(name: str) -> Drive:
    """Return the drive of that name.

    Raises:
        KeyError: There is none.
    """
    return {drive.name: drive for drive in DRIVES}[name]
