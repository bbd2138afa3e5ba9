"""Cues of misuse: repeated, without an incident, off shift, denied; and nothing where there is nothing to ask."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from sharing_hub.domain import misuse

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
LIMITS = misuse.Limits()


def look(minutes: float = 0, camera: str = "lawn", **changes: object) -> misuse.Look:
    values: dict[str, object] = {"person": "kim", "name": "Kim", "has_incident": False, "permitted": True, **changes}
    return misuse.Look(NOON + timedelta(minutes=minutes), camera_id=camera, **values)  # type: ignore[arg-type]


def kinds(*looks: misuse.Look) -> list[str]:
    return [cue.kind for cue in misuse.cues(looks, LIMITS)]


def test_five_looks_at_one_camera_in_a_day_without_an_incident_are_asked_about() -> None:
    assert kinds(*(look(i) for i in range(5))) == ["repeated"]
    assert kinds(*(look(i) for i in range(4))) == []
    assert kinds(*(look(i, has_incident=True) for i in range(9))) == []
    assert kinds(*(look(i, camera=f"c{i}") for i in range(5))) == []
    assert kinds(*(look(i * 24 * 60) for i in range(5))) == [], "one a day is a round, not a curiosity"


def test_the_cue_names_who_which_camera_how_often_and_when() -> None:
    (cue,) = misuse.cues([look(i) for i in (9, 3, 5, 7, 1)], LIMITS)
    assert (cue.person, cue.camera_id, cue.count) == ("kim", "lawn", 5)
    assert (cue.first_at, cue.last_at) == (NOON + timedelta(minutes=1), NOON + timedelta(minutes=9))


def test_twenty_looks_without_an_incident_in_a_month_are_asked_about() -> None:
    assert kinds(*(look(i * 1440, camera=f"c{i}") for i in range(20))) == ["without_incident"]
    assert kinds(*(look(i * 1440, camera=f"c{i}") for i in range(19))) == []


def test_a_look_off_shift_is_asked_about_and_an_unknown_shift_is_not() -> None:
    assert kinds(look(on_shift=False, has_incident=True)) == ["off_shift"]
    assert kinds(look(on_shift=None), look(on_shift=True)) == []


def test_three_denied_attempts_in_a_day_are_asked_about() -> None:
    assert kinds(*(look(i, camera=f"c{i}", permitted=False) for i in range(3))) == ["denied"]
    assert kinds(*(look(i * 1000, permitted=False) for i in range(3))) == []


@given(st.lists(st.tuples(st.integers(0, 40_000), st.sampled_from("abc"), st.booleans(), st.booleans()), max_size=60))
def test_the_order_of_the_record_does_not_matter(facts: list[tuple[int, str, bool, bool]]) -> None:
    looks = [look(at, camera, has_incident=incident, permitted=permitted) for at, camera, incident, permitted in facts]
    assert misuse.cues(looks, LIMITS) == misuse.cues(looks[::-1], LIMITS)
