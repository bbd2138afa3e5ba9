"""What fightnet learns from: the very pictures that the examiner would ask about, gathered by running clips through the pipeline that ships."""

from collections.abc import Callable, Iterable, Sequence
from concurrent import futures
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from detection import detector, experts, profile, types
from detection.evaluation import files
from detection.examiners import fight
from detection.types import Kind

MOST_WINDOWS = 24
"""Windows taken of one clip, evenly over its length."""
WORKERS = 2
EXTRA = ("fall/adl/*.mp4", "fall/fall/*.mp4", "person_vehicle/clips/*.mp4")
"""Further clips without a fight: falls, daily life, pedestrians, people at a table, cars."""


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """One clip and its windows.

    Attributes:
        group: clips of one group show one scene and stay in one fold.
        windows: uint8 (n, FRAMES, SIDE_PX, SIDE_PX, 3) BGR, in the order of time; none where the cue never held.
        times_s: float (n,), when each was asked about.
    """

    path: Path
    group: str
    fights: bool
    short: bool
    windows: types.Pixels
    times_s: types.Float


class Recorder(experts.Experts):
    """Keeps what it is asked, and answers so that it is asked again soon."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[types.Pixels] = []
        self.times_s: list[float] = []

    @property
    def used(self) -> dict[str, types.ModelUsed]:
        """A model for the one task."""
        return {fight.TASK: types.ModelUsed("recorder", "0" * 64)}

    def ask(self, task: str, blob: experts.Blob) -> experts.Answer | None:
        """Keep the question."""
        self.asked.append(np.asarray(blob, np.uint8))
        return (np.array([0.5], np.float32),)

    def note(self, time_s: float, step: types.Step) -> None:
        """Note when what was newly asked was asked."""
        self.times_s += [time_s] * (len(self.asked) - len(self.times_s))


def listed(data: Path) -> list[tuple[Path, str, bool, bool]]:
    """Return path, group, whether it shows a fight, and whether it is one of the short clips that are scored, of every clip."""
    found: list[tuple[Path, str, bool, bool]] = []
    for line in (data / "manifest.tsv").read_text("utf-8").splitlines():
        path, _, _, label, _, note, *_ = line.split("\t")
        if path.startswith("fight/"):
            found.append((data / path, "group " + note.rpartition("group ")[2], label == "fight", True))
    extra = [path for pattern in EXTRA for path in sorted(data.glob(pattern))]
    found += [(path, "/".join(path.parts[-3:-1]) + path.stem[:2], False, False) for path in extra]
    return sorted(found)


def gather(data: Path, cache: Path, load: Callable[[], detector.Detector]) -> list[Clip]:
    """Return every clip with its windows; windows are kept in `cache` and read from there another time.

    Args:
        load: returns a detector; each of `WORKERS` threads has its own.
    """
    cache.mkdir(parents=True, exist_ok=True)
    all_clips = listed(data)
    missing = [path for path, *_ in all_clips if not _kept(path, cache).exists()]

    def work(part: list[Path]) -> None:
        finder = load()
        for path in part:
            windows, times_s = record(path, finder)
            np.savez(_kept(path, cache), windows=windows, times_s=times_s)

    with futures.ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(work, [missing[i::WORKERS] for i in range(WORKERS)]))
    clips: list[Clip] = []
    for path, group, fights, short in all_clips:
        with np.load(_kept(path, cache)) as read:
            clips.append(Clip(path, group, fights, short, read["windows"], read["times_s"]))
    return clips


def _kept(path: Path, cache: Path) -> Path:
    return cache / f"{path.parent.name}_{path.stem}.npz"


def record(path: Path, finder: detector.Detector) -> tuple[types.Pixels, types.Float]:
    """Return what the examiner would ask about a clip if it stayed suspicious, and when."""
    recorder = Recorder()
    wanted = profile.CameraProfile(frozenset({Kind.FIGHT}))
    files.watch(path, wanted, finder, further=recorder, noticed=recorder.note)
    asked = recorder.asked
    if not asked:
        empty = np.zeros((0, fight.FRAMES, fight.SIDE_PX, fight.SIDE_PX, 3), np.uint8)
        return empty, np.zeros(0, np.float32)
    taken = np.unique(np.linspace(0, len(asked) - 1, MOST_WINDOWS).round().astype(int))
    return np.stack([asked[i] for i in taken]), np.array([recorder.times_s[i] for i in taken], np.float32)


def varied(windows: types.Pixels, random: np.random.Generator) -> types.Pixels:
    """Return one altered copy of each window: mirrored, nearer, brighter or darker, of other contrast, blurred, compressed again, grey."""
    return np.stack([_alter(window, random) for window in windows]) if len(windows) else windows


def _alter(window: types.Pixels, random: np.random.Generator) -> types.Pixels:
    pictures = _nearer(window[:, :, ::-1] if random.random() < 0.5 else window, random)
    gain, offset = random.uniform(0.75, 1.3), random.uniform(-25, 25)
    blur, quality = random.choice([0, 0, 3, 5]), int(random.integers(25, 90))
    is_grey = random.random() < 0.15
    return np.stack(list(_altered(pictures, gain, offset, int(blur), quality, is_grey)))


def _nearer(window: types.Pixels, random: np.random.Generator) -> types.Pixels:
    """Return a part of all pictures of a window, as large as they are."""
    side = round(fight.SIDE_PX * random.uniform(0.8, 1.0))
    left, top = random.integers(0, fight.SIDE_PX - side + 1, 2)
    parts = [np.ascontiguousarray(picture[top : top + side, left : left + side]) for picture in window]
    return np.stack([np.asarray(cv2.resize(part, (fight.SIDE_PX, fight.SIDE_PX)), np.uint8) for part in parts])


def _altered(
    pictures: Sequence[types.Pixels] | types.Pixels, gain: float, offset: float, blur: int, quality: int, is_grey: bool
) -> Iterable[types.Pixels]:
    for picture in pictures:
        made = np.asarray(np.clip(picture.astype(np.float32) * gain + offset, 0, 255), np.uint8)
        if blur:
            made = np.asarray(cv2.GaussianBlur(made, (blur, blur), 0), np.uint8)
        if is_grey:
            made = np.asarray(cv2.cvtColor(cv2.cvtColor(made, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR), np.uint8)
        _, coded = cv2.imencode(".jpg", made, [cv2.IMWRITE_JPEG_QUALITY, quality])
        yield np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)
