"""The rising river as plain numbers: the ground it rises over and how high it stands when. The source of the flood's ground truth."""

from dataclasses import dataclass

FPS = 10
LENGTH_S = 30.0
PATH_X_M = (-2.4, 1.0)  # the walk beside the river
PATH_Y_M = (9.5, 24.0)  # the stretch of it that is watched
EDGE_Z_M = 0.0  # the walk's edge on the river's side
# across the river: x and height of the ground
GROUND = (
    (-9.0, 3.4),
    (-6.5, 2.5),
    (-3.2, 0.5),
    (-2.4, 0.14),
    (1.0, EDGE_Z_M),
    (1.25, -0.12),
    (3.6, -1.7),
    (12.0, -2.0),
    (12.6, -1.9),
    (14.0, 1.6),
)
WAVES = 12  # pictures of moving water, shown over and over
FULL_M = 0.2  # how high the water stands in them
LOW_M, HIGH_M = -0.8, 0.19  # not above FULL_M: the pictures of water end there
SPAN_M = (-2.0, 2.0)  # of the picture of heights


@dataclass(frozen=True, slots=True)
class River:
    """One clip.

    Attributes:
        name: its id.
        levels: (second, metres) of the water's height, straight between them.
    """

    name: str
    levels: tuple[tuple[float, float], ...]

    def level_m(self, at_s: float) -> float:
        """Return how high the water stands."""
        before = self.levels[0]
        for after in self.levels:
            if at_s <= after[0]:
                share = (at_s - before[0]) / max(1e-9, after[0] - before[0])
                return before[1] + (after[1] - before[1]) * min(1.0, max(0.0, share))
            before = after
        return before[1]

    def floods_s(self) -> float:
        """Return when the water comes over the walk's edge.

        Raises:
            ValueError: It never does.
        """
        for frame in range(round(LENGTH_S * FPS)):
            if self.level_m(frame / FPS) > EDGE_Z_M:
                return frame / FPS
        raise ValueError(f"{self.name}: the water stays below the walk")


RIVERS = (
    River("flood", ((0.0, LOW_M), (5.0, LOW_M), (12.0, EDGE_Z_M), (22.0, HIGH_M))),
    River("flood_normal", ((0.0, LOW_M), (15.0, LOW_M + 0.1), (30.0, LOW_M))),
)


def ground_m(x_m: float) -> float:
    """Return how high the ground is across the river."""
    before = GROUND[0]
    for after in GROUND:
        if x_m <= after[0]:
            return before[1] + (after[1] - before[1]) * (x_m - before[0]) / max(1e-9, after[0] - before[0])
        before = after
    return before[1]
