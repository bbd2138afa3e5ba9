"""The numbers that steer the stages of detection. Checked where they are made; the defaults suit a street camera.

Every value here is part of a camera's profile and so of the settings hash that each event carries.
"""

from dataclasses import dataclass

from detection import errors


@dataclass(frozen=True, slots=True)
class ScheduleSettings:
    """Which frames are decoded and looked at.

    Attributes:
        look_interval_s: an idle camera is looked at this often, at least.
        analysis_fps: looks per second while something moves.
        linger_s: full decoding goes on this long after the last movement.
        buffer_packets, buffer_bytes: bound of the packets kept for going back.
    """

    look_interval_s: float = 1.0
    analysis_fps: float = 5.0
    linger_s: float = 2.0
    buffer_packets: int = 300
    buffer_bytes: int = 12 * 2**20

    def __post_init__(self) -> None:
        errors.check_range("schedule.look_interval_s", self.look_interval_s, 0.1, 60)
        errors.check_range("schedule.analysis_fps", self.analysis_fps, 0.2, 60)
        errors.check_range("schedule.linger_s", self.linger_s, 0, 600)
        errors.check_range("schedule.buffer_packets", self.buffer_packets, 1, 10_000)
        errors.check_range("schedule.buffer_bytes", self.buffer_bytes, 2**16, 2**30)


@dataclass(frozen=True, slots=True)
class MotionSettings:
    """What counts as movement, on 320x180 luma.

    Attributes:
        threshold: least change of luma, 0..255.
        noise_factor: the threshold rises to this many times the picture's own noise (night, infrared).
        min_area_share: smaller moving areas are ignored, as a share of the picture.
        settle_s: time constant with which the background follows the picture.
        absorb_s: the same for pixels that differ (a parked car becomes background).
        recent_s: a difference counts as movement only where the picture also changed within about this time.
        scene_share: more than this share changing at once is light or the camera, not an object.
    """

    threshold: float = 14.0
    noise_factor: float = 6.0
    min_area_share: float = 0.0003
    settle_s: float = 3.0
    absorb_s: float = 12.0
    recent_s: float = 0.8
    scene_share: float = 0.5

    def __post_init__(self) -> None:
        errors.check_range("motion.threshold", self.threshold, 2, 128)
        errors.check_range("motion.noise_factor", self.noise_factor, 1, 50)
        errors.check_range("motion.min_area_share", self.min_area_share, 0.00001, 0.5)
        errors.check_range("motion.settle_s", self.settle_s, 0.1, 600)
        errors.check_range("motion.absorb_s", self.absorb_s, self.settle_s, 3600)
        errors.check_range("motion.recent_s", self.recent_s, 0.1, 10)
        errors.check_range("motion.scene_share", self.scene_share, 0.1, 1)


@dataclass(frozen=True, slots=True)
class RegionSettings:
    """Where the detector looks, and how much of it a look may cost.

    Attributes:
        max_regions: most regions per look; the rest wait for the next look and are counted.
        recheck_s: the whole picture is looked at this often (something already there), up to four times as long apart while nothing moves; 0 = never.
        still_s: an unmoving track is looked for this often; a vehicle that has long stood, four times as long apart.
        settled_s: a track that is sure, moves evenly and keeps apart from others is looked for this often; between, it goes on as it went. 0 = at every look.
        context_share: a region is grown by this share of its size on each side.
        context_px: and at least by this much.
    """

    max_regions: int = 8
    recheck_s: float = 30.0
    still_s: float = 1.0
    settled_s: float = 0.35
    context_share: float = 0.25
    context_px: int = 24

    def __post_init__(self) -> None:
        errors.check_range("regions.max_regions", self.max_regions, 1, 64)
        errors.check_range("regions.recheck_s", self.recheck_s, 0, 3600)
        errors.check_range("regions.still_s", self.still_s, 0.1, 60)
        errors.check_range("regions.settled_s", self.settled_s, 0, 2)
        errors.check_range("regions.context_share", self.context_share, 0, 2)
        errors.check_range("regions.context_px", self.context_px, 0, 512)


@dataclass(frozen=True, slots=True)
class DetectorSettings:
    """Which of the detector's answers are believed.

    Attributes:
        min_score: lower scores are thrown away (the tracker uses low ones to keep a track, never to begin one).
        overlap: of two boxes of one group that overlap more than this (IoU), the lower score is dropped.
    """

    min_score: float = 0.2
    overlap: float = 0.55

    def __post_init__(self) -> None:
        errors.check_range("detector.min_score", self.min_score, 0.01, 0.99)
        errors.check_range("detector.overlap", self.overlap, 0.1, 0.95)


@dataclass(frozen=True, slots=True)
class TrackerSettings:
    """How detections become tracks.

    Attributes:
        high_score: detections from here on are matched first and may begin a track.
        sure_score: a new track from here on is believed at its second hit; others at their third, once they moved.
        patience_s: a track that is looked for and not seen is given up after this long.
        max_path_points: a track's path is thinned to at most this many points.
    """

    high_score: float = 0.45
    sure_score: float = 0.7
    patience_s: float = 3.0
    max_path_points: int = 128

    def __post_init__(self) -> None:
        errors.check_range("tracker.high_score", self.high_score, 0.05, 0.99)
        errors.check_range("tracker.sure_score", self.sure_score, self.high_score, 1)
        errors.check_range("tracker.patience_s", self.patience_s, 0.2, 60)
        errors.check_range("tracker.max_path_points", self.max_path_points, 8, 10_000)


@dataclass(frozen=True, slots=True)
class BudgetSettings:
    """What one camera's questions to further models may cost.

    Attributes:
        ms_per_s: milliseconds of one core in each second, on average; what a question costs is known from its model (`detection/budget.py`).
        burst_s: so many seconds' worth may be spent at once, after as long a calm.
    """

    ms_per_s: float = 20.0
    burst_s: float = 30.0

    def __post_init__(self) -> None:
        errors.check_range("budget.ms_per_s", self.ms_per_s, 0, 10_000)
        errors.check_range("budget.burst_s", self.burst_s, 1, 3600)
