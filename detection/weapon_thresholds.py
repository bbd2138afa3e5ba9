"""What weapons are compared with: part of the camera's profile, as `thresholds` are."""

from dataclasses import dataclass, fields

from detection import errors


@dataclass(frozen=True, slots=True)
class WeaponThresholds:
    """When a gun in somebody's hands is believed.

    Attributes:
        least_px: people less tall than this many pixels are not asked about: a pistol in their hand is a few pixels.
        every_s: each person is asked about this often.
        suspicion: a score from which a person is asked about again sooner.
        again_s: how soon.
        most_people: at most so many people are asked about at one look; the others take turns.
        score: an answer from here on speaks for a weapon; 0.5 is the operating point of a whole picture.
        within_s, answers, believed_share: within this time, so many answers about one person must speak for it, and this share of all.
        lasts_s: from the first to the last of them at least this long.
        end_s: what no answer spoke for in this time is over.
    """

    least_px: float = 90.0
    every_s: float = 2.0
    suspicion: float = 0.3
    again_s: float = 1.0
    most_people: int = 2
    score: float = 0.5
    within_s: float = 10.0
    answers: int = 3
    believed_share: float = 0.6
    lasts_s: float = 2.0
    end_s: float = 10.0

    def __post_init__(self) -> None:
        ranges = {"least_px": (32.0, 2000.0), "most_people": (1.0, 16.0), "answers": (2.0, 32.0)}
        for field in fields(self):
            low, high = ranges.get(field.name, (0.0, 3600.0) if field.name.endswith("_s") else (0.05, 1.0))
            errors.check_range(f"weapon.{field.name}", getattr(self, field.name), low, high)
