"""The values that the stages of detection pass to each other. All frozen; checked where they are made, trusted after.

Times are float seconds on one rising clock that the caller chooses (UTC at the agent, file time in evaluation).
Boxes are xyxy in pixels of the source frame unless a name says `_norm` (0..1 of the picture).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum

import cv2
import numpy as np
import numpy.typing as npt

Float = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Pixels = npt.NDArray[np.uint8]
Box = tuple[float, float, float, float]
"""x1, y1, x2, y2."""
Point = tuple[float, float]


class Kind(StrEnum):
    """The event kinds of the labels protocol, by their ids; `profile.RAISED_KINDS` are those this version can raise."""

    INTRUSION = "intrusion"
    LINE_CROSSING = "line_crossing"
    LOITERING = "loitering"
    FIGHT = "fight"
    FALL = "fall"
    WEAPON = "weapon"
    ABANDONED_OBJECT = "abandoned_object"
    REMOVED_OBJECT = "removed_object"
    FIRE = "fire"
    SMOKE = "smoke"
    ACCIDENT = "accident"
    WRONG_WAY = "wrong_way"
    STOPPED_VEHICLE = "stopped_vehicle"
    ILLEGAL_PARKING = "illegal_parking"
    CONGESTION = "congestion"
    PEDESTRIAN_ON_ROAD = "pedestrian_on_road"
    SPEEDING = "speeding"
    CROWD = "crowd"
    FLOOD = "flood"
    COLLAPSE = "collapse"
    SHAKE = "shake"
    OFFLINE = "offline"
    FROZEN = "frozen"
    LOOPED = "looped"
    BLINDED = "blinded"
    SPRAYED = "sprayed"
    DEFOCUSED = "defocused"
    MOVED = "moved"
    CLOCK_DRIFT = "clock_drift"


class ObjectClass(IntEnum):
    """The classes triggers reason about; every detector's decoder maps its own onto these."""

    PERSON = 0
    BICYCLE = 1
    CAR = 2
    MOTORCYCLE = 3
    BUS = 4
    TRUCK = 5


VEHICLES = frozenset({ObjectClass.CAR, ObjectClass.MOTORCYCLE, ObjectClass.BUS, ObjectClass.TRUCK})


class ShapeError(ValueError):
    """An array does not have the shape its place needs."""

    def __init__(self, name: str, shape: tuple[int, ...], needed: object) -> None:
        super().__init__(f"{name} has shape {shape}, needs {needed}")


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One decoded picture, kept as the decoder's planes; colour is made only where a detector asks for it.

    Attributes:
        time_s: capture time.
        y: uint8 (h, w), luma.
        u, v: uint8 (h/2 rounded up, w/2 rounded up), chroma (4:2:0).
        full_range: True for 0..255 luma (yuvj420p, JPEG), False for 16..235.
        is_key: it came from a key frame.
    """

    time_s: float
    y: Pixels
    u: Pixels
    v: Pixels
    full_range: bool = False
    is_key: bool = False

    def __post_init__(self) -> None:
        h, w = self.y.shape
        half = ((h + 1) // 2, (w + 1) // 2)
        for name, plane in (("u", self.u), ("v", self.v)):
            if plane.shape != half:
                raise ShapeError(name, plane.shape, half)

    @property
    def width_px(self) -> int:
        return int(self.y.shape[1])

    @property
    def height_px(self) -> int:
        return int(self.y.shape[0])

    def bgr(self, box: Box | None = None) -> Pixels:
        """Return the picture, or the part of it under `box`, as uint8 (h, w, 3) BGR.

        The box is widened to even pixels and cut to the picture; only that part is converted.
        """
        x1, y1, x2, y2 = (0, 0, self.width_px, self.height_px) if box is None else box
        left, top = max(0, int(x1)) & ~1, max(0, int(y1)) & ~1
        right = min(self.width_px & ~1, (int(np.ceil(x2)) + 1) & ~1)
        bottom = min(self.height_px & ~1, (int(np.ceil(y2)) + 1) & ~1)
        if right - left < 2 or bottom - top < 2:
            return np.zeros((0, 0, 3), np.uint8)
        luma = np.ascontiguousarray(self.y[top:bottom, left:right])
        chroma = np.empty((luma.shape[0] // 2, luma.shape[1]), np.uint8)
        rows, columns = slice(top // 2, bottom // 2), slice(left // 2, right // 2)
        chroma[:, 0::2] = self.u[rows, columns]
        chroma[:, 1::2] = self.v[rows, columns]
        if self.full_range:
            luma = np.asarray(luma * np.float32(219 / 255) + np.float32(16.5), np.uint8)
            chroma = np.asarray(chroma * np.float32(224 / 255) + np.float32(128 - 128 * 224 / 255 + 0.5), np.uint8)
        return np.asarray(
            cv2.cvtColorTwoPlane(luma, chroma.reshape(chroma.shape[0], -1, 2), cv2.COLOR_YUV2BGR_NV12), np.uint8
        )


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """Objects found in one frame.

    Attributes:
        xyxy: float32 (n, 4), pixels of the source frame, x1 <= x2, y1 <= y2.
        score: float32 (n,), 0 to 1.
        label: int64 (n,), values of ObjectClass.
    """

    xyxy: Float
    score: Float
    label: Ints

    def __post_init__(self) -> None:
        n = len(self.score)
        if self.xyxy.shape != (n, 4):
            raise ShapeError("xyxy", self.xyxy.shape, (n, 4))
        if self.label.shape != (n,):
            raise ShapeError("label", self.label.shape, (n,))

    def __len__(self) -> int:
        return len(self.score)

    @classmethod
    def none(cls) -> "Detections":
        """Return a value with no objects."""
        return cls(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros(0, np.int64))

    @classmethod
    def joined(cls, parts: "Sequence[Detections]") -> "Detections":
        """Return everything in `parts`, what was found twice included."""
        if not parts:
            return cls.none()
        return cls(
            np.concatenate([part.xyxy for part in parts]),
            np.concatenate([part.score for part in parts]),
            np.concatenate([part.label for part in parts]),
        )


@dataclass(frozen=True, slots=True)
class PathPoint:
    """Where a track's foot point (middle of the box's lower edge) was, 0..1 of the picture."""

    time_s: float
    x_norm: float
    y_norm: float


@dataclass(frozen=True, slots=True)
class Track:
    """One object followed over time, as it stands now.

    Attributes:
        track_id: unique within the tracker instance, from 1.
        label: the class most of its detections had.
        box: newest box (predicted while unseen), pixels.
        score: newest detection's score.
        first_seen_s, last_seen_s: times of its first and newest detection.
        path: bounded, oldest first, thinned for long tracks; observed points only.
    """

    track_id: int
    label: ObjectClass
    box: Box
    score: float
    first_seen_s: float
    last_seen_s: float
    path: tuple[PathPoint, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Thumb:
    """The small picture that the gate and the health triggers see.

    Attributes:
        time_s: capture time.
        luma: uint8 (180, 320); the whole picture, stretched.
        moving_share: 0..1 of its pixels that moved against the background.
        is_key: it came from a key frame.
    """

    time_s: float
    luma: Pixels
    moving_share: float
    is_key: bool


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What one look at a camera gave before any detector ran, and for examiners what it then found.

    Attributes:
        regions: where the detector should look (pixels); empty = nothing to detect.
        moving: the motion gate saw movement.
        found: what the detector found there, tracks of it believed or not; None before it ran, and where it was shed.
    """

    frame: Frame
    thumb: Thumb
    moving: bool
    motion: tuple[Box, ...]
    regions: tuple[Box, ...]
    found: Detections | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an examiner measured for a kind at one look, before any trigger decided.

    Attributes:
        score: 0..1, how much the picture speaks for it now.
        box: where, pixels; None for the whole picture.
        values: further measurements by name, for the trigger and the explanation.
    """

    kind: Kind
    score: float
    box: Box | None = None
    values: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class ClockReading:
    """What the camera's own clock said lately.

    Attributes:
        camera_s: its time, UTC seconds; tells one reading from the next.
        ahead_s: how far it was ahead of the clock that times are given on.
    """

    camera_s: float
    ahead_s: float


@dataclass(frozen=True, slots=True)
class Scene:
    """What the triggers see at one look: the tracks after association, in a picture of `width_px` x `height_px`.

    Attributes:
        tracks: confirmed tracks, seen or still waited for.
        thumb: None when only time passed.
        detected: False when the detector had nothing to do or its work was shed at this look.
        motion: what moved, pixels.
        evidence: what the examiners measured at this look; empty also where none was due.
        clock: the camera's newest clock reading; None where its stream tells none (a file).
        week_minute: 0..10079 since Monday 00:00 in the site's local time; None where times are no calendar's (a file): all rules are on.
    """

    time_s: float
    width_px: int
    height_px: int
    tracks: tuple[Track, ...]
    thumb: Thumb | None
    detected: bool
    motion: tuple[Box, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    clock: ClockReading | None = None
    week_minute: int | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison that held: `value comparison threshold`, both in `unit`."""

    name: str
    value: float
    comparison: str
    threshold: float
    unit: str


@dataclass(frozen=True, slots=True)
class Zone:
    """A polygon (>= 3 points) or a line (2 points), 0..1 of the picture."""

    name: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class ModelUsed:
    """A model that had a part in a result."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Raised:
    """A trigger fired. `key` names the ongoing behaviour, so that its end can be told.

    Attributes:
        key: unique within the camera's run, e.g. "intrusion/yard/17".
        started_s: when the behaviour began; raised_s: the time of the look at which all conditions held.
        score: 0..1.
        box_norm: the object at raised_s, 0..1 of the picture; None for scene events.
        path: the track up to raised_s.
        models, settings_sha256: filled in by the pipeline.
    """

    key: str
    kind: Kind
    trigger: str
    started_s: float
    raised_s: float
    score: float
    conditions: tuple[Condition, ...]
    zone: Zone | None = None
    track_id: int | None = None
    object_class: ObjectClass | None = None
    box_norm: Box | None = None
    path: tuple[PathPoint, ...] = ()
    models: tuple[ModelUsed, ...] = ()
    settings_sha256: str = ""


@dataclass(frozen=True, slots=True)
class Ended:
    """The behaviour that `Raised.key` named stopped at `ended_s`."""

    key: str
    ended_s: float


@dataclass(frozen=True, slots=True)
class Step:
    """What one look concluded.

    Attributes:
        over_budget: tasks whose questions the camera's budget did not allow at this look, one for each question.
    """

    raised: tuple[Raised, ...] = ()
    ended: tuple[Ended, ...] = ()
    tracks: tuple[Track, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    over_budget: tuple[str, ...] = ()
