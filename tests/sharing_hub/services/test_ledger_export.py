"""An exported ledger is verified with nothing but the file; whatever was changed in it is found and named."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from sharing_hub import errors, worker
from sharing_hub.domain import merkle, notes
from sharing_hub.services import ledger_export
from tests.support import hub_site, recorded

Lines = list[str]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> tuple[Lines, notes.Key]:
    with hub_site.opened(tmp_path_factory.mktemp("hub")) as hub:
        recorded.fill(hub)
        worker.sign_checkpoint(hub)
        with hub.database.reading() as session:
            return list(ledger_export.lines(session, hub.ledger_key.public)), hub.ledger_key.public


def test_an_untouched_bundle_is_verified(bundle: tuple[Lines, notes.Key]) -> None:
    lines, key = bundle
    found = ledger_export.verify((line + "\n" for line in lines), key)
    assert (found.size, found.key, len(lines)) == (22, key, 24)


@pytest.mark.parametrize("index", range(22))
def test_an_altered_entry_is_named_even_with_its_hash_made_anew(bundle: tuple[Lines, notes.Key], index: int) -> None:
    lines = list(bundle[0])
    digest, _, body = lines[index + 1].partition(" ")
    body = body.replace('"why":', '"why":"x","y":', 1) if '"why":null' not in body else body.replace("null", '"x"', 1)
    lines[index + 1] = f"{digest} {body}"
    with pytest.raises(errors.Unprocessable, match=f"ledger entry {index}: "):
        ledger_export.verify(lines)
    body = bundle[0][index + 1].partition(" ")[2].replace("2026", "2025", 1)
    lines[index + 1] = f"{merkle.leaf_hash(body.encode()).hex()} {body}"
    with pytest.raises(errors.Unprocessable, match="do not give the checkpoint's root"):
        ledger_export.verify(lines)


CHANGES: dict[str, Callable[[Lines], Lines]] = {
    "ledger entry 4: ": lambda lines: lines[:5] + lines[6:],
    "ledger entry 5: ": lambda lines: [*lines[:5], lines[5], *lines[5:]],
    "ledger entry 6: ": lambda lines: [*lines[:7], lines[8], lines[7], *lines[9:]],
    "ledger entry 21: ": lambda lines: lines[:22],
    "the last line": lambda lines: lines[:23],
    "the first line": lambda lines: lines[1:],
    "a line was inserted": lambda lines: [*lines, lines[3]],
    "not signed": lambda lines: [*lines[:-1], json.dumps({"checkpoint": json.loads(lines[-1])["checkpoint"].replace("22", "20")})],
    "not a checkpoint": lambda lines: [*lines[:-1], "{}"],
    "not a key": lambda lines: [json.dumps({**json.loads(lines[0]), "key": "x"}), *lines[1:]],
}  # fmt: skip


@pytest.mark.parametrize("words", CHANGES)
def test_a_changed_bundle_is_refused_with_what_is_wrong(bundle: tuple[Lines, notes.Key], words: str) -> None:
    with pytest.raises(errors.Unprocessable, match=words):
        ledger_export.verify(CHANGES[words](list(bundle[0])))


def test_a_bundle_forged_with_a_key_of_its_own_is_found_by_who_knows_the_key(
    bundle: tuple[Lines, notes.Key], tmp_path: Path
) -> None:
    with hub_site.opened(tmp_path) as hub:
        worker.sign_checkpoint(hub)
        with hub.database.reading() as session:
            forged = list(ledger_export.lines(session, hub.ledger_key.public))
    assert ledger_export.verify(forged).size == 3
    with pytest.raises(errors.Unprocessable, match="the bundle is of"):
        ledger_export.verify(forged, bundle[1])


def test_an_empty_file_is_no_bundle() -> None:
    with pytest.raises(errors.Unprocessable):
        ledger_export.verify([])
