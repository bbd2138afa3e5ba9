"""The values that masking a clip passes on: what may have to be hidden, where it was found, how much of it a level hides."""

from dataclasses import dataclass
from enum import StrEnum

from detection import errors, types


class Level(StrEnum):
    """How much is hidden.

    NONE: nothing. FACES_AND_PLATES: faces and heads, plates and other writing. PEOPLE_AND_PLATES: whole persons too. WHOLE: the whole picture.
    """

    NONE = "none"
    FACES_AND_PLATES = "faces_and_plates"
    PEOPLE_AND_PLATES = "people_and_plates"
    WHOLE = "whole"


class Sort(StrEnum):
    """What a box holds. RIDDEN: a bicycle or motorcycle, with its rider, who is often found as one with it."""

    PERSON = "person"
    RIDDEN = "ridden"
    VEHICLE = "vehicle"
    FACE = "face"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Sighting:
    """One thing found in one frame; box in pixels of the frame, score 0 to 1."""

    sort: Sort
    box: types.Box
    score: float


@dataclass(frozen=True, slots=True)
class Pick:
    """A point on a person who stays clear: somebody pointed at them on the picture at `time_s`.

    Attributes:
        time_s: seconds from the clip's first frame.
        x_norm, y_norm: 0..1 of the picture.
    """

    time_s: float
    x_norm: float
    y_norm: float

    def __post_init__(self) -> None:
        errors.check_range("pick.time_s", self.time_s, 0, 1e6)
        errors.check_range("pick.x_norm", self.x_norm, 0, 1)
        errors.check_range("pick.y_norm", self.y_norm, 0, 1)
