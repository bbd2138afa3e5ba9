"""`jikimi-hub ledger …` as an administrator runs it: words and exit codes."""

from pathlib import Path

import pytest

from sharing_hub import __main__ as command_line
from sharing_hub import worker
from sharing_hub.domain import notes
from tests.support import hub_site, recorded

WITNESS = notes.Key("fire.example.org", notes.COSIGNATURE, bytes(range(32)))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with hub_site.opened(tmp_path / "hub") as hub:
        recorded.fill(hub)
        worker.sign_checkpoint(hub)
    return tmp_path / "hub"


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str]:
    code = command_line.main(["ledger", *map(str, words)])
    said = capsys.readouterr()
    return code, said.out + said.err


def test_an_untouched_ledger_is_verified(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = run(capsys, "verify", "--data", folder)
    assert (code, "nothing wrong in 22 entries and 1 checkpoints" in said) == (0, True), said


def test_a_changed_one_is_named_by_verify_and_by_check(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recorded.force(folder, "UPDATE looks SET why = 'nothing' WHERE action = 'clip'")
    code, said = run(capsys, "verify", "--data", folder)
    assert (code, "WRONG: ledger entry 6: the row" in said) == (1, True), said
    assert command_line.main(["check", "--data", str(folder)]) == 1
    assert "WRONG: ledger entry 6: the row" in capsys.readouterr().out


def test_a_kept_checkpoint_and_a_noted_key_are_held_against_it(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, key = run(capsys, "key", "--data", folder)
    _, note = run(capsys, "checkpoint", "--data", folder)
    (tmp_path / "kept").write_text(note)
    given = ("verify", "--data", folder, "--kept", tmp_path / "kept", "--key")
    assert run(capsys, *given, key.strip())[0] == 0
    code, said = run(capsys, *given, WITNESS.text())
    assert (code, "is not signed with the ledger's key" in said) == (1, True)


def test_an_export_is_verified_offline_and_one_flipped_byte_is_found(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "ledger.jsonl"
    assert run(capsys, "export", "--data", folder, target)[0] == 0
    assert target.stat().st_mode & 0o077 == 0
    code, said = run(capsys, "verify-export", target)
    assert (code, "nothing wrong in 23 entries" in said) == (0, True), said
    data = target.read_bytes()
    at = data.index(b"curious")
    target.write_bytes(data[:at] + b"d" + data[at + 1 :])
    code, said = run(capsys, "verify-export", target)
    assert (code, "WRONG: ledger entry 8" in said) == (1, True), said
    assert run(capsys, "export", "--data", folder, target)[0] == 1  # never overwrites
    assert run(capsys, "verify-export", tmp_path / "none")[0] == 1


def test_a_register_is_written_and_that_is_on_record(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with hub_site.opened(folder) as hub:
        month = f"{hub.clock():%Y-%m}"
    for name in ("c.csv", "c.html"):
        code, said = run(capsys, "register", "--data", folder, "c", month, tmp_path / name)
        assert (code, "rows" in said) == (0, True), said
    assert (tmp_path / "c.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    for wrong in (("c", "2026-13", "x.csv"), ("c", month, "x.pdf"), ("c", month, "c.csv")):
        assert run(capsys, "register", "--data", folder, *wrong[:2], tmp_path / wrong[2])[0] == 1
    with hub_site.opened(folder) as hub:
        assert (
            recorded.actions(hub).count("register.exported") == 3
        )  # the file that was there was noticed after the record


def test_a_witness_is_registered_and_listed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "witness", "add", "--data", folder, WITNESS.name, WITNESS.text())[0] == 0
    assert run(capsys, "witness", "add", "--data", folder, "police", WITNESS.text())[0] == 1
    assert run(capsys, "witness", "list", "--data", folder) == (0, WITNESS.text() + "\n")


def test_a_backup_and_a_restore_are_on_record_and_the_key_goes_with_them(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command_line.main(["backup", "--data", str(folder), str(tmp_path / "copy.tar")]) == 0
    assert command_line.main(["restore", "--data", str(tmp_path / "new"), str(tmp_path / "copy.tar")]) == 0
    with hub_site.opened(tmp_path / "new") as hub:
        assert recorded.actions(hub)[-2:] == ["backup.begun", "backup.restored"]
    code, said = run(capsys, "verify", "--data", tmp_path / "new")
    assert (code, "and 1 checkpoints" in said) == (0, True), said


def test_a_folder_without_a_hub_is_refused_with_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = run(capsys, "verify", "--data", tmp_path)
    assert (code, "holds no hub's data" in said) == (1, True)
