"""`jikimi-hub ledger …`: verify, export, verify an export, register witnesses, print registers.

Exit codes: 0 what was asked for was done and nothing is wrong; 1 something is wrong, and it is named; 2 not understood.
"""

import argparse
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import IO
from uuid import UUID

from sharing_hub import errors, ledger_key, settings
from sharing_hub import hub as hubs
from sharing_hub.domain import ledger as entries
from sharing_hub.domain import notes, viewers
from sharing_hub.services import (
    checkpoints,
    ledger,
    ledger_check,
    ledger_export,
    register_columns,
    register_forms,
    registers,
)

Settings = Callable[[argparse.Namespace], settings.Settings]
Clock = Callable[[], datetime]
_NOBODY = viewers.Viewer(UUID(int=0), entries.COMMAND_LINE.name, "auditor")
"""Whoever may read the data folder may read its rows."""


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]", of: Settings, clock: Clock) -> None:
    """Add the commands to a parser.

    Args:
        of: returns the settings that a command's arguments name.
    """
    verify = _command(commands, of, "verify", _verify, "verify every entry and checkpoint")
    verify.add_argument("--kept", type=Path, action="append", default=[], help="a checkpoint that was kept outside")
    verify.add_argument("--key", help="the ledger's public key as it was noted outside")
    export = _command(
        commands,
        of,
        "export",
        lambda chosen, c: _export(chosen, c, clock()),
        "write everything to a file that is verified offline",
    )
    export.add_argument("target", type=Path)
    offline = commands.add_parser("verify-export", help="verify an exported file; needs no hub")
    offline.add_argument("file", type=Path)
    offline.add_argument("--key", help="the ledger's public key as it was noted outside")
    offline.set_defaults(command=_verify_export)
    _command(commands, of, "key", lambda chosen, c: _key(c), "print the ledger's public key: note it outside")
    _command(commands, of, "checkpoint", lambda chosen, c: _checkpoint(c), "print the latest checkpoint")
    register = _command(
        commands, of, "register", lambda chosen, c: _register(chosen, c, clock()), "write a register of a month"
    )
    register.add_argument(
        "letter", choices=register_columns.LETTERS, help="a provision, b personal video, c access record"
    )
    register.add_argument("month", help="YYYY-MM, Korean time")
    register.add_argument("target", type=Path, help="a new file that ends in .csv or .html")
    witness = commands.add_parser("witness", help="who may co-sign checkpoints").add_subparsers(
        required=True, metavar="COMMAND"
    )
    add = _command(
        witness, of, "add", lambda chosen, c: _witness(chosen, c, clock()), "let somebody co-sign checkpoints"
    )
    add.add_argument("name")
    add.add_argument("key", help="NAME+KEYID+BASE64, as signed notes write it")
    _command(witness, of, "list", lambda chosen, c: _witnesses(c), "print who co-signs")


def _command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    of: Settings,
    name: str,
    run: Callable[[argparse.Namespace, settings.Settings], int],
    words: str,
) -> argparse.ArgumentParser:
    one = commands.add_parser(name, help=words, description=words)
    one.add_argument("--data", type=Path, help="the data folder, instead of a TOML file")
    one.add_argument("--config", type=Path, help="the hub's TOML file")
    one.set_defaults(command=lambda chosen: run(chosen, of(chosen)))
    return one


def _verify(chosen: argparse.Namespace, configured: settings.Settings) -> int:
    key = ledger_key.public_of(configured.data_dir) if chosen.key is None else notes.key_of(chosen.key)
    kept = [_text_of(path) for path in chosen.kept]
    wrong = 0
    with hubs.database_beside(configured) as db, db.reading() as session:
        for fault in ledger_check.faults(session, key, kept, only_this_key=chosen.key is not None):
            print(f"WRONG: {fault}")
            wrong += 1
        if not wrong:
            size, signed = ledger.size_of(session), checkpoints.count(session)
            root = ledger.frontier(session, size).root().hex()
            print(f"{configured.data_dir}: nothing wrong in {size} entries and {signed} checkpoints; root {root}")
            return 0
    print(f"{configured.data_dir}: {wrong} things wrong; the ledger is not what was recorded")
    return 1


def _export(chosen: argparse.Namespace, configured: settings.Settings, now: datetime) -> int:
    key = _the_key(configured)
    with hubs.database_beside(configured) as db:
        with db.writing() as session:  # on record, and signed, before the first line leaves
            ledger_export.note_export(session, now)
        with db.writing() as session:
            checkpoints.make(session, key, now)
        with db.reading() as session, _new(chosen.target) as file:
            for line in ledger_export.lines(session, key.public):
                file.write(line + "\n")
    print(f"{chosen.target}: exported; verify it anywhere with: jikimi-hub ledger verify-export {chosen.target}")
    return 0


def _verify_export(chosen: argparse.Namespace) -> int:
    expected = None if chosen.key is None else notes.key_of(chosen.key)
    try:
        with chosen.file.open(encoding="utf-8", newline="\n") as lines:
            found = ledger_export.verify(lines, expected)
    except (OSError, UnicodeDecodeError) as e:
        raise errors.Unprocessable(f"{chosen.file}: cannot be read: {e}") from e
    except errors.Unprocessable as e:
        raise errors.Unprocessable(f"{chosen.file}: WRONG: {e.detail}") from e
    print(f"{chosen.file}: nothing wrong in {found.size} entries; root {found.root.hex()}")
    print(
        f"signed by {found.key.text()}" + ("" if expected else "; compare this key with the one noted outside (--key)")
    )
    for name in found.cosigned_by:
        print(f"carries a co-signature of {name} (its key is not in the file: not verified)")
    return 0


def _key(configured: settings.Settings) -> int:
    print(_the_key(configured).public.text())
    return 0


def _checkpoint(configured: settings.Settings) -> int:
    with hubs.database_beside(configured) as db, db.reading() as session:
        print(checkpoints.note(session), end="")
    return 0


def _register(chosen: argparse.Namespace, configured: settings.Settings, now: datetime) -> int:
    form = chosen.target.suffix.removeprefix(".")
    if form not in ("csv", "html"):
        raise errors.Unprocessable(f"{chosen.target}: name a file that ends in .csv or .html")
    letter: register_columns.Letter = chosen.letter
    registers.month_of(chosen.month)
    with hubs.database_beside(configured) as db:
        with db.writing() as session:
            registers.note_export(session, entries.COMMAND_LINE, letter, chosen.month, form, None, now)
        with db.reading() as session:
            register = registers.read(session, _NOBODY, letter, chosen.month)
    with _new(chosen.target) as file:
        file.write(register_forms.as_csv(register) if form == "csv" else register_forms.as_html(register))
    print(f"{chosen.target}: {len(register.rows)} rows")
    return 0


def _witness(chosen: argparse.Namespace, configured: settings.Settings, now: datetime) -> int:
    with hubs.database_beside(configured) as db, db.writing() as session:
        key = checkpoints.add_witness(session, chosen.name, chosen.key, now)
    print(f"{key.name} may co-sign checkpoints: POST /v1/ledger/cosignatures")
    return 0


def _witnesses(configured: settings.Settings) -> int:
    with hubs.database_beside(configured) as db, db.reading() as session:
        for key in checkpoints.witnesses(session):
            print(key.text())
    return 0


def _the_key(configured: settings.Settings) -> ledger_key.LedgerKey:
    key = ledger_key.load(configured.data_dir)
    if key is None:
        raise errors.StoreError(f"{configured.data_dir}: holds no ledger's key yet; start the hub once")
    return key


def _new(path: Path) -> IO[str]:
    """Open a new file that only its owner reads.

    Raises:
        StoreError: there is one already, or it cannot be made.
    """
    try:
        return open(path, "x", encoding="utf-8", newline="", opener=lambda name, flags: os.open(name, flags, 0o600))
    except OSError as e:
        raise errors.StoreError(f"{path}: cannot be made ({e.strerror}); name a new file") from e


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as e:
        raise errors.StoreError(f"{path}: cannot be read as a checkpoint: {e}") from e
