"""Who stays clear: only who is certainly the one picked, and only as long."""

import pytest

from detection.redaction import areas, keeping, survey, tracks, values
from tests.detection.redaction import clips

SIZE = (clips.WIDTH, clips.HEIGHT)
PERSON, FACE = values.Sort.PERSON, values.Sort.FACE


def surveyed(
    figures: list[tuple[values.Sort, clips.Where]], missing: dict[int, range] | None = None
) -> tuple[tracks.Track, ...]:
    made = survey.Survey(clips.Told(figures, missing))
    for number in range(60):
        time_s = number / clips.FPS
        if made.wants(time_s):
            made.take(clips.frame(time_s, [where for _, where in figures]))
    return made.finish()


def at(time_s: float, where: clips.Where) -> values.Pick:
    box = where(time_s)
    assert box is not None
    return values.Pick(time_s, (box[0] + box[2]) / 2 / SIZE[0], (box[1] + box[3]) / 2 / SIZE[1])


def test_one_who_walks_alone_stays_clear_throughout_and_others_are_hidden() -> None:
    applicant, other = clips.walker(20, 20), clips.walker(20, 150)
    every = surveyed([(PERSON, applicant), (PERSON, other)])
    clear = keeping.choose(every, at(1.0, applicant), SIZE)
    assert (clear.from_s, clear.until_s) == pytest.approx((0, 3.8))
    hidden = areas.Plan(every, values.Level.PEOPLE_AND_PLATES, [clear], SIZE).at(2.0)
    (box,) = hidden.areas
    assert box[1] > 100


def test_after_two_came_close_the_one_picked_stays_hidden_for_the_rest() -> None:
    applicant, other = clips.walker(20, 60, 60), clips.walker(260, 62, -60)
    every = surveyed([(PERSON, applicant), (PERSON, other)])
    clear = keeping.choose(every, at(0.2, applicant), SIZE)
    assert 0.5 < clear.until_s < 2.0
    assert clear.ended[1] == "came close to somebody else"
    plan = areas.Plan(every, values.Level.PEOPLE_AND_PLATES, [clear], SIZE)
    assert len(plan.at(0.4).areas) == 1
    assert len(plan.at(3.5).areas) >= 2


def test_who_was_missed_at_a_look_is_hidden_from_there_on() -> None:
    applicant = clips.walker(20, 60)
    every = surveyed([(PERSON, applicant)], {0: range(8, 10)})
    clear = keeping.choose(every, at(0.5, applicant), SIZE)
    assert clear.until_s == pytest.approx(7 * 0.2)
    assert clear.ended[1] == "was not found any more"
    assert areas.Plan(every, values.Level.PEOPLE_AND_PLATES, [clear], SIZE).at(3.0).areas


def test_the_face_of_the_one_who_stays_clear_is_clear_and_a_second_face_is_a_doubt() -> None:
    applicant = clips.walker(100, 60, 0, (40, 120))
    face = clips.walker(110, 65, 0, (18, 20))
    every = surveyed([(PERSON, applicant), (FACE, face)])
    clear = keeping.choose(every, at(1.0, applicant), SIZE)
    assert areas.Plan(every, values.Level.PEOPLE_AND_PLATES, [clear], SIZE).at(1.0).areas == ()
    second = clips.walker(112, 130, 0, (18, 20))
    with pytest.raises(keeping.PickError, match="more than one face"):
        keeping.choose(surveyed([(PERSON, applicant), (FACE, face), (FACE, second)]), at(1.0, applicant), SIZE)


def test_one_face_found_twice_is_one_face() -> None:
    applicant, face = clips.walker(100, 60, 0, (40, 120)), clips.walker(110, 65, 0, (18, 20))
    again = clips.walker(113, 67, 0, (12, 15))
    every = surveyed([(PERSON, applicant), (FACE, face), (FACE, again)])
    assert keeping.choose(every, at(1.0, applicant), SIZE).until_s > 3


def test_a_point_on_nobody_or_on_two_is_refused() -> None:
    one, two = clips.walker(100, 60, 0), clips.walker(110, 60, 0)
    with pytest.raises(keeping.PickError, match="nobody"):
        keeping.choose(surveyed([(PERSON, one)]), values.Pick(1.0, 0.9, 0.9), SIZE)
    with pytest.raises(keeping.PickError, match="2 people"):
        keeping.choose(surveyed([(PERSON, one), (PERSON, two)]), values.Pick(1.0, 117 / SIZE[0], 0.4), SIZE)


def test_in_a_picture_hidden_whole_only_the_one_picked_is_clear() -> None:
    applicant = clips.walker(100, 60, 0)
    every = surveyed([(PERSON, applicant)])
    clear = keeping.choose(every, at(1.0, applicant), SIZE)
    hidden = areas.Plan(every, values.Level.WHOLE, [clear], SIZE).at(1.0)
    picture = clips.frame(1.0, [applicant]).bgr()
    masked = areas.hide(picture, hidden)
    assert (masked[62:118, 102:122] == picture[62:118, 102:122]).all()
    assert len({tuple(colour) for colour in masked[130:].reshape(-1, 3).tolist()}) < 40
