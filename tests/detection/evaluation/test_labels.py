"""Labels files are read strictly, with errors that name file and line."""

from pathlib import Path

import pytest

from detection.evaluation import labels
from detection.evaluation.labels import LabelError, Task

HEADER = "path\ttask\tkind\tstart_s\tend_s\tvalue\tzone"


def write(folder: Path, *rows: str) -> Path:
    (folder / "a.mp4").touch()
    path = folder / "labels.tsv"
    path.write_text("\n".join((HEADER, *rows)) + "\n", encoding="utf-8")
    return path


def test_rows_are_read_as_they_are_meant(tmp_path: Path) -> None:
    first, second, third = labels.read(
        write(
            tmp_path,
            "a.mp4\tclip\tintrusion\t1.5\t9\t\t0,0;1,0;1,1",
            "",
            "a.mp4\tcount\tpeople\t\t\t12",
            "a.mp4\tclip\tnone\t\t\t\t",
        )
    )
    assert (first.task, first.kind, first.start_s, first.end_s) == (Task.CLIP, "intrusion", 1.5, 9.0)
    assert first.zone == ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0))
    assert (second.line, second.value, second.start_s) == (4, 12.0, None)
    assert (third.kind, third.zone) == ("none", ())
    assert first.path == tmp_path / "a.mp4"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("gone.mp4\tclip\tnone", "'gone.mp4' is not a file"),
        ("\tclip\tnone", "'an empty path' is not a file"),
        ("a.mp4\tvideo\tnone", "task 'video' is unknown; write one of image, clip, count"),
        ("a.mp4\tclip\tIntrusion\t1", "kind 'Intrusion' is unknown"),
        ("a.mp4\tclip\tpeople\t1", "kind 'people' is unknown"),
        ("a.mp4\tcount\tfire\t\t\t3", "kind 'fire' cannot be counted; write people"),
        ("a.mp4\tclip\tfire", "start_s is missing"),
        ("a.mp4\tclip\tfire\tsoon", "start_s 'soon' is no number"),
        ("a.mp4\tclip\tfire\t-1", "start_s '-1' is no number"),
        ("a.mp4\tclip\tfire\tnan", "start_s 'nan' is no number"),
        ("a.mp4\tclip\tfire\tinf", "start_s 'inf' is no number"),
        ("a.mp4\tclip\tfire\t5\t4", "end_s is before start_s"),
        ("a.mp4\tcount\tpeople", "value is missing"),
        ("a.mp4\tclip\tintrusion\t1\t\t\t0,0;1", "zone point '1' is no point"),
        ("a.mp4\tclip\tintrusion\t1\t\t\t0,0;640,480", "zone point '640,480' is no point"),
        ("a.mp4\tclip\tnone\t\t\t\t\t\t", "has 9 columns"),
    ],
)
def test_a_wrong_row_is_refused_with_its_line_and_what_to_write(tmp_path: Path, row: str, words: str) -> None:
    with pytest.raises(LabelError) as refused:
        labels.read(write(tmp_path, "a.mp4\tclip\tnone", row))
    assert f"labels.tsv:3: {words}" in str(refused.value)
    assert "; " in str(refused.value)


def test_a_file_without_header_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "labels.tsv"
    path.write_text("a.mp4,clip,none\n")
    with pytest.raises(LabelError, match=r"labels\.tsv:1: has no header"):
        labels.read(path)


def test_a_missing_or_binary_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LabelError, match="cannot be read"):
        labels.read(tmp_path / "none.tsv")
    (tmp_path / "b.tsv").write_bytes(b"\xff\xfe\x00path")
    with pytest.raises(LabelError, match="cannot be read"):
        labels.read(tmp_path / "b.tsv")
