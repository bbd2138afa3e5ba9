"""Which sample camera of the demo plays which clips in turn, what it is watched for, and when each alarm is due.

Twelve cameras are what two cores can watch beside a browser, so most play more than one clip. The clips of a camera have one size and
rate, and one viewpoint unless `MIXED` says so.
"""

from dataclasses import dataclass

from sample_streams import manifest
from sample_streams.render import view

DWELL_S = {"loitering": 10.0, "stopped_vehicle": 10.0, "abandoned_object": 10.0, "illegal_parking": 10.0, "congestion": 5.0}  # fmt: skip
"""How long a behaviour must last in the demo, as in the clips' labels; a district would wait longer."""
HEALTH = frozenset({"offline", "frozen", "blinded", "sprayed", "defocused", "moved"})
VIEW = frozenset({"blinded", "sprayed", "defocused", "moved"})
LOOPED = frozenset({"looped"})
"""Every sample camera plays its clips over and over, which a camera of a district must not; one of them is watched for that."""
OUT_OF_ORDER = {"clock_drift": "clock_jump_s=30", "offline": "drop_s=30"}
"""Kinds of a camera that no clip shows: its knob does (sample_streams/camera/faults.py)."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of road of known size, on which speeds are measured.

    Attributes:
        points: its corners in order, 0..1 of the picture.
        width_m: from the first corner to the second; length_m: from the second to the third.
        limit_kmh: what may be driven.
        due_s: when the first vehicle that drives faster has passed over it.
    """

    points: tuple[manifest.Point, ...]
    width_m: float
    length_m: float
    limit_kmh: float
    due_s: float


SCHOOL = Stretch(
    tuple(view.ROAD.project(x, y) for x, y in ((-5.0, 15.0), (5.0, 15.0), (5.0, 45.0), (-5.0, 45.0))),
    10.0,
    30.0,
    30.0,
    10.0,
)
"""The rendered road as a school zone: red cars drive at 36 km/h, all others between 29 and 33, within the uncertainty."""


@dataclass(frozen=True, slots=True)
class Due:
    """An alarm to be expected: its kind, and how long after its camera begins to play, seconds."""

    kind: str
    at_s: float


@dataclass(frozen=True, slots=True)
class Camera:
    """One sample camera.

    Attributes:
        camera_id: its id.
        name: what operators read.
        clips: what it plays, in turn.
        only: the kinds it is watched for; empty: all that need no model of their own, and the dear ones that its clips show.
        off: kinds it is not watched for in the second case.
        faults: kinds that its knobs show, without a clip.
        stretch: where it measures speeds; None: nowhere.
    """

    camera_id: str
    name: str
    clips: tuple[manifest.Clip, ...]
    only: frozenset[str] = frozenset()
    off: frozenset[str] = LOOPED
    faults: tuple[str, ...] = ()
    stretch: Stretch | None = None

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds that its clips and its faults show."""
        return frozenset(due.kind for due in self.dues())

    @property
    def round_s(self) -> float:
        """How long it plays until it begins anew."""
        return sum(clip.main.duration_s for clip in self.clips)

    def dues(self) -> list[Due]:
        """Return the alarms that are due in one round, in order; those of faults at its beginning, that of the round's coming again at its end."""
        found = [Due(kind, 0.0) for kind in self.faults]
        found += [Due("speeding", self.stretch.due_s)] if self.stretch else []
        begins_s = 0.0
        for clip in self.clips:
            for truth in clip.truth:
                if truth.task == "clip" and truth.start_s is not None:
                    found.append(Due(truth.kind, begins_s + truth.start_s + DWELL_S.get(truth.kind, 0.0)))
            begins_s += clip.main.duration_s
        if "looped" in self.only:
            found.append(Due("looped", begins_s))
        return sorted(found, key=lambda due: due.at_s)

    def option(self) -> str:
        """Return what the sample camera's `--camera` takes."""
        first, *rest = self.clips
        words = [f"{self.camera_id}={first.main.path}", *(f"then={clip.main.path}" for clip in rest)]
        if first.sub is not None and not rest:
            words.append(f"sub={first.sub.path}")
        return ",".join([*words, *(OUT_OF_ORDER[kind] for kind in self.faults)])


def cameras(clips: manifest.Manifest) -> tuple[Camera, ...]:
    """Return the demo's cameras."""

    def play(*names: str) -> tuple[manifest.Clip, ...]:
        return tuple(clips.find(name) for name in names)

    return (
        Camera("vtest", "보행로", play("vtest")),
        Camera("lawn", "잔디밭", play("lawn", "abandoned")),
        Camera("road-one-way", "일방통행 도로", play("road_wrong_way"), stretch=SCHOOL),
        Camera("road-exit", "도로 출구", play("road_stopped"), only=frozenset({"stopped_vehicle"})),
        Camera("road-day", "주간 도로", play("road_parking", "road_fire", "road_accident")),
        Camera(
            "road-dusk", "해질녘 도로", play("road_congestion", "road_pedestrian", "road_accident"), off=LOOPED | VIEW
        ),
        Camera(
            "yard",
            "건물 앞마당",
            play("person_falls", "bag_left", "collapse"),
            only=HEALTH | {"fall", "abandoned_object", "collapse"},
        ),
        Camera("river", "하천 산책로", play("flood", "flood_normal"), only=HEALTH | {"flood"}),
        Camera("gate", "후문", play("removed", "blinded"), only=HEALTH | {"removed_object"}),
        Camera("lens", "카메라 렌즈", play("sprayed", "defocused", "frozen"), only=HEALTH),
        Camera(
            "pole",
            "흔들린 기둥",
            play("moved", "shaken"),
            only=HEALTH | {"clock_drift", "shake"},
            faults=("offline", "clock_drift"),
        ),
        Camera("replayed", "재생 영상 주입", play("one_way"), only=LOOPED),
    )


def shown_kinds(clips: manifest.Manifest) -> frozenset[str]:
    """Return every kind that some camera of the demo shows."""
    return frozenset[str]().union(*(camera.kinds for camera in cameras(clips)))


def table(clips: manifest.Manifest) -> list[str]:
    """Return a line for each camera: which kinds it shows, and how long after it begins to play they are due."""
    return [f"{camera.camera_id:<12} every {clock(camera.round_s)}: {_told(camera)}" for camera in cameras(clips)]


def row(camera: Camera) -> str:
    """Return the same as a row of README.md's table."""
    played = ", ".join(f"`{clip.name}`" for clip in camera.clips)
    return f"| `{camera.camera_id}` | {played} | {clock(camera.round_s)} | {_told(camera)} |"


def _told(camera: Camera) -> str:
    first: dict[str, float] = {}
    for due in camera.dues():
        first.setdefault(due.kind, due.at_s)
    return ", ".join(f"{kind} {clock(at_s)}" for kind, at_s in first.items())


def clock(seconds: float) -> str:
    """Return minutes and seconds, as in 1:05."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"
