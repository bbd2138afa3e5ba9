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
        crowd_per_m2: people to the square metre that make a crowd, in a zone of known size without a number of its own.
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
    crowd_per_m2: float = 3.0

    def __post_init__(self) -> None:
        _check(
            self,
            "behaviour",
            {"against_steadiness": (0.5, 1.0), "against_alignment": (0.1, 1.0), "crowd_per_m2": (0.1, 20.0)},
        )


@dataclass(frozen=True, slots=True)
class ObjectThresholds:
    """When something counts as left behind, or as taken away.

    Attributes:
        settle_s: the picture must show one thing for this long before it counts as part of the scene.
        absorb_s: what stands there for this long belongs to the scene.
        contrast: least change of luma, 0..255.
        min_area_share: smaller changes are ignored, as a share of the picture.
        scene_share: more than this share changing is light or the camera, not an object.
        person_before_s: somebody must have been at the place at most this long before the change was there to see.
        reach_lengths: how near the place that somebody must have been, in the person's height.
        most_lengths: the object may be at most this high and wide, in the height of the person who was there.
        attended_lengths: an object is not left behind while one of those who were there before is this near, in the person's height.
        contour: share of the contrast along the outline that the new picture has, from which something was added; as far below a half, removed.
        texture_kept: more likeness than this between old and new texture is light or shadow.
        stirred_share: an object that moves in more than this share of the looks is none.
        elsewhere_share: when more of the picture than this changed elsewhere at about the same time, it is light or the lens.
    """

    settle_s: float = 3.0
    absorb_s: float = 600.0
    contrast: float = 14.0
    min_area_share: float = 0.0005
    scene_share: float = 0.2
    person_before_s: float = 8.0
    reach_lengths: float = 0.4
    most_lengths: float = 0.75
    attended_lengths: float = 1.0
    contour: float = 0.58
    texture_kept: float = 0.7
    stirred_share: float = 0.25
    elsewhere_share: float = 0.01

    def __post_init__(self) -> None:
        unit = (0.0, 1.0)
        _check(
            self,
            "objects",
            {
                "settle_s": (0.5, 60.0), "contrast": (2.0, 128.0), "min_area_share": (0.0001, 0.5), "scene_share": (0.02, 1.0),
                "contour": (0.5, 1.0), "texture_kept": unit, "stirred_share": unit, "elsewhere_share": unit,
            },
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class FallThresholds:
    """When somebody counts as having fallen. Lengths are those of the body from shoulders to ankles, as it was while upright.

    Attributes:
        near_share: what moves and is at least this share of the picture high is looked at as somebody near.
        cue_drop: an upright box whose upper edge comes down by this share of its height within a moment is looked at.
        sure_score: a body is believed from a posture of at least this score; uncertain ones only go on with one.
        upright: shoulders at least this high above the lowest of hips, knees and ankles: upright, in the length that it shows now.
        shoulders_down, hips_down: shoulders and hips at most this high: down.
        drop: the shoulders came down by this.
        sudden_s: shoulders from upright to half of that within this time; who sits down first takes longer.
        collapse_s: from upright to down within this time.
        down_s: down for this long; who gets up at once has not fallen.
        down_looks: in so many looks.
        box_height: a person whom the detector sees there still is at most this high; an upright one is 1.2 to 1.4.
        moving_lengths_per_s: who moves this fast while down is not still at all; stillness raises the score.
        patience_s: not seen for this long, the fall is over.
    """

    near_share: float = 0.3
    cue_drop: float = 0.22
    sure_score: float = 0.3
    upright: float = 0.75
    shoulders_down: float = 0.35
    hips_down: float = 0.25
    drop: float = 0.35
    sudden_s: float = 1.1
    collapse_s: float = 1.8
    down_s: float = 0.8
    down_looks: int = 3
    box_height: float = 1.05
    moving_lengths_per_s: float = 1.0
    patience_s: float = 20.0

    def __post_init__(self) -> None:
        unit = (0.0, 1.0)
        _check(
            self,
            "falls",
            {
                "near_share": (0.05, 1.0), "cue_drop": (0.05, 1.0), "sure_score": unit, "upright": (0.4, 1.0), "shoulders_down": (0.0, 0.6),
                "hips_down": (0.0, 0.6), "drop": unit, "box_height": (0.3, 3.0), "moving_lengths_per_s": (0.05, 10.0), "down_looks": (1, 100),
            },
        )  # fmt: skip


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
        covered_share: share of them that must show nothing any more for it to count as blinded.
        sprayed_share: share of them that must show nothing any more, while others do, for it to count as sprayed.
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
    sprayed_share: float = 0.5
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
                "lost_share": unit, "covered_share": unit, "sprayed_share": unit, "spray_left": unit,
                "restored_share": unit, "structure_kept": unit, "sharpness_kept": unit,
                "frozen_noise_kept": unit, "flat_contrast": (0.0, 127.0), "loop_noise_kept": (0.0, 0.8),
                "loop_shortest_s": (2.0, 600.0), "loop_longest_s": (self.loop_shortest_s, 3600.0), "clock_off_s": (0.5, 86_400.0),
            },
        )  # fmt: skip
        least = min(self.lost_share, self.covered_share, self.sprayed_share)
        if self.restored_share >= least:
            remedy = f"write a share below lost_share, covered_share and sprayed_share ({least:g})"
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
        jump_share: most of the rise that may come within one second: light, a vehicle and the camera come at once.
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


@dataclass(frozen=True, slots=True)
class CollapseThresholds:
    """When something in the view has fallen down (experimental).

    Attributes:
        dust_share: least share of the view's cells that dust hides, beginning within seconds.
        dust_s: a cell counts as hidden by dust after this long.
        changed_share: least share of the cells, in one piece, that show something else afterwards.
        most_changed_share: and most of them in all: more is the camera's own trouble.
        cleared_share: cells that dust hid and gave back, in proportion to the changed piece: dust spreads further than what falls.
        settled_s: the changed piece stays for this long with the dust gone.
        accepted_s: the new view is taken for usual after this long.
    """

    dust_share: float = 0.15
    dust_s: float = 2.0
    changed_share: float = 0.06
    most_changed_share: float = 0.6
    cleared_share: float = 0.3
    settled_s: float = 10.0
    accepted_s: float = 600.0

    def __post_init__(self) -> None:
        shares = ("dust_share", "changed_share", "most_changed_share")
        _check(self, "collapse", dict.fromkeys(shares, (0.01, 1.0)) | {"cleared_share": (0.0, 10.0)})


@dataclass(frozen=True, slots=True)
class FightThresholds:
    """When answers about a struggle make a fight.

    Attributes:
        score: what the answers must reach on average, 0..1.
        speaking: an answer from here on speaks for a fight.
        answers: how many answers must do so.
        within_s: how old an answer may be to count.
        calm_s: a fight is over when no answer spoke for it for this long.
    """

    score: float = 0.54
    speaking: float = 0.3
    answers: int = 2
    within_s: float = 15.0
    calm_s: float = 6.0

    def __post_init__(self) -> None:
        _check(
            self,
            "fight",
            {"score": (0.05, 0.99), "speaking": (0.05, 0.99), "answers": (1, 32), "within_s": (0.2, 60.0)},
        )


def _check(
    value: Any,
    place: str,
    ranges: dict[str, tuple[float, float]],
) -> None:
    for field in fields(value):
        low, high = ranges.get(field.name, (0.0, 86_400.0))
        errors.check_range(f"{place}.{field.name}", getattr(value, field.name), low, high)
