"""`jikimi-hub client …`: agencies' systems. Whoever may read the data folder may do this; each step is on record as done at the command line."""

import argparse
import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy.orm import Session

from sharing_hub import errors, settings
from sharing_hub import hub as hubs
from sharing_hub.services import client_keys, clients

Settings = Callable[[argparse.Namespace], settings.Settings]
Clock = Callable[[], datetime]
Action = Callable[[argparse.Namespace, Session, datetime], str]
_MAX_FILE_BYTES = 64 * 1024


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]", of: Settings, clock: Clock) -> None:
    """Add the commands to a parser.

    Args:
        of: returns the settings that a command's arguments name.
    """

    def command(name: str, action: Action, words: str) -> argparse.ArgumentParser:
        one = commands.add_parser(name, help=words, description=words)
        one.add_argument("--config", type=Path, help="the hub's TOML file")
        one.add_argument("--data", type=Path, help="the data folder, instead of a TOML file")
        one.set_defaults(command=lambda chosen: _run(chosen, of(chosen), action, clock()))
        return one

    add = command("add", _add, "register a system of an agency, and print its client id")
    add.add_argument("name")
    add.add_argument("--agency", required=True, help="the agency's id in the district's book")
    add.add_argument("--agreement", required=True, help="number of the agreement that the agency answers under")
    add.add_argument("--agreement-until", required=True, type=date.fromisoformat, help="its last day, YYYY-MM-DD")
    add.add_argument("--scope", action="append", choices=clients.SCOPES, help="what it may; by default all")
    add.add_argument("--certificate-sha256", help="of the only client certificate that may show its tokens")
    rotate = command("rotate", _rotate, "give a system new keys")
    rotate.add_argument("--keep-old-hours", type=int, default=24, help="how long its other keys go on (24)")
    disable = command("disable", _disable, "refuse a system from now on")
    for one in (rotate, disable):
        one.add_argument("client_id", type=UUID)
    for one in (add, rotate):
        one.add_argument("--jwks", required=True, type=Path, help="JSON file with the JWK set of its public keys")
    command("list", _list, "print every system and its keys")


def _run(chosen: argparse.Namespace, configured: settings.Settings, action: Action, now: datetime) -> int:
    with hubs.database_beside(configured) as db, db.writing() as session:
        words = action(chosen, session, now)
    print(words)
    return 0


def _add(chosen: argparse.Namespace, session: Session, now: datetime) -> str:
    wanted = clients.Wanted(
        chosen.agency, chosen.name, _keys(chosen.jwks), chosen.agreement, chosen.agreement_until,
        tuple(chosen.scope or clients.SCOPES), _fingerprint(chosen.certificate_sha256),
    )  # fmt: skip
    return str(clients.add(session, wanted, now).client_id)


def _rotate(chosen: argparse.Namespace, session: Session, now: datetime) -> str:
    overlap = timedelta(hours=chosen.keep_old_hours)
    made = clients.rotate(session, chosen.client_id, _keys(chosen.jwks), overlap, now)
    return f"{made.name}: new keys are good now, its others until {(now + overlap).isoformat(timespec='seconds')}"


def _disable(chosen: argparse.Namespace, session: Session, now: datetime) -> str:
    clients.disable(session, chosen.client_id, now)
    return f"system {chosen.client_id} is refused from now on"


def _list(chosen: argparse.Namespace, session: Session, now: datetime) -> str:
    lines: list[str] = []
    for one in clients.listed(session):
        lines.append(f"{one.client_id} {one.agency_id} {one.name}{' (disabled)' if one.disabled_at else ''}")
        lines += [f"  {key.kid}{f' (until {key.retired_at})' if key.retired_at else ''}" for key in one.keys]
    return "\n".join(lines) or "no system is registered"


def _keys(path: Path) -> tuple[client_keys.PublicKey, ...]:
    try:
        text = path.read_bytes()[:_MAX_FILE_BYTES]
        key_set = json.loads(text)
    except (OSError, ValueError, RecursionError) as e:
        raise errors.Unprocessable(f"{path}: cannot be read as a JWK set: {e}") from e
    if not isinstance(key_set, dict):
        raise errors.Unprocessable(f"{path}: a JWK set is a JSON object")
    return client_keys.read(key_set)


def _fingerprint(text: str | None) -> str | None:
    if text is None:
        return None
    plain = text.replace(":", "").lower()
    if len(plain) != 64 or not set(plain) <= set("0123456789abcdef"):
        raise errors.Unprocessable(
            "--certificate-sha256: 64 hexadecimal digits, as `openssl x509 -fingerprint -sha256` prints them"
        )
    return plain
