"""The rendered road clips: which drives appear in each, when, and the ground truth that follows from it."""

import itertools
from dataclasses import dataclass

from sample_streams.render import drives, view

LENGTH_S = 36.0
Tones = tuple[
    int, int, int
]  # which colour channel is shown as blue, green, red: one drive gives cars of several colours
AS_IS, SWAPPED, TURNED = (0, 1, 2), (2, 1, 0), (1, 2, 0)


@dataclass(frozen=True, slots=True)
class Entry:
    """One appearance of a drive in a clip.

    Attributes:
        drive: its name.
        at_s: when its first position is due; negative where it is under way as the clip begins.
        tones: how its colours are exchanged.
    """

    drive: str
    at_s: float
    tones: Tones = AS_IS


@dataclass(frozen=True, slots=True)
class Scene:
    """One clip: its name and who drives through it."""

    name: str
    entries: tuple[Entry, ...]


_BEFORE = (
    Entry("red", -5.0),
    Entry("silver", -8.0),
    Entry("white", -2.0),
    Entry("truck", 0.0),
    Entry("red", 1.5, SWAPPED),
)
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
)


def place(entry: Entry, frame: int) -> tuple[int, float] | None:
    """Return the index into the drive's path and the vehicle's y in metres at a frame of the clip; None if it is not there.

    A vehicle that has come to a stand stays.
    """
    drive = drives.find_drive(entry.drive)
    path = drives.positions_m(drive)
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


def find_clash(scene: Scene, room_m: float = 7.5) -> str:
    """Name two vehicles that come closer than `room_m` in one lane, and when; "" if none do."""
    for frame in range(round(LENGTH_S * drives.FPS)):
        for a, b in itertools.combinations(scene.entries, 2):
            here, there = place(a, frame), place(b, frame)
            one_lane = drives.find_drive(a.drive).lane == drives.find_drive(b.drive).lane
            if one_lane and here and there and abs(here[1] - there[1]) < room_m:
                return (
                    f"{scene.name}: {a.drive} of {a.at_s} s and {b.drive} of {b.at_s} s at {frame / drives.FPS:.1f} s"
                )
    return ""
