import re

from camera_agents.configuration import settings_form, settings_reference


def rows() -> dict[str, list[list[str]]]:
    """Return the cells of each table by its heading."""
    found: dict[str, list[list[str]]] = {}
    heading = ""
    for line in settings_reference.markdown().splitlines():
        if line.startswith("### "):
            heading = line.removeprefix("### ").strip("`")
        elif line.startswith("| `"):
            found.setdefault(heading, []).append([cell.strip() for cell in line.strip("|").split(" | ")])
    return found


def cell(heading: str, key: str) -> list[str]:
    return next(row for row in rows()[heading] if row[0] == f"`{key}`")


def test_every_table_of_the_file_has_its_heading_with_what_it_is_for() -> None:
    text = settings_reference.markdown()
    headings = re.findall(r"^### `(.+)`\n\n(.+)$", text, re.MULTILINE)
    tuning = [f"[camera.{name}]" for name in settings_form.TUNING]
    assert [place for place, _ in headings] == [
        "[agent]", "[hub]", "[disk]", "[clip]", "[detector]", "[[camera]]", "[camera.recording]",
        "[camera.calibration]", "[[camera.zone]]",
        *tuning,
    ]  # fmt: skip
    assert all(meaning[0].isupper() for _, meaning in headings)


def test_every_key_says_what_it_means() -> None:
    without = [f"{place} {row[0]}" for place, found in rows().items() for row in found if not row[2]]
    assert without == []


def test_a_key_without_a_default_is_said_to_be_needed() -> None:
    assert cell("[[camera]]", "url")[1] == "needed"
    assert cell("[agent]", "state_dir")[1] == "needed"


def test_defaults_are_written_as_the_file_writes_them() -> None:
    assert cell("[camera.recording]", "on")[1] == "`true`"
    assert cell("[clip]", "before_s")[1] == "`10.0`"
    assert cell("[[camera]]", "user")[1] == ""


def test_a_key_with_few_values_lists_them() -> None:
    assert cell("[[camera]]", "transport")[2].endswith("(tcp, udp)")
    assert cell("[agent]", "log_level")[2].endswith("(debug, info, warning, error)")


def test_tables_within_a_camera_are_not_listed_as_its_keys() -> None:
    keys = {row[0] for row in rows()["[[camera]]"]}
    assert not keys & {"`recording`", "`zone`", "`schedule`"}


def test_the_reference_holds_every_key_of_detections_own_settings() -> None:
    for name, kind in settings_form.TUNING.items():
        assert [row[0].strip("`") for row in rows()[f"[camera.{name}]"]] == list(kind.__dataclass_fields__)
