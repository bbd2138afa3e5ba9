"""Looks joined into tracks: nothing found is lost, what was missed is followed, and followed back."""

import pytest

from detection import errors, types
from detection.redaction import finding, survey, tracks, values
from tests.detection.redaction import clips

PERSON = values.Sort.PERSON


def surveyed(figures: list[clips.Where], finder: clips.Told, seconds: float = 3.0) -> tuple[tracks.Track, ...]:
    made = survey.Survey(finder)
    for number in range(round(seconds * clips.FPS)):
        time_s = number / clips.FPS
        if made.wants(time_s):
            made.take(clips.frame(time_s, figures))
    return made.finish()


def overlap(a: types.Box | None, b: types.Box | None) -> float:
    assert a is not None and b is not None
    wide, high = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    return max(0.0, wide) * max(0.0, high) / ((b[2] - b[0]) * (b[3] - b[1]))


def test_one_walker_is_one_path_that_covers_every_frame() -> None:
    walker = clips.walker(20, 60)
    (track,) = surveyed([walker], clips.Told([(PERSON, walker)]))
    for number in range(45):
        assert overlap(track.at(number / clips.FPS), walker(number / clips.FPS)) > 0.9


def test_every_third_frame_is_looked_at_and_sooner_where_frames_are_far_apart() -> None:
    made = survey.Survey(clips.Told([]))
    wanted = []
    for number in range(12):
        wanted.append(made.wants(number / 30))
        if wanted[-1]:
            made.take(clips.frame(number / 30, []))
    assert wanted == [number % 3 == 0 for number in range(12)]
    slow = survey.Survey(clips.Told([]))
    for number in range(4):
        assert slow.wants(number / 4)
        slow.take(clips.frame(number / 4, []))


def test_who_is_missed_for_some_looks_is_followed_by_their_pixels() -> None:
    walker = clips.walker(20, 60, speed_px_s=40)
    (track,) = surveyed([walker], clips.Told([(PERSON, walker)], {0: range(5, 9)}))
    assert [track.seen[track.looks.index(look)] for look in (4, 5, 8, 9)] == [True, False, False, True]
    for number in range(12, 30):
        assert overlap(track.at(number / clips.FPS), walker(number / clips.FPS)) > 0.85


def test_who_is_found_late_is_followed_back_to_before() -> None:
    walker = clips.walker(20, 60, speed_px_s=40)
    (track,) = surveyed([walker], clips.Told([(PERSON, walker)], {0: range(6)}))
    assert track.looks[0] == 0 and not track.seen[0]
    for number in range(18):
        assert overlap(track.at(number / clips.FPS), walker(number / clips.FPS)) > 0.85


def test_two_who_pass_each_other_are_both_hidden_throughout() -> None:
    walkers = [clips.walker(20, 60, 60), clips.walker(260, 70, -60)]
    found = surveyed(walkers, clips.Told([(PERSON, one) for one in walkers]))
    for number in range(45):
        time_s = number / clips.FPS
        for one in walkers:
            assert max(overlap(box, one(time_s)) for track in found if (box := track.at(time_s)) is not None) > 0.9


def test_a_face_is_not_joined_to_a_person() -> None:
    walker = clips.walker(20, 60)
    found = surveyed([walker], clips.Told([(PERSON, walker), (values.Sort.FACE, walker)]))
    assert sorted(track.sort for track in found) == [values.Sort.FACE, PERSON]


def test_writing_stays_one_path_though_it_is_looked_for_at_each_fifth_look_only() -> None:
    sign = clips.walker(100, 100, 0, (50, 20))
    missing = {0: [look for look in range(30) if look % 5]}
    (track,) = surveyed([sign], clips.Told([(values.Sort.TEXT, sign)], missing), 5.0)
    assert all(track.at(number / clips.FPS) is not None for number in range(70))


@pytest.mark.parametrize("gone_s", [1.0])
def test_who_left_is_hidden_no_longer_than_a_moment(gone_s: float) -> None:
    def leaves(time_s: float) -> types.Box | None:
        return (100, 60, 130, 140) if time_s < gone_s else None

    (track,) = surveyed([leaves], clips.Told([(PERSON, leaves)]))
    assert track.at(gone_s + 0.3) is not None
    assert track.at(gone_s + 1.2) is None


class Late(clips.Told):
    """A finder whose looks end only when they are asked for.

    Attributes:
        most: looks that were begun and not over at one time; ended: in this order.
    """

    def __init__(self, figures: list[tuple[values.Sort, clips.Where]], fails_at: int = -1) -> None:
        super().__init__(figures)
        self.most, self.ended = 0, list[int]()
        self._fails_at, self._begun = fails_at, 0

    def begin(self, frame: types.Frame, look: int) -> finding.Found:
        found = super().begin(frame, look)
        self._begun += 1
        self.most = max(self.most, self._begun - len(self.ended))

        def end() -> tuple[values.Sighting, ...]:
            if look == self._fails_at:
                raise errors.ModelError("told", "does not answer", "ask again")
            self.ended.append(look)
            return found()

        return end


def test_looks_are_begun_ahead_within_bounds_and_joined_in_their_order() -> None:
    walker = clips.walker(20, 60)
    late = Late([(PERSON, walker)])
    (track,) = surveyed([walker], late)
    assert late.ended == list(range(15)) == track.looks
    assert late.most == survey.BEGUN_LOOKS
    (at_once,) = surveyed([walker], clips.Told([(PERSON, walker)]))
    assert (track.boxes, track.seen) == (at_once.boxes, at_once.seen)


def test_a_look_that_fails_ends_the_survey_though_it_is_the_last() -> None:
    walker = clips.walker(20, 60)
    with pytest.raises(errors.ModelError):
        surveyed([walker], Late([(PERSON, walker)], fails_at=14))
