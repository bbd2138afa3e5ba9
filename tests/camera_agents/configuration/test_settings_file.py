from pathlib import Path

import pytest

from camera_agents import errors
from camera_agents.configuration import settings, settings_file, settings_form, settings_reference
from detection import types

GOOD = """
[agent]
site = "park"
state_dir = "state"
[[camera]]
id = "yard"
name = "Yard"
url = "rtsp://192.0.2.1/main"
user = "op"
password = "${PASS}"
[camera.schedule]
analysis_fps = 4
[[camera.zone]]
name = "pump"
kind = "intrusion"
points = [[0, 0], [1, 0], [1, 1]]
classes = ["person"]
"""


def load(tmp_path: Path, text: str, **environment: str) -> settings.Agent:
    path = tmp_path / "agent.toml"
    path.write_text(text)
    return settings_file.load(path, environment)


def refusals(tmp_path: Path, text: str, **environment: str) -> tuple[str, ...]:
    with pytest.raises(errors.SettingsError) as caught:
        load(tmp_path, text, **environment)
    prefix = f"{tmp_path / 'agent.toml'}:"
    assert all(fault.startswith(prefix) for fault in caught.value.faults)
    return tuple(fault.removeprefix(prefix) for fault in caught.value.faults)


def test_a_good_file_becomes_values(tmp_path: Path) -> None:
    made = load(tmp_path, GOOD, PASS="p@ss/word")
    (camera,) = made.cameras
    assert camera.main.url == "rtsp://op:p%40ss%2Fword@192.0.2.1/main"
    assert made.state_dir == tmp_path / "state"
    assert camera.profile.schedule.analysis_fps == 4
    assert camera.profile.zones[0].classes == frozenset({types.ObjectClass.PERSON})
    assert types.Kind.INTRUSION in camera.profile.kinds
    assert types.Kind.OFFLINE in camera.profile.kinds


def test_no_password_is_shown_when_the_values_are_printed(tmp_path: Path) -> None:
    assert "p%40ss" not in repr(load(tmp_path, GOOD, PASS="p@ss"))


@pytest.mark.parametrize(
    ("line", "instead", "number", "fault"),
    [
        ('site = "park"', 'site = "park"\nsit = 1', 4, "unknown key 'sit': did you mean 'site'?"),
        ('id = "yard"', 'id = "Yard 1"', 6, "id: "),
        ("analysis_fps = 4", "analysis_fps = 900", 12, "schedule.analysis_fps: is 900.0; write a value from 0.2 to 60"),
        ("analysis_fps = 4", "analyses_fps = 4", 12, "did you mean 'analysis_fps'?"),
        ('kind = "intrusion"', 'kind = "intrusoin"', 15, "zone.0.kind: "),
        ("points = [[0, 0], [1, 0], [1, 1]]", "points = [[0, 0], [1, 0]]", 16, "zone 'pump', points"),
        ("rtsp://192.0.2.1/main", "http://192.0.2.1/main", 8, "write rtsp://host:554/path"),
        ("rtsp://192.0.2.1/main", "rtsp://op:a/b?c@192.0.2.1/main", 8, "write %2F %3F or %23"),
        ("${PASS}", "${OTHER}", 10, "the environment has no OTHER"),
        ("[camera.schedule]", "[camera.shedule]", 11, "did you mean 'schedule'?"),
    ],
)
def test_a_fault_is_told_with_its_line_and_what_to_write(
    tmp_path: Path, line: str, instead: str, number: int, fault: str
) -> None:
    (found,) = refusals(tmp_path, GOOD.replace(line, instead), PASS="x")
    assert found.startswith(f"{number}: ")
    assert fault in found


def test_all_faults_are_told_at_once_in_the_files_order(tmp_path: Path) -> None:
    text = GOOD.replace("site", "sit").replace("analysis_fps = 4", "analysis_fps = 900") + '[[camera]]\nid = "b"\n'
    found = refusals(tmp_path, text, PASS="x")
    assert [fault.partition(":")[0] for fault in found] == ["2", "3", "12", "18", "18"]


def test_an_id_used_twice_is_refused(tmp_path: Path) -> None:
    again = '[[camera]]\nid = "yard"\nname = "Again"\nurl = "rtsp://x/y"\n'
    assert "used twice" in refusals(tmp_path, GOOD + again, PASS="x")[0]


def test_a_fault_never_repeats_a_password(tmp_path: Path) -> None:
    text = GOOD.replace("rtsp://192.0.2.1/main", "rstp://op:topsecret@192.0.2.1/main").replace("${PASS}", "topsecret")
    assert not any("topsecret" in fault for fault in refusals(tmp_path, text))


def test_a_missing_file_says_where_to_begin(tmp_path: Path) -> None:
    with pytest.raises(errors.SettingsError, match=r"agent\.example\.toml"):
        settings_file.load(tmp_path / "none.toml", {})


def test_a_camera_that_is_not_recorded_keeps_two_minutes_for_clips(tmp_path: Path) -> None:
    made = load(
        tmp_path, GOOD.replace("[camera.schedule]", "[camera.recording]\non = false\n[camera.schedule]"), PASS="x"
    )
    assert made.cameras[0].recording == settings.Recording(False, settings.SPOOL)


def test_the_example_is_accepted_where_its_secrets_are_given(tmp_path: Path) -> None:
    example = (Path(settings_file.__file__).parents[1] / "agent.example.toml").read_text()
    (tmp_path / "park-road-01.password").write_text("secret\n")
    (tmp_path / "cameras-ca.pem").write_text("")
    assert len(load(tmp_path, example, PARK_EAST_PASSWORD="x").cameras) == 2


def test_the_reference_says_what_every_key_means() -> None:
    text = settings_reference.markdown()
    tables: tuple[type[settings_form.Table], ...] = (
        settings_form.CameraTable,
        settings_form.ZoneTable,
        *settings_form.TUNING_TABLES.values(),
    )
    for table in tables:
        for name, field in table.model_fields.items():
            if name not in ("recording", "calibration", "zone"):
                assert f"| `{name}` |" in text
                assert field.description, f"{table.__name__}.{name} is not described"


CALIBRATED = """
[camera.calibration]
points = [[0.3, 0.9], [0.7, 0.9], [0.6, 0.5], [0.4, 0.5]]
width_m = 3.5
length_m = 16
"""


def test_a_calibration_becomes_part_of_the_cameras_profile(tmp_path: Path) -> None:
    (camera,) = load(tmp_path, GOOD + CALIBRATED, PASS="x").cameras
    assert camera.profile.calibration is not None
    assert camera.profile.calibration.ground((0.7, 0.9)) == pytest.approx((3.5, 0.0), abs=1e-6)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("[0.6, 0.5], [0.4, 0.5]", "[0.4, 0.5], [0.6, 0.5]", "20: calibration.points: the edge from point 2"),
        ("[0.6, 0.5]", "[1.6, 0.5]", "20: calibration.points: point 3 (1.6,0.5) is outside the picture"),
        ("width_m = 3.5", "width_m = 0", "21: calibration.width_m: is 0"),
        ("length_m", "lenght_m", "22: unknown key 'lenght_m': did you mean 'length_m'?"),
    ],
)
def test_a_calibration_that_cannot_be_meant_is_refused_at_its_line(
    tmp_path: Path, old: str, new: str, fault: str
) -> None:
    found = refusals(tmp_path, GOOD + CALIBRATED.replace(old, new), PASS="x")
    assert any(text.startswith(fault) for text in found), found


HOURS = (
    GOOD.replace('classes = ["person"]', 'active = ["mon-fri 22:00-06:00"]')
    + "[camera.active]\nfrozen = ['sun 10:00-12:00']\n"
)


def test_hours_of_zones_and_kinds_are_read_in_the_sites_time_zone(tmp_path: Path) -> None:
    (camera,) = load(
        tmp_path, HOURS.replace('site = "park"', 'site = "park"\ntime_zone = "Asia/Seoul"'), PASS="x"
    ).cameras
    monday_2230_in_seoul = camera.week_minute(1_767_619_800)  # 2026-01-05T13:30Z
    assert monday_2230_in_seoul == 22 * 60 + 30
    assert camera.profile.is_on(types.Kind.INTRUSION, monday_2230_in_seoul)
    assert not camera.profile.is_on(types.Kind.INTRUSION, 12 * 60)
    assert not camera.profile.is_on(types.Kind.FROZEN, monday_2230_in_seoul)
    assert camera.profile.is_on(types.Kind.OFFLINE, 12 * 60)


@pytest.mark.parametrize(
    ("old", "new", "line", "fault"),
    [
        (
            "22:00-06:00",
            "22:00",
            17,
            "zone 'pump', active: 'mon-fri 22:00' is no span of the week; write days and hours",
        ),
        ("sun 10:00", "son 10:00", 19, "active.frozen: 'son 10:00-12:00' names no day; days are mon, tue"),
        ("frozen", "loitering", 19, "active.loitering: loitering is off; add loitering to kinds or take"),
        ("frozen", "freezing", 19, "active.freezing"),
        ('site = "park"', 'site = "park"\ntime_zone = "Asia/Soul"', 4, "no time zone 'Asia/Soul': write one such as"),
    ],
)
def test_wrong_hours_are_refused_with_their_line_and_what_to_write(
    tmp_path: Path, old: str, new: str, line: int, fault: str
) -> None:
    (found,) = refusals(tmp_path, HOURS.replace(old, new), PASS="x")
    assert found.startswith(f"{line}: ")
    assert fault in found


def test_an_experimental_kind_is_on_where_kinds_or_a_zone_name_it_with_thresholds_of_its_own(tmp_path: Path) -> None:
    assert types.Kind.WEAPON not in load(tmp_path, GOOD, PASS="x").cameras[0].profile.kinds
    named = GOOD.replace('name = "Yard"', 'name = "Yard"\nkinds = ["weapon", "intrusion"]\nweapon.score = 0.9')
    made = load(tmp_path, named, PASS="x").cameras[0].profile
    assert made.kinds == {types.Kind.WEAPON, types.Kind.INTRUSION}
    assert made.weapon.score == 0.9
    drawn = GOOD + '[[camera.zone]]\nname = "gate"\nkind = "weapon"\npoints = [[0, 0], [1, 0], [1, 1]]\n'
    assert types.Kind.WEAPON in load(tmp_path, drawn, PASS="x").cameras[0].profile.kinds


def test_kinds_can_be_turned_off_one_by_one(tmp_path: Path) -> None:
    text = GOOD.replace('name = "Yard"', 'name = "Yard"\nkinds_off = ["looped", "frozen"]')
    kinds = load(tmp_path, text, PASS="x").cameras[0].profile.kinds
    assert types.Kind.OFFLINE in kinds
    assert not kinds & {types.Kind.LOOPED, types.Kind.FROZEN}
