from camera_agents.configuration import toml_lines

TEXT = '''# head
title = "a # no comment [x]"
[agent]
site = "x"

[[camera]]
id = "one"
points = [
  [1, 2],  # ] not the end
  [3, 4],
]
text = """
[not.a.table]
key = 1
"""
after = 1
[[camera.zone]]
name = "z"
[camera.recording]
on = true
[[camera]]
id.sub = "two"
[[camera.zone]]
name = "a"
[[camera.zone]]
name = "b"
'''


def test_every_key_has_its_line() -> None:
    lines = toml_lines.find(TEXT)
    assert lines[("title",)] == 2
    assert lines[("agent", "site")] == 4
    assert lines[("camera", 0, "id")] == 7
    assert lines[("camera", 0, "after")] == 16
    assert lines[("camera", 0, "zone", 0, "name")] == 18
    assert lines[("camera", 0, "recording", "on")] == 20
    assert lines[("camera", 1, "id", "sub")] == 22
    assert lines[("camera", 1, "zone", 1, "name")] == 26


def test_what_stands_in_a_long_string_is_no_key() -> None:
    lines = toml_lines.find(TEXT)
    assert ("not", "a", "table") not in lines
    assert lines[("camera", 0, "text")] == 12


def test_a_path_without_a_line_takes_that_of_what_is_around_it() -> None:
    lines = toml_lines.find(TEXT)
    assert toml_lines.nearest(lines, ("camera", 1, "url")) == 21
