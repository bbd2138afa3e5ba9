"""Histograms on the disk: gone on with after a restart, begun anew where they are damaged or of other models."""

import json
import threading
from pathlib import Path

import pytest

from camera_agents.analysis import scorebook
from detection import histograms, types
from detection.evaluation import calibrate
from detection.types import Evidence, Kind
from tests.support import waiting

FIRENET = types.ModelUsed("firenet", "ab" * 32)
FIRE = types.Step(evidence=(Evidence(Kind.FIRE, 0.9),))


def book(folder: Path, *models: types.ModelUsed, save_s: float = scorebook.SAVE_S) -> scorebook.Scorebook:
    return scorebook.Scorebook(folder / scorebook.FILE, ["yard", "gate"], models or (FIRENET,), save_s)


def burn(kept: scorebook.Scorebook, *times_s: float) -> None:
    note = kept.keeper("yard")
    for time_s in times_s:
        note(time_s, FIRE)


def read(folder: Path, camera: str = "yard") -> histograms.Histogram:
    return calibrate.read(folder / scorebook.FILE, [camera])


def test_what_is_saved_is_read_by_calibrate_and_gone_on_with(tmp_path: Path) -> None:
    first = book(tmp_path)
    burn(first, 0, 30)
    first.save()
    second = book(tmp_path)
    burn(second, 1000, 1010)
    second.save()
    seen = read(tmp_path)
    assert seen.kinds[Kind.FIRE].at_least(0.9) == 2
    assert seen.watched_s == 40
    assert read(tmp_path, "gate").watched_s == 0
    assert [path.name for path in tmp_path.iterdir()] == [scorebook.FILE], "no draft is left"


def test_scores_of_another_model_are_begun_anew(tmp_path: Path) -> None:
    first = book(tmp_path)
    burn(first, 0, 30)
    first.save()
    second = book(tmp_path, types.ModelUsed("firenet", "cd" * 32))
    second.save()
    assert read(tmp_path).kinds == {}


@pytest.mark.parametrize("text", ["", '{"cameras": {"yard": {}}}', "[]", "{"])
def test_a_damaged_file_is_begun_anew(tmp_path: Path, text: str) -> None:
    (tmp_path / scorebook.FILE).write_text(text)
    kept = book(tmp_path)
    burn(kept, 0, 10)
    kept.save()
    assert read(tmp_path).watched_s == 10


def test_a_disk_that_takes_nothing_costs_the_agent_nothing(tmp_path: Path) -> None:
    kept = book(tmp_path / "gone")
    kept.save()
    assert not (tmp_path / "gone").exists()


def test_it_saves_now_and_then_and_when_it_is_stopped(tmp_path: Path) -> None:
    kept = book(tmp_path, save_s=0.01)
    running = threading.Thread(target=kept.run)
    running.start()
    try:
        waiting.wait_until((tmp_path / scorebook.FILE).exists, 20, "the first save")
        burn(kept, 0, 25)
    finally:
        kept.stop()
        running.join(20)
    assert read(tmp_path).watched_s == 25
    assert json.loads((tmp_path / scorebook.FILE).read_text())["version"] == 1
