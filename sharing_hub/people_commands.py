"""`jikimi-hub operator …`: who logs in. Whoever may read the data folder may do this; each step is on record as done at the command line."""

import argparse
import secrets
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

from sqlalchemy.orm import Session

from sharing_hub import address, errors, settings
from sharing_hub import hub as hubs
from sharing_hub.domain import district, viewers
from sharing_hub.services import invitations, operators, passkeys
from sharing_hub.store import tables

Settings = Callable[[argparse.Namespace], settings.Settings]
Clock = Callable[[], datetime]
Action = Callable[[argparse.Namespace, settings.Settings, Session, datetime], str]
_NO_DAY = "none"


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

    invite = command("invite", _invite, "print a link with which somebody makes an account, once, within seven days")
    add = command("add", _add, "let somebody log in with a one-time password")
    add.add_argument("name")
    for one in (invite, add):
        one.add_argument("--role", choices=viewers.ROLES, default="operator")
        one.add_argument("--agency", default=district.OWNER, help="the agency's id in the district's book")
        one.add_argument("--unit", default="", help="the part of the agency")
        one.add_argument("--trained-until", type=_day, help="last day of a valid training, YYYY-MM-DD")
    add.add_argument("--password-file", type=Path, help="holds the one-time password, instead of a made one")
    for name, action, words in (
        ("reset", _reset, "give an operator a new one-time password"),
        ("disable", _disable, "let an operator log in no more"),
        ("remove-passkeys", _remove_passkeys, "remove every passkey of somebody who lost one"),
    ):
        command(name, action, words).add_argument("name")
    train = command("train", _train, "note until when somebody's training is valid")
    train.add_argument("name")
    train.add_argument("until", type=_day, help=f"its last day, YYYY-MM-DD, or {_NO_DAY}")
    move = command("move", _move, "give somebody another role or unit")
    move.add_argument("name")
    move.add_argument("--role", choices=viewers.ROLES)
    move.add_argument("--unit")


def _run(chosen: argparse.Namespace, configured: settings.Settings, action: Action, now: datetime) -> int:
    with hubs.database_beside(configured) as db, db.writing() as session:
        words = action(chosen, configured, session, now)
    print(words)
    return 0


def _invite(chosen: argparse.Namespace, configured: settings.Settings, session: Session, now: datetime) -> str:
    secret = secrets.token_urlsafe(invitations.SECRET_BYTES)
    place = operators.Place(chosen.agency, chosen.role, chosen.unit)
    invitations.make(session, None, place, secret, now, _day_of(chosen.trained_until))
    return f"{address.public_url(configured)}/#/invitation/{secret}"


def _add(chosen: argparse.Namespace, configured: settings.Settings, session: Session, now: datetime) -> str:
    password = chosen.password_file.read_text().strip() if chosen.password_file else None
    made = operators.add(session, chosen.name, chosen.role, now, password, chosen.agency, chosen.unit)
    if chosen.trained_until is not None:
        operators.certify(session, _named(session, chosen.name), _day_of(chosen.trained_until), now)
    return f"{chosen.name} may log in" + (f" with the one-time password: {made}" if password is None else "")


def _reset(chosen: argparse.Namespace, configured: settings.Settings, session: Session, now: datetime) -> str:
    made = operators.reset_password(session, chosen.name, now)
    return f"{chosen.name} may log in with the one-time password: {made}"


def _disable(chosen: argparse.Namespace, configured: settings.Settings, session: Session, now: datetime) -> str:
    operators.disable(session, chosen.name, now)
    return f"{chosen.name} may log in no more"


def _remove_passkeys(chosen: argparse.Namespace, configured: settings.Settings, session: Session, now: datetime) -> str:
    count = passkeys.remove_all(session, _named(session, chosen.name), now)
    return f"{chosen.name}: {count} passkeys removed; the next login registers a new one"


def _train(chosen: argparse.Namespace, configured: settings.Settings, session: Session, now: datetime) -> str:
    until = _day_of(chosen.until)
    operators.certify(session, _named(session, chosen.name), until, now)
    return f"{chosen.name}: training valid until {until}" if until else f"{chosen.name}: no valid training"


def _move(chosen: argparse.Namespace, configured: settings.Settings, session: Session, now: datetime) -> str:
    row = _named(session, chosen.name)
    role, unit = chosen.role or row.role, row.unit if chosen.unit is None else chosen.unit
    operators.move(session, row, role, unit, now)
    return f"{chosen.name}: {role}, {unit or 'no unit'}"


def _named(session: Session, name: str) -> tables.Operator:
    row = operators.find(session, name)
    if row is None:
        raise errors.NotFound(f"no operator {name!r}")
    return row


def _day(text: str) -> str:
    if text != _NO_DAY:
        date.fromisoformat(text)  # argparse says which argument it was
    return text


def _day_of(text: str | None) -> date | None:
    return None if text in (None, _NO_DAY) else date.fromisoformat(text)
