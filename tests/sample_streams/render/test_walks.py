"""The people of the rendered clips move without jumps, and the ground truth follows from what they do."""

import itertools
import math

import pytest

from sample_streams import manifest
from sample_streams.render import court, walks

CLIPS = {clip.name: clip for clip in court.CLIPS}


@pytest.mark.parametrize("act", walks.ACTS, ids=lambda act: act.name)
def test_nobody_jumps(act: walks.Act) -> None:
    stances = [walks.stance(act, i / 20) for i in range(round(act.seconds * 20))]
    for a, b in itertools.pairwise(stances):
        assert math.dist((a.x_m, a.y_m), (b.x_m, b.y_m)) < 0.12
        assert abs(a.tip_deg - b.tip_deg) < 16.0
        joints = a.turns.keys() | b.turns.keys()
        none = (0.0, 0.0, 0.0)
        assert all(math.dist(a.turns.get(j, none), b.turns.get(j, none)) < 35.0 for j in joints)


def test_only_the_one_who_falls_tips_over_and_does_so_within_a_second() -> None:
    tips = {act.name: [walks.stance(act, i / 20).tip_deg for i in range(round(act.seconds * 20))] for act in walks.ACTS}
    assert [name for name, tip in tips.items() if max(tip) > 30.0] == ["falling"]
    down = [i for i, tip in enumerate(tips["falling"]) if 10.0 < tip < 80.0]
    assert (down[-1] - down[0]) / 20 < 1.0


def test_standing_still_is_rendered_once() -> None:
    act = walks.find("bending")
    held = round(act.begins_s(6) * walks.FPS)  # crouched for three seconds
    assert not {held + 10, held + 20} & set(walks.rendered_frames(act))


def test_what_another_act_shows_already_is_not_rendered_again() -> None:
    first = walks.rendered_frames(walks.find("leaving"))[0]
    assert first == round(walks.find("leaving").begins_s(3) * walks.FPS)
    for i in range(first):
        assert walks.stance(walks.find("leaving"), i / walks.FPS) == walks.stance(walks.find("carrying"), i / walks.FPS)


@pytest.mark.parametrize("name", ["person_falls", "person_falls_ir"])
def test_the_manifest_says_when_the_fall_begins(name: str) -> None:
    (truth,) = manifest.load().find(name).truth
    assert truth.start_s == pytest.approx(court.falls_s(CLIPS[name]), abs=0.05)


def test_the_manifest_says_when_the_bags_owner_walks_off() -> None:
    (truth,) = manifest.load().find("bag_left").truth
    assert truth.start_s == pytest.approx(court.leaves_s(CLIPS["bag_left"]), abs=0.05)


@pytest.mark.parametrize(
    ("name", "twin"),
    [("person_falls", "person_bends"), ("person_falls_ir", "person_bends_ir"), ("bag_left", "bag_carried")],
)
def test_a_twin_shows_the_same_person_in_the_same_light(name: str, twin: str) -> None:
    ours, theirs = (walks.find(CLIPS[one].shown[0].act) for one in (name, twin))
    assert manifest.load().find(name).twin == twin
    assert (ours.start, ours.shirt, ours.trousers, ours.place) == (
        theirs.start,
        theirs.shirt,
        theirs.trousers,
        theirs.place,
    )
    assert CLIPS[name].look is CLIPS[twin].look
