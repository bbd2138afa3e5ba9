"""The hub's command line: `jikimi-hub run hub.toml`, and what an administrator does besides.

The only place that knows the real clock, the terminal and the process.
"""

import argparse
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from sharing_hub import (
    address,
    client_commands,
    errors,
    ledger_commands,
    ledger_key,
    logs,
    package_commands,
    people_commands,
    policy_commands,
    serving,
    settings,
)
from sharing_hub import hub as hubs
from sharing_hub.domain import ledger as entries
from sharing_hub.policy import loading
from sharing_hub.services import agents, backup, check, ledger, operators, recordings
from sharing_hub.store import blobs, database, schema

Command = Callable[[argparse.Namespace], int]
_NOBODY_READS = 128 + signal.SIGPIPE
"""As a shell shows it of a program that a closed pipe ended."""
_SWITCH_S = 0.0005
"""How long one thread may keep the interpreter: the event loop waits for the writer's thread ten times less than by default."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return the process's exit code: 0 done, 1 refused or found wrong, 2 not understood, 141 nobody reads what it says."""
    try:
        try:
            return _done(arguments)
        finally:
            sys.stdout.flush()  # here, where it can still be answered for that nobody reads on
    except BrokenPipeError:
        # Whoever read it (`head`) has what it wanted. What is still in the buffer goes nowhere, or the interpreter's end would complain of it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _NOBODY_READS


def _done(arguments: Sequence[str] | None) -> int:
    chosen = _parser().parse_args(arguments)
    command: Command = chosen.command
    try:
        return command(chosen)
    except errors.HubError as e:
        print(f"jikimi-hub: {e.detail}", file=sys.stderr)
        return 1


def _run(chosen: argparse.Namespace) -> int:
    configured = _settings(chosen)
    logs.configure(configured.log_level)
    sys.setswitchinterval(_SWITCH_S)
    for stop in (signal.SIGTERM, signal.SIGINT):
        signal.signal(stop, lambda number, frame: sys.exit(0))  # the server raises it again once it has stopped
    with hubs.opened(configured, _now) as hub:
        _first_admin(hub, chosen.admin_password_file)
        serving.serve(hub, lambda url: print(f"Jikimi hub: {url}", flush=True))
    return 0


def _first_admin(hub: hubs.Hub, password_file: Path | None) -> None:
    password = password_file.read_text().strip() if password_file else None
    with hub.database.writing() as session:
        made = operators.create_first_admin(session, password, hub.clock())
    if made is not None and password is None:
        print(f"First start. Log in as {operators.FIRST_NAME} with the one-time password: {made}", flush=True)


def _migrate(chosen: argparse.Namespace) -> int:
    configured = _settings(chosen)
    hubs.make_folder(configured)
    db = database.Database(configured.database_path)
    try:
        schema.upgrade(db)
        key = ledger_key.prepare(configured.data_dir).public.text()
        hubs.begin_ledger(configured, db, _now(), key, loading.load(configured.policy.folder))
        print(f"{configured.database_path}: schema {schema.revision(db)}")
    finally:
        db.close()
    return 0


def _backup(chosen: argparse.Namespace) -> int:
    configured = _settings(chosen)
    try:  # on record before the first byte is copied, and so in the copy too
        with hubs.database_beside(configured) as db:
            _note_copy(db, "backup.begun", chosen.target.name)
    except errors.StoreError as e:  # one of an older schema, or with a damaged ledger, is needed all the more
        print(f"the backup could not be put on record: {e.detail}", file=sys.stderr)
    backup.make(configured.data_dir, chosen.target, _now())
    print(f"{chosen.target}: backup made; keep it as safe as the hub, it holds pictures and keys")
    return 0


def _restore(chosen: argparse.Namespace) -> int:
    configured = _settings(chosen)
    for finding in backup.restore(chosen.source, configured.data_dir):
        print(finding)
    with hubs.database_beside(configured) as db:
        _note_copy(db, "backup.restored", chosen.source.name)
    print(f"{configured.data_dir}: restored from {chosen.source} and verified")
    return 0


def _note_copy(db: database.Database, action: str, name: str) -> None:
    with db.writing() as session:
        ledger.append(session, entries.Entry(_now(), action, entries.COMMAND_LINE, entries.Subject("backup", name)))


def _check(chosen: argparse.Namespace) -> int:
    configured = _settings(chosen)
    with hubs.database_beside(configured) as db:
        key = ledger_key.public_of(configured.data_dir)
        found = check.of_running(db.reading, blobs.FolderBlobs(configured.media_dir), key)
    for finding in found:
        print(finding)
    wrong = sum(finding.wrong for finding in found)
    print(f"{configured.data_dir}: {'nothing wrong' if not wrong else f'{wrong} things wrong'}")
    return 1 if wrong else 0


def _token(chosen: argparse.Namespace) -> int:
    configured = _settings(chosen)
    with hubs.database_beside(configured) as db, db.writing() as session:
        lifetime = timedelta(hours=configured.agents.token_hours)
        secret = agents.issue_token(session, chosen.site, "command line", _now(), lifetime)
    print(address.enrolment_token(configured, secret).text())
    return 0


def _agent_revoke(chosen: argparse.Namespace) -> int:
    with hubs.database_beside(_settings(chosen)) as db, db.writing() as session:
        agents.revoke(session, chosen.agent_id, _now())
        recordings.forget_agent(session, chosen.agent_id, _now())
    print(f"agent {chosen.agent_id} is refused from now on")
    return 0


def _print_settings(chosen: argparse.Namespace) -> int:
    print(settings.markdown())
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="jikimi-hub", description="The district hub.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    run = _command(commands, "run", _run, "serve until told to stop")
    run.add_argument("config", nargs="?", type=Path, help="the hub's TOML file")
    run.add_argument("--host", help="address to listen on (over the settings)")
    run.add_argument("--port", type=int, help="port to listen on; 0 picks a free one (over the settings)")
    run.add_argument("--admin-password-file", type=Path, help="holds the first administrator's one-time password")
    for name, command, words in (
        ("migrate", _migrate, "bring the database to this version's schema"),
        ("check", _check, "verify database, ledger, media files, signatures and counts"),
        ("backup", _backup, "copy everything to a new folder or .tar, while the hub runs or rests"),
        ("restore", _restore, "make a new data folder of a backup, verified"),
        ("token", _token, "print a one-time token with which a site enrols its agent"),
        ("revoke", _agent_revoke, "refuse an agent from now on"),
    ):
        one = _command(commands, name, command, words)
        one.add_argument("--config", type=Path, help="the hub's TOML file")
        for argument, kind in _ARGUMENTS.get(name, ()):
            one.add_argument(argument, type=kind)
    persons = commands.add_parser("operator", help="who logs in: invite, add, move, train, reset, disable")
    people_commands.add_to(persons.add_subparsers(required=True, metavar="COMMAND"), _settings, _now)
    systems = commands.add_parser("client", help="agencies' systems: add, rotate keys, disable")
    client_commands.add_to(systems.add_subparsers(required=True, metavar="COMMAND"), _settings, _now)
    records = commands.add_parser("ledger", help="verify, export and co-sign the record, and print its registers")
    ledger_commands.add_to(records.add_subparsers(required=True, metavar="COMMAND"), _settings, _now)
    rules = commands.add_parser("policy", help="check the access rules, and say who could see what")
    policy_commands.add_policy(rules.add_subparsers(required=True, metavar="COMMAND"), _settings, _now)
    books = commands.add_parser("book", help="show the district's book, or propose a change")
    policy_commands.add_book(books.add_subparsers(required=True, metavar="COMMAND"), _settings, _now)
    package_commands.add_to(commands)
    commands.add_parser("settings", help="print every setting as a Markdown table").set_defaults(
        command=_print_settings
    )
    return parser


_ARGUMENTS: Mapping[str, tuple[tuple[str, Callable[[str], object]], ...]] = {
    "backup": (("target", Path),),
    "restore": (("source", Path),),
    "token": (("site", str),),
    "revoke": (("agent_id", UUID),),
}


def _command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, command: Command, words: str
) -> argparse.ArgumentParser:
    one = commands.add_parser(name, help=words, description=words)
    one.add_argument("--data", type=Path, help="the data folder, instead of a TOML file")
    one.set_defaults(command=command)
    return one


def _settings(chosen: argparse.Namespace) -> settings.Settings:
    path: Path | None = chosen.config
    if (path is None) == (chosen.data is None):
        raise errors.SettingsError("give the hub's TOML file, or --data FOLDER for the defaults")
    configured = settings.load(path) if path is not None else settings.Settings(data_dir=chosen.data)
    given = {"host": getattr(chosen, "host", None), "port": getattr(chosen, "port", None)}
    server = configured.server.model_copy(update={name: value for name, value in given.items() if value is not None})
    return settings.check(configured.model_copy(update={"server": server}))


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    sys.exit(main())
