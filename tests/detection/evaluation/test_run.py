"""The evaluate command from labels to report, with the real model on sample clips."""

import argparse
import io
import json
from pathlib import Path
from typing import Any

import pytest

from detection.evaluation import kisa, labels, run, work
from detection.evaluation.labels import LabelError
from tests.support import shipped

SAMPLES = Path(__file__).resolve().parents[3] / "sample_streams"
HEADER = "\t".join(labels.COLUMNS)


def evaluate(*arguments: str) -> tuple[int, str, str]:
    parser = argparse.ArgumentParser()
    run.add_arguments(parser)
    out, err = io.StringIO(), io.StringIO()
    status = run.main(parser.parse_args(arguments), out, err)
    return status, out.getvalue(), err.getvalue()


ENOUGH_S = {"lawn.mp4": 25.0, "road_wrong_way.mp4": 17.0, "frozen.mp4": 20.0}
"""How much of a clip is watched: two seconds more than until the last of its events is raised."""


def subset(folder: Path, *names: str, extra: str = "") -> Path:
    """Write a labels file with the sample rows of some clips, and put what is watched of the clips beside it."""
    rows = (SAMPLES / "labels.tsv").read_text(encoding="utf-8").splitlines()[1:]
    (folder / "clips").mkdir(exist_ok=True)
    for name in names:
        path = shipped.beginning(name, ENOUGH_S[name]) if name in ENOUGH_S else shipped.CLIPS / name
        (folder / "clips" / name).symlink_to(path)
    chosen = [row for row in rows if row.split("\t")[0].removeprefix("clips/") in names]
    path = folder / "labels.tsv"
    path.write_text("\n".join([HEADER, *chosen, *filter(None, [extra])]) + "\n", encoding="utf-8")
    return path


@pytest.mark.process
def test_sample_clips_are_scored_and_reported_in_the_protocols_form(tmp_path: Path) -> None:
    names = ("lawn.mp4", "road_wrong_way.mp4", "frozen.mp4", "one_way.mp4")
    source = subset(tmp_path, *names, extra="clips/lawn.mp4\tclip\tclock_drift\t1\t\t\t")
    (tmp_path / "manifest.toml").write_bytes((SAMPLES / "manifest.toml").read_bytes())
    (tmp_path / "clips" / "broken.mp4").write_bytes(b"no video")
    with source.open("a", encoding="utf-8") as file:
        file.write("clips/broken.mp4\tclip\tnone\t\t\t\t\n")
    status, table, progress = evaluate(
        str(source), "--report", str(tmp_path / "out.json"), "--jobs", "2", "--kisa-out", str(tmp_path / "kisa")
    )
    report: dict[str, Any] = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert status == 1
    assert [one["line"] for one in report["unreadable"]] == [len(source.read_text().splitlines())]
    by_kind = {row["kind"]: row for row in report["results"]}
    for kind in ("intrusion", "loitering", "line_crossing", "wrong_way", "frozen"):
        assert (by_kind[kind]["tp"], by_kind[kind]["fp"], by_kind[kind]["fn"]) == (1, 0, 0), kind
        assert set(by_kind[kind]["delay_s"]) == {"p50", "p95"}
    assert by_kind["clock_drift"] == {"task": "clip", "kind": "clock_drift", "n": 3, "supported": False}
    assert report["results_by_provenance"].keys() == {"edited", "rendered", "unknown"}
    assert report["hours_normal"] == pytest.approx(9.7 / 3600, rel=0.05)
    assert report["false_alarms_per_camera_hour"]["wrong_way"] == 0.0
    assert report["models"][0]["name"] == "nanodet"
    assert len(report["settings"]["sha256"]) == 64
    assert "not supported" in table
    assert "100 %" in progress
    assert kisa.read(tmp_path / "kisa" / "lawn.Intrusion.xml").alarms
    assert not list((tmp_path / "kisa").glob("*Violence*"))


@pytest.mark.process
def test_a_clip_with_kisas_xml_beside_it_is_scored(tmp_path: Path) -> None:
    (row, *_) = [row for row in labels.read(SAMPLES / "labels.tsv") if row.path.name == "lawn.mp4"]
    video = tmp_path / "lawn.mp4"
    video.symlink_to(shipped.beginning("lawn.mp4", 17.0))
    zone = tuple((round(x * 768), round(y * 576)) for x, y in row.zone)
    kisa.write(tmp_path / "lawn.xml", kisa.Clip("lawn.mp4", "Intrusion", 17.0, zone, alarms=((12.8, 4.2),)))
    status, table, _ = evaluate(str(video), "--jobs", "1", "--quiet")
    assert status == 0
    cells = table.splitlines()[1].split()
    assert cells[:6] == ["clip", "intrusion", "1", "1", "0", "0"]


def test_a_clip_without_kisas_xml_is_refused(tmp_path: Path) -> None:
    with pytest.raises(kisa.KisaError, match="put the XML beside the video"):
        evaluate(str(tmp_path / "a.mp4"))


def test_a_wrong_zone_is_refused_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").touch()
    path = tmp_path / "labels.tsv"
    path.write_text(f"{HEADER}\na.mp4\tclip\tintrusion\t1\t\t\t0,0;1,1;1,0;0,1\n")
    with pytest.raises(LabelError, match=r"labels\.tsv:2: .*from point 1 \(0,0\) to point 2 \(1,1\)"):
        work.plan(path, labels.read(path))


def test_work_is_planned_once_per_file_with_all_its_zones(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").touch()
    (tmp_path / "b.jpg").touch()
    path = tmp_path / "labels.tsv"
    square = "0,0;1,0;1,1;0,1"
    rows = [
        f"a.mp4\tclip\tintrusion\t1\t\t\t{square}",
        f"a.mp4\tclip\tintrusion\t9\t\t\t{square}",
        "a.mp4\tclip\twrong_way\t9\t\t\t0,0;1,1",
        f"a.mp4\tclip\tflood\t9\t\t\t{square}",
        "a.mp4\tcount\tpeople\t2\t4\t5\t",
        "b.jpg\timage\tfall",
        "b.jpg\tcount\tpeople\t\t\t7",
    ]
    path.write_text("\n".join([HEADER, *rows]) + "\n")
    made = work.plan(path, labels.read(path))
    assert [(one.path.name, str(one.task), one.at_s) for one in made] == [
        ("a.mp4", "clip", 0.0), ("a.mp4", "count", 3.0), ("b.jpg", "count", 0.0),
    ]  # fmt: skip
    assert [str(rule.kind) for rule in made[0].rules] == ["intrusion", "wrong_way", "flood"]


def test_weapons_are_looked_for_in_pictures_and_clips(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").touch()
    (tmp_path / "b.jpg").touch()
    path = tmp_path / "labels.tsv"
    path.write_text(f"{HEADER}\na.mp4\tclip\tweapon\t1\nb.jpg\timage\tweapon\n")
    made = work.plan(path, labels.read(path))
    assert [(one.path.name, str(one.task)) for one in made] == [("a.mp4", "clip"), ("b.jpg", "image")]
    assert "weapon" in work.CLIP_KINDS & work.IMAGE_KINDS


def test_a_zone_of_normal_footage_is_watched_for_every_kind_it_could_be_of(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").touch()
    (tmp_path / "b.mp4").touch()
    path = tmp_path / "labels.tsv"
    path.write_text(f"{HEADER}\na.mp4\tclip\tnone\t\t\t\t0,0;1,0;1,1\nb.mp4\tclip\tnone\t\t\t\t0,0;1,0\n")
    polygon, arrow = work.plan(path, labels.read(path))
    assert [str(rule.kind) for rule in polygon.rules] == ["intrusion", "loitering", "flood"]
    assert [str(rule.kind) for rule in arrow.rules] == ["wrong_way"]


def test_the_value_of_an_illegal_parking_row_is_its_dwell(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").touch()
    (tmp_path / "b.mp4").touch()
    path = tmp_path / "labels.tsv"
    square = "0,0;1,0;1,1;0,1"
    path.write_text(f"{HEADER}\na.mp4\tclip\tillegal_parking\t5\t\t20\t{square}\nb.mp4\tclip\tnone\t\t\t20\t{square}\n")
    event, normal = work.plan(path, labels.read(path))
    assert [(str(rule.kind), rule.needed_s) for rule in event.rules] == [("illegal_parking", 20.0)]
    assert ("illegal_parking", 20.0) in [(str(rule.kind), rule.needed_s) for rule in normal.rules]


def test_speed_cannot_be_decided_by_labels_and_is_not_counted(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").touch()
    path = tmp_path / "labels.tsv"
    path.write_text(f"{HEADER}\na.mp4\tclip\tspeeding\t5\t\t50\t0,0;1,0;1,1;0,1\n")
    (made,) = work.plan(path, labels.read(path))
    assert made.rules == ()
    assert "speeding" not in work.CLIP_KINDS
