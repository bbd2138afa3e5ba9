"""What fire and smoke are compared with: part of the camera's profile, as `thresholds` are."""

from dataclasses import dataclass, fields

from detection import errors


@dataclass(frozen=True, slots=True)
class FireThresholds:
    """When flames and smoke are believed.

    Attributes:
        motion_every_s: what moves is asked about this often.
        most_areas: at most so many moving areas are asked about at one look; the others take turns.
        fiery_share: a moving object is asked about only where this share of it is coloured as flames; what is no object, always.
        suspicion: a score from which a place is watched.
        follow_s, watch_s: a watched place is asked about this often, and until it was without suspicion for this long.
        fire_score, smoke_score: a score of one tile from which a look is believed; for fire it is above the operating point of a whole picture, 0.5.
        window_s, looks, believed_share: within this time, so many looks at a place must be believed, and this share of them.
        fire_lasts_s, smoke_lasts_s: for at least this long.
        flicker: share of what glows that must change from look to look (median).
        wander: how far its outline must move from look to look (median); a fire on a screen keeps to the screen.
        glow_kept: share of the greatest glow that must be left at the least; a beacon goes out.
        stirred: share of a smoky place that must change from look to look (median).
        smoke_share: share of the picture that smoke must cover.
        smoke_stays: what smoke covers later, against what it covered at first; steam is soon gone.
        end_s: what is not believed for this long is over.
    """

    motion_every_s: float = 1.0
    most_areas: int = 2
    fiery_share: float = 0.1
    suspicion: float = 0.35
    follow_s: float = 0.45
    watch_s: float = 6.0
    fire_score: float = 0.85
    smoke_score: float = 0.5
    window_s: float = 10.0
    looks: int = 4
    believed_share: float = 0.7
    fire_lasts_s: float = 2.0
    smoke_lasts_s: float = 4.0
    flicker: float = 0.1
    wander: float = 0.03
    glow_kept: float = 0.15
    stirred: float = 0.02
    smoke_share: float = 0.01
    smoke_stays: float = 0.7
    end_s: float = 10.0

    def __post_init__(self) -> None:
        counts = {"most_areas": (1.0, 16.0), "looks": (2.0, 100.0), "smoke_stays": (0.0, 10.0)}
        for field in fields(self):
            low, high = counts.get(field.name, (0.0, 3600.0) if field.name.endswith("_s") else (0.0, 1.0))
            errors.check_range(f"fire.{field.name}", getattr(self, field.name), low, high)
