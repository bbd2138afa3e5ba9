"""Vehicles that follow one another in a lane and queue behind an obstacle: where each is at every frame, as plain numbers.

The intelligent driver model: Treiber, Hennecke and Helbing, Phys. Rev. E 62, 1805 (2000).
"""

import math
from dataclasses import dataclass

from sample_streams.render import drives

LENGTH_M = {"sedan": 4.55, "wagon": 4.55, "truck": 6.0, "bus": 10.0}
ACCEL_MPS2, BRAKE_MPS2, HEADWAY_S, GAP_M = 1.4, 2.2, 1.1, 2.0
STEPS = 5  # of the simulation, per frame


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What the first vehicle of a lane has to stop for.

    Attributes:
        at_y_m: where; vehicles stand beyond it.
        from_s: since when.
        creep_m, creep_every_s: it moves on by so much every so often, as a queue at lights does; 0: it stays.
    """

    at_y_m: float
    from_s: float
    creep_m: float = 0.0
    creep_every_s: float = 10.0

    def y_m(self, at_s: float) -> float:
        """Return where it is; far out of sight before it is there."""
        if at_s < self.from_s:
            return -500.0
        return self.at_y_m - self.creep_m * math.floor((at_s - self.from_s) / self.creep_every_s)


def follow(
    names: tuple[str, ...], starts_m: tuple[float, ...], obstacle: Obstacle, frames: int
) -> tuple[tuple[float, ...], ...]:
    """Return for each vehicle its y at every frame.

    Args:
        names: of drives, the first one in front; each wants to go as fast as that drive.
        starts_m: where they are at first.
        obstacle: what the first one stops for.
        frames: how many.
    """
    vehicles = [drives.find_drive(name) for name in names]
    ys, speeds = list(starts_m), [v.speed_mps for v in vehicles]
    paths: list[list[float]] = [[] for _ in names]
    step_s = 1.0 / (drives.FPS * STEPS)
    for tick in range(frames * STEPS):
        if tick % STEPS == 0:
            for path, y in zip(paths, ys, strict=True):
                path.append(y)
        front, front_speed = obstacle.y_m(tick * step_s), 0.0
        for i, vehicle in enumerate(vehicles):
            half = LENGTH_M[vehicle.model] / 2.0
            gap = max(0.3, ys[i] - half - front)
            pull = _pull(vehicle.speed_mps, speeds[i], gap, speeds[i] - front_speed)
            front, front_speed = ys[i] + half, speeds[i]
            ys[i] -= speeds[i] * step_s
            speeds[i] = max(0.0, speeds[i] + pull * step_s)
    return tuple(tuple(path) for path in paths)


def _pull(wanted_mps: float, speed: float, gap_m: float, closing: float) -> float:
    room = GAP_M + max(0.0, speed * HEADWAY_S + speed * closing / (2.0 * math.sqrt(ACCEL_MPS2 * BRAKE_MPS2)))
    return ACCEL_MPS2 * (1.0 - (speed / wanted_mps) ** 4 - (room / gap_m) ** 2)
