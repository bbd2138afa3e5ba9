"""Masking: what of people who were labelled is hidden, and what it costs; missed ones are counted beside the throughput.

`make bench` measures on the sample clip. With a folder of pictures that may not ship it measures faces too:

    python -m tests.benchmarks.masking FOLDER

FOLDER holds `person_vehicle/coco_val100/images` (masking_faces.tsv: eyes and nose of 134 faces, from COCO's keypoints), `person_vehicle/clips/ozlu_pedestrians.mp4`
(masking_heads.tsv: 26 heads marked by hand in 8 of its frames, enlarged to 1252x720, all between looks) and `plates/cn_crops` (160 plates, set into a street
picture: edited). Labelled pictures whose hash is another are refused.
"""

import csv
import hashlib
import os
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

from detection import models, redaction
from sharing_hub.media import masking, plan
from tests.benchmarks import figures

HERE = Path(__file__).parent
VTEST = HERE.parents[1] / "sample_streams" / "clips" / "vtest.mp4"
PEOPLE, FACES, HEADS = (HERE / name for name in ("vtest_people.tsv", "masking_faces.tsv", "masking_heads.tsv"))
LABELLED_FPS, LABELLED_SCALE = 10.0, 960 / 768
HEADS_CLIP_SHA256 = "b7c91b659289b09d4d72a1f4e8f487380bf6c96ee82b057982e101019b81c7fd"
HEADS_PX = (1252, 720)
LEAST_FACE_PX = 24
HIDDEN_SHARE = 0.9
PLATES_PX, PLATES_AT_ONCE = (12, 16, 24, 32), 16
HEAD_SHARE = 0.2
FPS, SIZE_PX = 15, (1280, 720)
Pictures = Iterator[tuple[float, redaction.Frame]]


def run(quick: bool) -> list[figures.Figure]:
    """Measure on the sample clip, vtest."""
    return [*_people(20.0 if quick else 80.0), *_throughput(8 if quick else 20)]


def _people(seconds: float) -> list[figures.Figure]:
    """Survey vtest and see what of the people labelled in it is hidden."""
    labels: dict[int, list[redaction.Box]] = defaultdict(list)
    for row in _rows(PEOPLE):
        if row["label"] == "person" and int(row["frame"]) / LABELLED_FPS < seconds - 1:
            x1, y1, x2, y2 = (float(row[side]) * LABELLED_SCALE for side in ("x1", "y1", "x2", "y2"))
            labels[int(row["frame"])].append((x1, y1, x2, y2))
    every, size_px = _surveyed(frame for frame in _decoded(VTEST) if frame[0] < seconds)
    found = []
    for level, part, name in (
        (redaction.Level.PEOPLE_AND_PLATES, 1.0, "people hidden whole"),
        (redaction.Level.FACES_AND_PLATES, HEAD_SHARE, "their heads, level faces_and_plates"),
    ):
        chosen = redaction.Plan(every, level, (), size_px)
        boxes = [
            (number / LABELLED_FPS, (x1, y1, x2, y1 + part * (y2 - y1)))
            for number, there in labels.items()
            for x1, y1, x2, y2 in there
        ]
        found.append(_recall(f"masking: {name}", [_share(chosen.at(at), box, size_px) for at, box in boxes], ""))
    shown = [
        _area(redaction.Plan(every, level, (), size_px), size_px) for level in (redaction.Level.PEOPLE_AND_PLATES,)
    ]
    note = "what is hidden where nobody is costs the picture, not a person"
    return [*found, figures.Figure("masking: share of the picture hidden", shown[0], "", "", note)]


def _throughput(seconds: int) -> list[figures.Figure]:
    """Make a derivative of a 720p15 clip with people in it; CPU and wall clock per second of video."""
    with tempfile.TemporaryDirectory(prefix="jikimi-bench-") as name:
        source, target = Path(name) / "source.mp4", Path(name) / "target.mp4"
        _clip_720p15(source, seconds)
        mark = plan.Watermark("종로구", "시험", datetime(2026, 11, 28, tzinfo=UTC), "JK-BENCH")
        wanted = plan.MaskPlan(plan.PEOPLE_AND_PLATES)
        began_s, cpu_s = time.monotonic(), _cpu_s()
        report = masking.make_derivative(source, target, wanted, mark, models.default_folder(), lambda share: None)
        took_s, cpu_s = time.monotonic() - began_s, _cpu_s() - cpu_s
    note = f"{report.looks} looks, {report.duration_s:.0f} s, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    return [
        figures.Figure("masking: time per second of 720p15", took_s / report.duration_s, "s/s", "<= 1.00", note),
        figures.Figure("masking: CPU per second of 720p15", 1000 * cpu_s / report.duration_s, "ms/s", "", "loading included"),
    ]  # fmt: skip


def faces(folder: Path) -> list[figures.Figure]:
    """Measure on pictures and a clip that may not ship."""
    people = folder / "person_vehicle"
    pictures = people / "coco_val100" / "images"
    with redaction.ModelFinder(models.default_folder()) as finder:
        whole, half = _photographs(pictures, finder, 1.0), _photographs(pictures, finder, 0.5)
        plates = [_plates(folder, finder, height_px) for height_px in PLATES_PX]
    return [*whole, *half, *_heads(people / "clips"), *plates]


def _photographs(folder: Path, finder: redaction.ModelFinder, scale: float) -> list[figures.Figure]:
    """See whether eyes and nose are hidden in single pictures: nothing is followed, so this is the finders' own recall.

    Args:
        scale: below 1, pictures are shrunk, blurred and compressed hard, as a cheap camera would (edited).
    """
    labels: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in _rows(FACES):
        labels[row["picture"]].append(row)
    shares: dict[str, list[float]] = {"faces alone": [], "faces_and_plates": [], "smaller": []}
    for name, rows in labels.items():
        _require(folder / name, rows[0]["sha256"])
        bgr = cv2.imread(str(folder / name))
        if bgr is None:
            raise SystemExit(f"{name} is no picture")
        bgr = bgr if scale == 1 else _degraded(np.asarray(bgr, np.uint8), scale)
        height, width = (side & ~1 for side in bgr.shape[:2])
        picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(bgr[:height, :width], np.uint8), format="bgr24")
        every = [_still(one) for one in finder.find(redaction.frame_of(picture, 0.0), 0)]
        alone = [track for track in every if track.sort == redaction.Sort.FACE]
        for key, tracks in (("faces alone", alone), ("faces_and_plates", every)):
            hidden = redaction.Plan(tracks, redaction.Level.FACES_AND_PLATES, (), (width, height)).at(0.0)
            for row in rows:
                x1, y1, x2, y2 = (float(row[side]) * scale for side in ("x1", "y1", "x2", "y2"))
                share = _share(hidden, (x1, y1, x2 + 1, y2 + 1), (width, height))
                if int(row["size_px"]) * scale >= LEAST_FACE_PX:
                    shares[key].append(share)
                elif key == "faces_and_plates":
                    shares["smaller"].append(share)
    what = "photographs" if scale == 1 else "degraded"
    return [
        _recall(f"masking: faces >= 24 px, {what}, all finders", shares["faces_and_plates"], ">= 0.98"),
        _recall(f"masking: faces >= 24 px, {what}, centerface alone", shares["faces alone"], ""),
        _recall(f"masking: faces below 24 px, {what}, all finders", shares["smaller"], ""),
    ]


def _degraded(bgr: redaction.Pixels, scale: float, quality: int = 35) -> redaction.Pixels:
    small = cv2.GaussianBlur(cv2.resize(bgr, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), (0, 0), 0.7)
    _, coded = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)


def _heads(folder: Path) -> list[figures.Figure]:
    """See whether heads are hidden in frames that nobody looked at."""
    _require(folder / "ozlu_pedestrians.mp4", HEADS_CLIP_SHA256)
    frames = list(_decoded(folder / "ozlu_pedestrians.mp4", HEADS_PX))
    times_s = [time_s for time_s, _ in frames]
    every, size_px = _surveyed(iter(frames))
    chosen = redaction.Plan(every, redaction.Level.FACES_AND_PLATES, (), size_px)
    shares = []
    for row in _rows(HEADS):
        x1, y1, x2, y2 = (float(row[side]) for side in ("x1", "y1", "x2", "y2"))
        shares.append(_share(chosen.at(times_s[int(row["frame"])]), (x1, y1, x2, y2), size_px))
    return [_recall("masking: heads of 26 to 55 px between looks, clip", shares, ">= 0.98")]


def _plates(folder: Path, finder: redaction.ModelFinder, height_px: int) -> figures.Figure:
    """See whether plates of a height are hidden where they stand alone, without a vehicle around them: writing alone can find them."""
    _, street = list(_decoded(folder / "person_vehicle" / "clips" / "intel_car_detection.mp4", (1280, 720)))[100]
    crops = sorted((folder / "plates" / "cn_crops").glob("*.jpg"))[: PLATES_AT_ONCE * 10]
    chance, shares = np.random.default_rng(0), list[float]()
    for first in range(0, len(crops), PLATES_AT_ONCE):
        bgr, there = street.bgr().copy(), []
        for place, path in enumerate(crops[first : first + PLATES_AT_ONCE]):
            crop = cv2.imread(str(path))
            if crop is None:
                continue
            width_px = round(crop.shape[1] * height_px / crop.shape[0])
            by_x, by_y = (int(one) for one in chance.integers(0, 40, 2))
            x, y = 60 + 300 * (place % 4) + by_x, 90 + 160 * (place // 4) + by_y
            bgr[y : y + height_px, x : x + width_px] = cv2.resize(
                crop, (width_px, height_px), interpolation=cv2.INTER_AREA
            )
            there.append((x, y, x + width_px, y + height_px))
        picture = av.VideoFrame.from_ndarray(_degraded(bgr, 1.0, quality=70), format="bgr24")
        tracks = [_still(one) for one in finder.find(redaction.frame_of(picture, 0.0), 0)]
        writing = [track for track in tracks if track.sort == redaction.Sort.TEXT]
        hidden = redaction.Plan(writing, redaction.Level.FACES_AND_PLATES, (), (1280, 720)).at(0.0)
        shares += [_share(hidden, box, (1280, 720)) for box in there]
    return _recall(f"masking: plates {height_px} px high, set into a street, as writing", shares, "")


def _recall(name: str, shares: Sequence[float], goal: str) -> figures.Figure:
    missed = Counter(share >= HIDDEN_SHARE for share in shares)[False]
    recall = (len(shares) - missed) / len(shares)
    return figures.Figure(name, recall, "recall", goal, f"{missed} of {len(shares)} missed (less than 90 % hidden)")


def _surveyed(frames: Pictures) -> tuple[tuple[redaction.Track, ...], tuple[int, int]]:
    size_px = (0, 0)
    with redaction.ModelFinder(models.default_folder()) as finder:
        survey = redaction.Survey(finder)
        for time_s, frame in frames:
            size_px = (frame.width_px, frame.height_px)
            if survey.wants(time_s):
                survey.take(frame)
        return survey.finish(), size_px


def _share(hidden: redaction.Hidden, box: redaction.Box, size_px: tuple[int, int]) -> float:
    """Return the share of a box that is hidden."""
    covered = _covered(hidden, size_px)
    x1, y1, x2, y2 = (int(side) for side in box)
    part = covered[max(0, y1) : y2, max(0, x1) : x2]
    return float(part.mean()) if part.size else 1.0


def _covered(hidden: redaction.Hidden, size_px: tuple[int, int]) -> np.ndarray:
    covered = np.zeros((size_px[1], size_px[0]), bool)
    for x1, y1, x2, y2 in hidden.areas:
        covered[int(y1) : int(np.ceil(y2)), int(x1) : int(np.ceil(x2))] = True
    return covered


def _area(chosen: redaction.Plan, size_px: tuple[int, int]) -> float:
    return float(np.mean([_covered(chosen.at(second), size_px).mean() for second in range(1, 19)]))


def _still(one: redaction.Sighting) -> redaction.Track:
    track = redaction.Track(one.sort)
    track.append(0, 0.0, one.box, seen=True)
    return track


def _decoded(path: Path, size_px: tuple[int, int] | None = None) -> Pictures:
    with av.open(str(path)) as container:
        for picture in container.decode(video=0):
            if picture.pts is None or picture.time_base is None:
                continue
            shown = picture if size_px is None else picture.reformat(*size_px, interpolation="BICUBIC")
            yield (
                float(picture.pts * picture.time_base),
                redaction.frame_of(shown, float(picture.pts * picture.time_base)),
            )


def _clip_720p15(path: Path, seconds: int) -> None:
    """Write the middle of vtest, enlarged, as a street camera sends it."""
    with av.open(str(path), "w") as container:
        rules = {"b": "2000000", "preset": "veryfast", "g": "15", "bf": "0"}
        stream = container.add_stream("libx264", rate=FPS, options=rules)
        stream.width, stream.height, stream.pix_fmt = *SIZE_PX, "yuv420p"
        for number, (_, frame) in enumerate(_decoded(VTEST)):
            if number >= seconds * FPS:
                break
            large = cv2.resize(frame.bgr(), (1280, 960))[120:840]
            shown = av.VideoFrame.from_ndarray(np.ascontiguousarray(large, np.uint8), format="bgr24")
            shown.pts, shown.time_base = number, Fraction(1, FPS)
            container.mux(stream.encode(shown))
        container.mux(stream.encode(None))


def _cpu_s() -> float:
    return time.process_time()


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8") as lines:
        yield from csv.DictReader(lines, delimiter="\t")


def _require(path: Path, sha256: str) -> None:
    if hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
        raise SystemExit(f"{path.name} is not the file that was labelled")


if __name__ == "__main__":
    print(figures.table(faces(Path(sys.argv[1]))))
