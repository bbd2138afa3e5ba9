"""`jikimi-hub operator …` and `jikimi-hub client …` as an administrator runs them: words and exit codes."""

import json
import uuid
from pathlib import Path

import pytest

from sharing_hub import __main__ as command_line
from sharing_hub.services import invitations, operators
from tests.support import hub_site, recorded, systems


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("hub")
    with hub_site.opened(path):
        return path


def run(capsys: pytest.CaptureFixture[str], folder: Path, *words: object) -> tuple[int, str]:
    group, name, *others = map(str, words)
    code = command_line.main([group, name, "--data", str(folder), *others])
    said = capsys.readouterr()
    return code, (said.out + said.err).strip()


def test_people_are_invited_added_trained_moved_and_disabled(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, link = run(capsys, folder, "operator", "invite", "--role", "partner_lead", "--agency", "fire-119")
    assert code == 0
    added = ("operator", "add", "kim", "--role", "partner", "--agency", "fire-119", "--unit", "station 3")
    assert run(capsys, folder, *added, "--trained-until", "2027-03-31")[0] == 0
    assert run(capsys, folder, "operator", "train", "kim", "none") == (0, "kim: no valid training")
    moved = run(capsys, folder, "operator", "move", "kim", "--role", "partner_lead")
    assert moved == (0, "kim: partner_lead, station 3")
    assert run(capsys, folder, "operator", "remove-passkeys", "kim")[1].startswith("kim: 0 passkeys removed")
    assert run(capsys, folder, "operator", "disable", "kim") == (0, "kim may log in no more")
    with hub_site.opened(folder) as hub, hub.database.reading() as session:
        assert operators.find(session, "kim") is None
        assert invitations.require_good(session, link.partition("#/invitation/")[2], hub.clock()).role == "partner_lead"
        made = [entry for entry in recorded.entries(hub) if entry["action"].startswith(("operator.", "invitation."))]
    assert {entry["actor"]["kind"] for entry in made} == {"command line"}


@pytest.mark.parametrize(
    "words",
    [
        ("add", "lee", "--role", "admin", "--agency", "fire-119"),
        ("add", "lee", "--role", "partner", "--agency", "nobody"),
        ("invite", "--role", "partner"),
        ("train", "nobody", "2027-01-01"),
        ("remove-passkeys", "nobody"),
        ("move", "nobody", "--unit", "x"),
    ],
    ids=str,
)
def test_what_cannot_be_is_refused_in_words(
    folder: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    code, said = run(capsys, folder, "operator", *words)
    assert (code, said.startswith("jikimi-hub: ")) == (1, True)


def test_a_system_is_added_given_keys_listed_and_disabled(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    old.write_text(json.dumps(systems.public(systems.new_key())))
    new.write_text(json.dumps(systems.public(systems.new_key())))
    added = ("client", "add", "cad", "--agency", "fire-119", "--agreement", "2026-1", "--agreement-until", "2027-12-31")
    code, client_id = run(capsys, folder, *added, "--jwks", old)
    assert code == 0
    uuid.UUID(client_id)
    assert run(capsys, folder, *added, "--jwks", old)[0] == 1  # the name and the key are taken
    assert run(capsys, folder, "client", "rotate", client_id, "--jwks", new, "--keep-old-hours", 1)[0] == 0
    listed = run(capsys, folder, "client", "list")[1].splitlines()
    assert listed[0] == f"{client_id} fire-119 cad"
    assert ["until" in line for line in listed[1:3]].count(True) == 1
    assert run(capsys, folder, "client", "disable", client_id)[0] == 0
    assert run(capsys, folder, "client", "disable", client_id)[0] == 1


@pytest.mark.parametrize("text", ["", "[]", "{", '{"keys": []}'])
def test_a_file_that_holds_no_keys_is_named(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    path = tmp_path / "keys.json"
    path.write_text(text)
    added = ("client", "add", "x", "--agency", "fire-119", "--agreement", "1", "--agreement-until", "2027-12-31")
    assert run(capsys, folder, *added, "--jwks", path)[0] == 1
