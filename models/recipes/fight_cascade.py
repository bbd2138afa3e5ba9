"""The whole way from frames to events on normal + fight + normal, joined at random offsets, by judges that never saw the scenes.

Clips are joined with hard cuts at 640x360 and 15 frames per second: normal parts are of the fight's own scene where it has any, else of others
that were held out with it. Scored by KISA's rule: the first alarm counts, from 2 s before the fight begins to 10 s after.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import onnxruntime

from detection import detector, experts, profile, types
from detection.evaluation import files, kisa, scores
from detection.examiners import fight
from detection.types import Kind
from models.recipes import fight_judge, fight_windows

SEED = 7
FIGHTS_A_FOLD, NORMALS_A_FOLD = 8, 4
WIDTH_PX, HEIGHT_PX, FPS = 640, 360, 15


@dataclass(frozen=True, slots=True)
class Joined:
    """A file of joined clips, and when the fight in it begins; None where there is none."""

    path: Path
    fight_s: float | None


class Judged(experts.Experts):
    """The features of the model that ships, judged by a judge of one fold."""

    def __init__(self, session: Any, judge: fight_judge.Judge) -> None:
        super().__init__()
        self._session = session
        self._judge = judge

    @property
    def used(self) -> dict[str, types.ModelUsed]:
        """A model for the one task."""
        return {fight.TASK: types.ModelUsed("judged", "0" * 64)}

    def ask(self, task: str, blob: experts.Blob) -> experts.Answer | None:
        """Answer as the model would that was trained without this fold."""
        features = self._session.run(None, {"frames": blob})[0]
        return (np.asarray(self._judge.score(features[None]), np.float32),)


def score(
    clips: Sequence[fight_windows.Clip],
    judges: Sequence[tuple[frozenset[str], fight_judge.Judge]],
    out: Path,
    finder: detector.Detector,
) -> None:
    """Join, watch and print."""
    session = onnxruntime.InferenceSession(
        str(out / "features.onnx"), detector.session_options(1), providers=["CPUExecutionProvider"]
    )
    random = np.random.default_rng(SEED)
    verdicts: list[kisa.Verdict] = []
    delays: list[float] = []
    wanted = profile.CameraProfile(frozenset({Kind.FIGHT}))
    for held, judge in judges:
        own = [clip for clip in clips if clip.short and clip.group in held]
        for joined in _join_fold(own, out / "joined", random):
            watched = files.watch(joined.path, wanted, finder, further=Judged(session, judge))
            first_s = min((event.raised_s for event in watched.raised), default=None)
            due = None if joined.fight_s is None else kisa.Due(joined.fight_s, 0.0, watched.duration_s)
            verdicts.append(kisa.judge(first_s, due))
            if first_s is not None and due is not None and verdicts[-1].tp:
                delays.append(first_s - due.start_s)
            print(f"{joined.path.name}: fight {joined.fight_s}, first alarm {first_s}", flush=True)
    _print(verdicts, delays)


def _print(verdicts: Sequence[kisa.Verdict], delays: Sequence[float]) -> None:
    tp, fp, fn = (sum(getattr(verdict, name) for verdict in verdicts) for name in ("tp", "fp", "fn"))
    low, high = scores.f1_interval(tp, fp, fn) or (0.0, 1.0)
    print(
        f"{len(verdicts)} files: tp {tp} fp {fp} fn {fn}, f1 {2 * tp / (2 * tp + fp + fn):.3f} ({low:.3f} to {high:.3f})"
    )
    print(f"delay: median {np.median(delays):.1f} s, 95 % within {np.percentile(delays, 95):.1f} s")


def _join_fold(own: Sequence[fight_windows.Clip], folder: Path, random: np.random.Generator) -> list[Joined]:
    folder.mkdir(parents=True, exist_ok=True)
    fights = [clip for clip in own if clip.fights]
    normal = [clip for clip in own if not clip.fights]
    made: list[Joined] = []
    for i in random.permutation(len(fights))[:FIGHTS_A_FOLD]:
        same = [clip for clip in normal if clip.group == fights[i].group]
        before, after = (_some(same or normal, int(random.integers(1, 4)), random) for _ in range(2))
        target = folder / f"{fights[i].path.stem}.mp4"
        begins_s = _write([*before, fights[i], *after], target, len(before))
        made.append(Joined(target, begins_s))
    for i in random.permutation(len(normal))[:NORMALS_A_FOLD]:
        same = [clip for clip in normal if clip.group == normal[i].group]
        target = folder / f"normal_{normal[i].path.stem}.mp4"
        _write(_some(same, 5, random), target, 0)
        made.append(Joined(target, None))
    return made


def _some(clips: Sequence[fight_windows.Clip], count: int, random: np.random.Generator) -> list[fight_windows.Clip]:
    return [clips[i] for i in random.choice(len(clips), count, replace=len(clips) < count)]


def _write(clips: Sequence[fight_windows.Clip], target: Path, fight_at: int) -> float:
    """Write clips one after the other and return when the one with this index begins."""
    written, begins_s = 0, 0.0
    with av.open(str(target), "w") as sink:
        stream: Any = sink.add_stream("libx264", rate=FPS, options={"crf": "26", "preset": "veryfast", "g": "15"})
        stream.width, stream.height, stream.pix_fmt = WIDTH_PX, HEIGHT_PX, "yuv420p"
        for number, clip in enumerate(clips):
            if number == fight_at:
                begins_s = written / FPS
            for picture in _pictures(clip.path):
                picture.pts, picture.time_base = written, Fraction(1, FPS)
                sink.mux(stream.encode(picture))
                written += 1
        sink.mux(stream.encode(None))
    return begins_s


def _pictures(path: Path) -> list[Any]:
    """Return a clip's pictures at `FPS` and the common size."""
    pictures: list[Any] = []
    with av.open(str(path)) as source:
        for frame in source.decode(video=0):
            if (frame.time or 0.0) >= len(pictures) / FPS - 1e-3:
                pictures.append(frame.reformat(WIDTH_PX, HEIGHT_PX, "yuv420p"))
    return pictures
