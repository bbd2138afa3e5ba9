"""`jikimi-hub policy` and `jikimi-hub book`."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from sharing_hub import __main__ as command_line
from tests.support import desk, hub_site, sharing


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    with hub_site.opened(tmp_path) as hub:
        sharing.fire_at_the_gate(hub)
        with hub.database.writing() as session:
            session.add(desk.operator_row("privacy_officer", hub.clock(), name="han"))
            session.add(desk.operator_row("operator", hub.clock(), name="kim"))
    yield tmp_path


def test_who_could_see_a_camera_is_printed_as_a_table_and_as_json(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    simulate = ["policy", "simulate", "--data", str(folder), "--camera", "gate", "--at", "2026-07-01T12:00+09:00"]
    assert command_line.main(simulate) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("PERMIT") and "district/operator" in line for line in lines)
    assert any(line.startswith("deny") and "fire-119/partner" in line and "case-needed" in line for line in lines)
    assert command_line.main([*simulate, "--viewer", "district/operator", "--unproved", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert row["rule_ids"] == ["second-factor-needed", "training-needed"]


def test_a_viewer_of_no_agency_is_refused_with_the_known_ones(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line.main(["policy", "simulate", "--data", str(folder), "--camera", "gate", "--viewer", "mars"]) == 1
    assert "fire-119" in capsys.readouterr().err


def test_the_policies_are_checked_and_a_hub_with_wrong_ones_does_not_start(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = tmp_path / "hub.toml"
    settings.write_text('data_dir = "data"\n[policy]\nfolder = "rules"\n')
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "own.cedar").write_text(
        '@id("closed") @reason("닫힘") @reason_en("closed") forbid (principal, action, resource);', encoding="utf-8"
    )
    assert command_line.main(["policy", "check", "--config", str(settings)]) == 0
    assert "+ closed: 닫힘 / closed" in capsys.readouterr().out
    (rules / "own.cedar").write_text("permit (principal, action, resource);")
    assert command_line.main(["policy", "check", "--config", str(settings)]) == 1
    assert command_line.main(["run", str(settings), "--port", "0"]) == 1
    assert "has no @id" in capsys.readouterr().err
    assert not (tmp_path / "data" / "hub.db").exists()


def test_a_book_is_shown_changed_and_proposed_in_a_managers_name(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command_line.main(["book", "show", "--data", str(folder)]) == 0
    shown = json.loads(capsys.readouterr().out)
    file = folder.with_name("book.json")
    file.write_text(json.dumps({**shown, "name_en": "Elsewhere"}))
    propose = ["book", "propose", "--data", str(folder), str(file), "--on-top-of", "1", "--why", "a name"]
    assert command_line.main([*propose, "--as", "kim"]) == 1
    assert command_line.main([*propose, "--as", "nobody"]) == 1
    assert command_line.main([*propose, "--as", "han"]) == 0
    assert "version 2 waits" in capsys.readouterr().out
    assert command_line.main([*propose, "--as", "han"]) == 1
    file.write_text("{")
    assert command_line.main([*propose, "--as", "han"]) == 1
