"""The rendered road clips: which drives appear in each, when, and the ground truth that follows from it."""

import itertools
from dataclasses import dataclass

from sample_streams.render import blaze, crash, cutouts, drives, jam, looks, view, walks

LENGTH_S = 36.0
FULL_PX, SMALL_PX = (1280, 720), (960, 540)
Tones = cutouts.Tones
AS_IS, SWAPPED, TURNED = cutouts.AS_IS, (2, 1, 0), (1, 2, 0)  # one drive gives cars of several colours
ROAD_HALF_M = 5.1
ROOM_M = 0.8  # between two bumpers


@dataclass(frozen=True, slots=True)
class Entry:
    """One appearance of a drive in a clip.

    Attributes:
        drive: its name.
        at_s: when its first position is due; negative where it is under way as the clip begins.
        tones: how its colours are exchanged.
        course: its y in metres at every frame of the clip where it does not go as the drive does; empty if it does.
    """

    drive: str
    at_s: float
    tones: Tones = AS_IS
    course: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Scene:
    """One clip.

    Attributes:
        name: its id.
        entries: who drives through it.
        length_s: how long it is.
        size_px: width and height it is encoded in.
        look: its light and weather.
        window_px: left, top, width and height of the part that is shown: a longer lens on the same pole.
        crash_s, blaze_s, crossing_s: when the collision's sequence, the first wisp of smoke or the walk over the road begins; None: not at all.
    """

    name: str
    entries: tuple[Entry, ...]
    length_s: float = LENGTH_S
    size_px: tuple[int, int] = FULL_PX
    look: looks.Look = looks.Look.DAY
    window_px: tuple[int, int, int, int] = (0, 0, 1280, 720)
    crash_s: float | None = None
    blaze_s: float | None = None
    crossing_s: float | None = None


def _queue(
    names: tuple[str, ...], starts_m: tuple[float, ...], obstacle: jam.Obstacle, length_s: float, first: int
) -> tuple[Entry, ...]:
    tones: tuple[Tones, ...] = (AS_IS, SWAPPED, TURNED)
    paths = jam.follow(names, starts_m, obstacle, round(length_s * drives.FPS))
    return tuple(
        Entry(name, 0.0, tones[(i + first) % 3], path) for i, (name, path) in enumerate(zip(names, paths, strict=True))
    )


def _spaced(first_m: float, names: tuple[str, ...]) -> tuple[float, ...]:
    """Return where vehicles are that drive one behind the other."""
    lengths = [jam.LENGTH_M[drives.find_drive(name).model] for name in names]
    return tuple(first_m + sum(lengths[:i]) + 11.5 * i for i in range(len(names)))


_BEFORE = (
    Entry("red", -5.0),
    Entry("silver", -8.0),
    Entry("white", -2.0),
    Entry("truck", 0.0),
    Entry("red", 1.5, SWAPPED),
)
_LIGHTS = (
    jam.Obstacle(-3.0, 2.0, creep_m=6.5, creep_every_s=12.0),
    jam.Obstacle(-1.0, 3.5, creep_m=6.0, creep_every_s=10.5),
    jam.Obstacle(0.5, 2.5, creep_m=6.5, creep_every_s=13.5),
)
_LEFT_QUEUE = (*("white",) * 7, "stopper", "parker", "stopper", "parker")
_MIDDLE_QUEUE = ("red", "bus", "red", "red", "red", "bus", "red", "red", "red")
_RIGHT_QUEUE = ("silver", "truck", "silver", "silver", "truck", "silver", "silver", "truck", "silver")
SCENES = (
    Scene(
        "road_normal",
        (
            *_BEFORE,
            Entry("bus", 5.0),
            Entry("white", 7.0),
            Entry("silver", 13.0, SWAPPED),
            Entry("red", 16.0, TURNED),
            Entry("white", 17.5),
            Entry("truck", 18.5, SWAPPED),
            Entry("bus", 22.0),
            Entry("white", 26.5),
            Entry("silver", 27.5),
            Entry("red", 32.0),
        ),
    ),
    Scene(
        "road_wrong_way",
        (
            *_BEFORE,
            Entry("bus", 5.0),
            Entry("white", 7.0),
            Entry("wrong", 13.0),
            Entry("red", 16.0, TURNED),
            Entry("white", 17.5),
            Entry("bus", 22.0),
            Entry("truck", 24.5, SWAPPED),
            Entry("white", 28.5),
            Entry("red", 32.0),
        ),
    ),
    Scene(
        "road_stopped",
        (
            *_BEFORE,
            Entry("stopper", 4.0),
            Entry("red", 8.0, TURNED),
            Entry("silver", 12.0),
            Entry("red", 14.5),
            Entry("truck", 17.0, SWAPPED),
            Entry("bus", 20.0),  # hides the standing car for a moment, long after its alarm is due
            Entry("silver", 26.5),
            Entry("red", 28.5, SWAPPED),
        ),
    ),
    Scene(
        "road_dusk",
        (
            *_BEFORE,
            Entry("bus", 5.0),
            Entry("white", 7.0),
            Entry("silver", 13.0, SWAPPED),
            Entry("red", 16.0, TURNED),
            Entry("white", 17.5),
            Entry("truck", 18.5, SWAPPED),
        ),
        length_s=28.0,
        size_px=SMALL_PX,
        look=looks.Look.DUSK,
    ),
    Scene(
        "road_congestion",
        (
            *_queue(_LEFT_QUEUE, _spaced(30.0, _LEFT_QUEUE), _LIGHTS[0], 32.0, 0),
            *_queue(_MIDDLE_QUEUE, _spaced(20.0, _MIDDLE_QUEUE), _LIGHTS[1], 32.0, 0),
            *_queue(_RIGHT_QUEUE, _spaced(26.0, _RIGHT_QUEUE), _LIGHTS[2], 32.0, 1),
        ),
        length_s=32.0,
        size_px=SMALL_PX,
        look=looks.Look.DUSK,
    ),
    Scene(
        "road_fire",
        (
            *_BEFORE[:2],
            Entry("stopper", -0.5),
            Entry("truck", 0.5),
            Entry("red", 1.5, SWAPPED),
            Entry("silver", 7.5),
            Entry("bus", 12.0),
            Entry("silver", 17.0, SWAPPED),
            Entry("red", 20.0, TURNED),
            Entry("truck", 24.0, SWAPPED),
        ),
        length_s=32.0,
        size_px=SMALL_PX,
        blaze_s=12.0,
    ),
    Scene(
        "road_accident",
        (
            Entry("red", -5.0),
            Entry("silver", -8.0),
            Entry("white", -2.0),
            Entry("white", 4.5),
            Entry("white", 16.0),
            Entry("white", 22.5),
            *_queue(("red", "red"), (210.0, 250.0), jam.Obstacle(34.0, 0.0), 30.0, 1),
            *_queue(("silver", "truck"), (190.0, 225.0), jam.Obstacle(30.0, 0.0), 30.0, 0),
        ),
        length_s=30.0,
        size_px=SMALL_PX,
        crash_s=2.5,
    ),
    Scene(
        "road_pedestrian",
        (
            Entry("red", -5.0),
            Entry("silver", -8.0),
            Entry("white", -2.0),
            Entry("truck", -1.5),
            Entry("red", 0.0, SWAPPED),
            *_queue(("white", "stopper"), (180.0, 205.0), jam.Obstacle(33.0, 0.0), 26.0, 0),
            *_queue(("red", "bus"), (190.0, 220.0), jam.Obstacle(28.0, 0.0), 26.0, 2),
        ),
        length_s=26.0,
        size_px=SMALL_PX,
        window_px=(190, 190, 880, 495),  # a walker of 125 pixels, whom the detector finds
        crossing_s=9.6,
    ),
    Scene(
        "road_parking",
        (
            *_BEFORE,
            Entry("parker", 0.8),
            Entry("bus", 5.0),  # hides the parked car for two seconds
            Entry("silver", 13.0, SWAPPED),
            Entry("red", 16.0, TURNED),
            Entry("truck", 18.5, SWAPPED),
            Entry("red", 23.0),
            Entry("silver", 27.0),
        ),
        length_s=34.0,
        size_px=SMALL_PX,
    ),
)


def place(entry: Entry, frame: int) -> tuple[int, float] | None:
    """Return the index into the drive's path and the vehicle's y in metres at a frame of the clip; None if it is not there.

    A vehicle that has come to a stand stays.
    """
    drive = drives.find_drive(entry.drive)
    path = drives.positions_m(drive)
    if entry.course:
        y = entry.course[frame]
        rendered = drives.rendered_frames(path)
        seen = path[-1] <= y <= path[0]
        return (min(rendered, key=lambda i: abs(path[i] - y)), y) if seen else None
    index = frame - round(entry.at_s * drives.FPS)
    if index < 0 or (index >= len(path) and drive.stop_y_m is None):
        return None
    index = min(index, len(path) - 1)
    return index, path[index]


def stop_s(scene: Scene) -> float:
    """Return when the stopping vehicle has come to a stand.

    Raises:
        StopIteration: Nobody stops in this scene.
    """
    entry = next(e for e in scene.entries if drives.find_drive(e.drive).stop_y_m is not None)
    return entry.at_s + (len(drives.positions_m(drives.find_drive(entry.drive))) - 1) / drives.FPS


def wrong_way_s(scene: Scene) -> tuple[float, float]:
    """Return when the wrong-way driver's rear has come into the picture and when it is out of sight.

    Raises:
        StopIteration: Nobody drives the wrong way in this scene.
    """
    entry = next(e for e in scene.entries if drives.find_drive(e.drive).away)
    drive = drives.find_drive(entry.drive)
    path = drives.positions_m(drive)
    first = next(i for i, y in enumerate(path) if view.project(drive.lane * drives.LANE_M, y)[1] <= 1.0)
    return entry.at_s + first / drives.FPS, entry.at_s + len(path) / drives.FPS


def park_s(scene: Scene) -> float:
    """Return when the vehicle that pulls over stands (the same rule as `stop_s`).

    Raises:
        StopIteration: Nobody pulls over in this scene.
    """
    return stop_s(Scene(scene.name, tuple(e for e in scene.entries if drives.find_drive(e.drive).aside_m)))


def meet_s(scene: Scene) -> float:
    """Return when the two cars touch.

    Raises:
        ValueError: There is no crash in this scene.
    """
    if scene.crash_s is None:
        raise ValueError(f"{scene.name}: nobody collides")
    return scene.crash_s + crash.MEET_S


def flames_s(scene: Scene) -> float:
    """Return when fuel is first given to the fire; the smoke has begun `blaze.FLAMES_S` before.

    Raises:
        ValueError: Nothing burns in this scene.
    """
    if scene.blaze_s is None:
        raise ValueError(f"{scene.name}: nothing burns")
    return scene.blaze_s + blaze.FLAMES_S


def on_road_s(scene: Scene) -> tuple[float, float]:
    """Return when the pedestrian steps over the first kerb and over the second.

    Raises:
        ValueError: Nobody walks in this scene.
    """
    if scene.crossing_s is None:
        raise ValueError(f"{scene.name}: nobody walks")
    act = walks.find("crossing")
    steps = [i for i in range(round(act.seconds * 100)) if abs(walks.stance(act, i / 100).x_m) < ROAD_HALF_M]
    return scene.crossing_s + steps[0] / 100, scene.crossing_s + steps[-1] / 100


def jam_s(scene: Scene, slow_mps: float = 2.0) -> float:
    """Return from when on the vehicles between 8 and 60 m are slower than `slow_mps` on average, for good.

    Raises:
        ValueError: They never are.
    """
    slow_since: float | None = None
    for frame in range(0, round((scene.length_s - 1.0) * drives.FPS), drives.FPS // 3):
        seen = [e.course for e in scene.entries if e.course and 8.0 < e.course[frame] < 60.0]
        speed = sum(c[frame] - c[frame + drives.FPS] for c in seen) / max(1, len(seen))
        slow_since = None if speed >= slow_mps else slow_since if slow_since is not None else frame / drives.FPS
    if slow_since is None:
        raise ValueError(f"{scene.name}: the traffic never queues")
    return slow_since


def find_clash(scene: Scene) -> str:
    """Name two vehicles that come closer than `ROOM_M` in one lane, and when; "" if none do."""
    for frame in range(round(scene.length_s * drives.FPS)):
        placed = [(entry, place(entry, frame)) for entry in scene.entries]
        for (a, here), (b, there) in itertools.combinations(placed, 2):
            one, other = drives.find_drive(a.drive), drives.find_drive(b.drive)
            room_m = (jam.LENGTH_M[one.model] + jam.LENGTH_M[other.model]) / 2 + ROOM_M
            if one.lane == other.lane and here and there and abs(here[1] - there[1]) < room_m:
                return (
                    f"{scene.name}: {a.drive} of {a.at_s} s and {b.drive} of {b.at_s} s at {frame / drives.FPS:.1f} s"
                )
    return ""
