"""What triggers compare with, apart from what a zone says: one frozen value for behaviours, one for camera health.

They are part of the camera's profile, and so of the settings hash that every event carries. Lengths called `_lengths` are counted in the
object's own size (a person's height, the square root of a vehicle's box area), which makes them independent of the distance to it.
"""

from dataclasses import dataclass, fields
from typing import Any

from detection import errors


@dataclass(frozen=True, slots=True)
class BehaviourThresholds:
    """When a behaviour begins, lasts and ends.

    Attributes:
        leave_s: an object seen outside for this long has left its zone; shorter steps outside are jitter.
        patience_s: an object not seen for this long is gone.
        handover_s: a new track that begins within this time near where one was lost carries its dwell on.
        rearm_s: the same track that left does not raise the same intrusion again sooner.
        line_margin_lengths: how far beyond a line an object must be to count as on its other side.
        against_lengths: how far an object must move against the allowed direction.
        against_speed_lengths_per_s: how fast it must do so on average.
        against_steadiness: least share of its movement along the direction that must go against it.
        against_alignment: least cosine between its movement and the forbidden direction.
        moved_lengths: how far a vehicle must have moved to count as one that drove here.
        drift_lengths: how far a standing vehicle's foot point may wander.
        parked_memory_s: how long the place of a parked vehicle is remembered after it was last seen.
    """

    leave_s: float = 1.5
    patience_s: float = 6.0
    handover_s: float = 6.0
    rearm_s: float = 10.0
    line_margin_lengths: float = 0.1
    against_lengths: float = 1.5
    against_speed_lengths_per_s: float = 0.15
    against_steadiness: float = 0.85
    against_alignment: float = 0.7
    moved_lengths: float = 1.0
    drift_lengths: float = 0.3
    parked_memory_s: float = 300.0

    def __post_init__(self) -> None:
        _check(self, "behaviour", {"against_steadiness": (0.5, 1.0), "against_alignment": (0.1, 1.0)})


@dataclass(frozen=True, slots=True)
class HealthThresholds:
    """When a camera's own picture is not to be trusted.

    Attributes:
        offline_after_s: no picture for this long.
        frozen_after_s: pictures repeat exactly for this long, in a stream whose pictures were seen to differ.
        still_after_s: pictures repeat exactly for this long, in a stream of which nothing is known yet.
        frozen_noise_kept: share of the camera's own noise below which key frames repeat one picture rather than show it again.
        view_hold_s: a changed view must last for this long; so must its restoration.
        lost_share: share of the picture's structured cells that must show something else for the camera to count as moved.
        covered_share: share of them that must show nothing any more for it to count as blinded or sprayed.
        spray_left: edge energy of the cells that are not lost, against the reference's of all, from which the camera still sees something: sprayed, not blinded.
        restored_share: share below which the view counts as restored.
        structure_kept: edge energy in the lost cells, against the reference, that tells something else (moved) from nothing (blinded).
        sharpness_kept: fine detail, against the reference, below which a picture that else looks the same is out of focus.
        defocus_hold_s: a loss of detail must last for this long.
        flat_contrast: standard deviation (grey levels) below which a picture shows nothing.
        flat_hold_s: how long a picture must be flat, where it was never seen otherwise.
        relearn_s: a camera that keeps its new view for this long is taken to have been moved on purpose.
        loop_after_s: pictures of the past come again, in order, for this long.
        loop_shortest_s, loop_longest_s: how long a replayed piece is; pictures are remembered for the longest, and at most 300 of them.
        loop_noise_kept: share of the difference between neighbouring key frames up to which two of them are the same picture.
        clock_off_s: the camera's clock is off by this much.
        clock_hold_s: and for this long.
    """

    offline_after_s: float = 10.0
    frozen_after_s: float = 6.0
    still_after_s: float = 30.0
    frozen_noise_kept: float = 0.4
    view_hold_s: float = 3.0
    lost_share: float = 0.7
    covered_share: float = 0.6
    spray_left: float = 0.12
    restored_share: float = 0.4
    structure_kept: float = 0.35
    sharpness_kept: float = 0.4
    defocus_hold_s: float = 4.0
    flat_contrast: float = 5.0
    flat_hold_s: float = 60.0
    relearn_s: float = 600.0
    loop_after_s: float = 10.0
    loop_shortest_s: float = 3.0
    loop_longest_s: float = 300.0
    loop_noise_kept: float = 0.4
    clock_off_s: float = 2.0
    clock_hold_s: float = 10.0

    def __post_init__(self) -> None:
        unit = (0.0, 1.0)
        _check(
            self,
            "health",
            {
                "lost_share": unit, "covered_share": unit, "spray_left": unit,
                "restored_share": unit, "structure_kept": unit, "sharpness_kept": unit,
                "frozen_noise_kept": unit, "flat_contrast": (0.0, 127.0), "loop_noise_kept": (0.0, 0.8),
                "loop_shortest_s": (2.0, 600.0), "loop_longest_s": (self.loop_shortest_s, 3600.0), "clock_off_s": (0.5, 86_400.0),
            },
        )  # fmt: skip
        least = min(self.lost_share, self.covered_share)
        if self.restored_share >= least:
            remedy = f"write a share below lost_share and covered_share ({least:g})"
            raise errors.ProfileError("health.restored_share", f"is {self.restored_share:g}", remedy)


@dataclass(frozen=True, slots=True)
class TrafficThresholds:
    """When traffic stands, crawls, collides or drives too fast.

    Attributes:
        parking_patience_s: a parked vehicle that cannot be seen for this long is gone; what hides it seldom stays longer.
        parking_return_s: a track seen elsewhere for this long has left its place; shorter, a passer-by's box was taken for it.
        slow_lengths_per_s: a vehicle below this speed is held up.
        slow_share: least share of the vehicles under way that must be held up for congestion.
        occupied_share: least share of the zone, or of the learnt carriageway, that they must cover.
        jam_relief_s: congestion ends, or never began, once traffic flows for this long.
        jam_memory_s: a vehicle that has not moved at all for this long is parked, not held up.
        passages: vehicles that must have driven over a place for it to be carriageway where no zone is drawn.
        walked_share: a place that people walk in more than this share of its vehicles' number is theirs too.
        road_memory_s: what traffic taught loses half its weight in this time.
        on_foot_heights_per_s: whoever moves faster than this (own heights per second) is not on foot.
        cruise_lengths_per_s: least speed before a collision.
        halt_s: longest time from that speed to a stand; braking takes longer.
        joint_s: two vehicles in a collision change their movement within this time.
        contact_lengths: widest gap between them, at the lower half of their boxes.
        turned: least change of a box's shape (natural logarithm of its width to height) that tells a vehicle turned or fell over.
        gathered: people who must come to a halted vehicle to tell a collision that no other vehicle shows.
        foot_error_share: error of a foot point, as share of its box (one standard deviation).
        corner_error_share: error of the calibration's corners, as share of the picture's height.
        most_error_share: a speed whose error (two standard deviations) is more than this share of it is not told.
    """

    parking_patience_s: float = 60.0
    parking_return_s: float = 10.0
    slow_lengths_per_s: float = 0.3
    slow_share: float = 0.6
    occupied_share: float = 0.2
    jam_relief_s: float = 10.0
    jam_memory_s: float = 300.0
    passages: float = 2.0
    walked_share: float = 0.25
    road_memory_s: float = 21_600.0
    on_foot_heights_per_s: float = 2.0
    cruise_lengths_per_s: float = 0.5
    halt_s: float = 1.0
    joint_s: float = 1.0
    contact_lengths: float = 0.15
    turned: float = 0.35
    gathered: float = 2.0
    foot_error_share: float = 0.03
    corner_error_share: float = 0.004
    most_error_share: float = 0.3

    def __post_init__(self) -> None:
        unit = (0.0, 1.0)
        _check(
            self,
            "traffic",
            {
                "slow_share": unit, "occupied_share": unit, "walked_share": unit, "foot_error_share": unit,
                "corner_error_share": unit, "most_error_share": unit, "passages": (1.0, 10_000.0),
                "road_memory_s": (60.0, 86_400.0 * 365), "jam_memory_s": (1.0, 86_400.0),
            },
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class FloodThresholds:
    """When a zone that was dry lies under water.

    Attributes:
        covered_share: least share of the zone under water.
        risen_share: least rise since the water was lowest.
        fallen_share: the water may fall back by this share of its rise: what comes and goes is no water.
        jump_share: most of the rise that may come within two seconds: light, a vehicle and the camera come at once.
        front: how well the covered part must be what lies on one side of a line.
        structure: most edges in the covered part, as a share of the dry ground's: water is smooth.
        dry_s: the zone must be dry again for this long.
    """

    covered_share: float = 0.15
    risen_share: float = 0.12
    fallen_share: float = 0.3
    jump_share: float = 0.6
    front: float = 0.6
    structure: float = 0.8
    dry_s: float = 30.0

    def __post_init__(self) -> None:
        shares = ("covered_share", "risen_share", "fallen_share", "jump_share", "front")
        _check(self, "flood", dict.fromkeys(shares, (0.0, 1.0)) | {"structure": (0.0, 100.0)})


@dataclass(frozen=True, slots=True)
class ShakeThresholds:
    """When the camera itself is shaken.

    Attributes:
        jolt_share: least mean length of a jolt between two looks, as share of the picture's width.
        wind_factor: and how many times as long as this camera's picture jumps anyway, over ten minutes.
        shake_s: the jolts go on for this long; a knock is over sooner.
        carried_share: most of the way to and fro that may be left as displacement: a camera that is turned is carried off.
        calm_s: without a jolt for this long it is over.
    """

    jolt_share: float = 0.006
    wind_factor: float = 3.0
    shake_s: float = 1.2
    carried_share: float = 0.5
    calm_s: float = 3.0

    def __post_init__(self) -> None:
        bounds = {
            "jolt_share": (0.002, 0.2),
            "carried_share": (0.0, 1.0),
            "shake_s": (0.5, 60.0),
            "wind_factor": (1.0, 100.0),
        }
        _check(self, "shake", bounds)


def _check(
    value: Any,
    place: str,
    ranges: dict[str, tuple[float, float]],
) -> None:
    for field in fields(value):
        low, high = ranges.get(field.name, (0.0, 86_400.0))
        errors.check_range(f"{place}.{field.name}", getattr(value, field.name), low, high)
