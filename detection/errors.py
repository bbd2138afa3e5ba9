"""What detection refuses, as one small tree. Each message says what, where, and what to do.

DetectionError
    ProfileError    a setting that cannot be meant (made where the value is made)
    ModelError      a model file that is missing, altered, or of another form than its manifest entry says
    MediaError      a file that cannot be read as video or picture
"""


class DetectionError(Exception):
    """Anything that detection refuses."""


class ProfileError(DetectionError, ValueError):
    """A setting is out of its range.

    Attributes:
        field: the setting's name, dotted from where it was made ("schedule.look_interval_s").
        remedy: what to write instead.
        zone: the name of the zone it is about; "" where it is not about one.
    """

    def __init__(self, field: str, problem: str, remedy: str, zone: str = "") -> None:
        place = f"zone {zone!r}, {field}" if zone else field
        super().__init__(f"{place}: {problem}; {remedy}")
        self.zone = zone
        self.field = field
        self.problem = problem
        self.remedy = remedy


class ModelError(DetectionError):
    """A model cannot be used as its manifest entry says."""

    def __init__(self, model: str, problem: str, remedy: str) -> None:
        super().__init__(f"model {model}: {problem}; {remedy}")
        self.model = model


class MediaError(DetectionError):
    """A file cannot be read as video or picture."""

    def __init__(self, path: object, problem: str, remedy: str) -> None:
        super().__init__(f"{path}: {problem}; {remedy}")


def check_range(field: str, value: float, low: float, high: float) -> None:
    """Raise ProfileError unless `low <= value <= high` (NaN is refused too)."""
    if not low <= value <= high:
        raise ProfileError(field, f"is {value}", f"write a value from {low} to {high}")
