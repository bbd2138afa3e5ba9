"""`jikimi-hub policy …` and `jikimi-hub book …`: check the policies, ask who could see what, read and propose the district's book.

Exit codes: 0 done; 1 refused or wrong, and it is named; 2 not understood.
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sharing_hub import errors, settings
from sharing_hub import hub as hubs
from sharing_hub.domain import actions, viewers
from sharing_hub.policy import loading
from sharing_hub.services import book, operators, simulation

Settings = Callable[[argparse.Namespace], settings.Settings]
Clock = Callable[[], datetime]


def add_policy(commands: "argparse._SubParsersAction[argparse.ArgumentParser]", of: Settings, clock: Clock) -> None:
    """Add the commands about the policies."""
    _command(commands, of, "check", _check, "check the policies against the schema and print what each is for")
    one = _command(
        commands, of, "simulate", lambda chosen, c: _simulate(chosen, c, clock()), "say who could see a camera, and why"
    )
    one.add_argument("--camera", required=True)
    one.add_argument("--action", choices=actions.ACTIONS, default="ViewLive")
    one.add_argument("--viewer", metavar="AGENCY[/ROLE]", help="of one agency, in one role; default: everybody")
    one.add_argument("--person", type=UUID, default=simulation.NOBODY, help="an id that grants to one person name")
    one.add_argument("--incident", type=UUID)
    one.add_argument("--purpose", help="default: that of the grant, of the share, or of the district's own use")
    one.add_argument("--legal-basis")
    one.add_argument("--masked", choices=actions.MASK_LEVELS, default="none", help="how much the picture is masked")
    one.add_argument("--recorded-at", type=_time, help="when the recording was made, with an offset")
    one.add_argument("--download", action="store_true", help="taken away rather than viewed")
    one.add_argument("--unproved", action="store_true", help="without second factor and training")
    one.add_argument("--at", type=_time, help="default: now")
    one.add_argument("--json", action="store_true")


def add_book(commands: "argparse._SubParsersAction[argparse.ArgumentParser]", of: Settings, clock: Clock) -> None:
    """Add the commands about the district's book."""
    _command(commands, of, "show", _show, "print the book in force as JSON; its version goes to stderr")
    one = _command(
        commands, of, "propose", lambda chosen, c: _propose(chosen, c, clock()), "propose a changed book for approval"
    )
    one.add_argument("file", type=Path, help="the whole book as `book show` prints it, changed")
    one.add_argument("--on-top-of", type=int, required=True, metavar="VERSION", help="the version that was changed")
    one.add_argument("--as", dest="name", required=True, help="the administrator or privacy officer who proposes it")
    one.add_argument("--why", required=True)


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


def _check(chosen: argparse.Namespace, configured: settings.Settings) -> int:
    policies = loading.load(configured.policy.folder)
    for name, words in sorted(policies.words.items()):
        mark = "+" if name in policies.changed else " "
        print(f"{mark} {name}: {words.text()}")
    print(f"{len(policies.words)} policies fit the schema; {len(policies.changed)} are the district's own (+)")
    print(f"sha256 {policies.digest}")
    return 0


def _simulate(chosen: argparse.Namespace, configured: settings.Settings, now: datetime) -> int:
    agency, _, role = (chosen.viewer or "").partition("/")
    who = simulation.Who(agency or None, role or None, chosen.person, not chosen.unproved)
    what = simulation.What(
        chosen.camera, chosen.action, chosen.incident, None, chosen.purpose, chosen.legal_basis, chosen.masked,
        chosen.recorded_at, chosen.download,
    )  # fmt: skip
    gate = hubs.access_of(configured, loading.load(configured.policy.folder))
    with hubs.database_beside(configured) as db, db.reading() as session:
        found = simulation.run(session, gate, who, what, chosen.at or now)
    if chosen.json:
        print(json.dumps([one.model_dump(mode="json") for one in found], ensure_ascii=False, indent=1))
    else:
        print("\n".join(table(found)))
    return 0


def table(found: Sequence[simulation.SimulatedView]) -> list[str]:
    """Return the answers as lines of text, one an agency and role."""
    lines = [f"{'':<8} {'agency/role':<28} {'purpose/basis':<32} why"]
    for one in found:
        answer = "PERMIT" if one.permitted else "deny"
        terms = f"{one.purpose or '-'}/{one.legal_basis or '-'}"
        why = f"{', '.join(one.rule_ids)}: {'; '.join(one.reasons)}"
        lines.append(f"{answer:<8} {f'{one.agency_id}/{one.role}':<28} {terms:<32} {why}")
    return lines


def _show(chosen: argparse.Namespace, configured: settings.Settings) -> int:
    with hubs.database_beside(configured) as db, db.reading() as session:
        version, found = book.in_force(session)
    print(book.write(found).decode())
    print(f"version {version}", file=sys.stderr)
    return 0


def _propose(chosen: argparse.Namespace, configured: settings.Settings, now: datetime) -> int:
    try:
        if chosen.file.stat().st_size > book.MAX_BYTES:
            raise errors.TooLarge(f"{chosen.file}: larger than {book.MAX_BYTES} bytes")
        changed = book.read(chosen.file.read_bytes())
    except OSError as e:
        raise errors.SettingsError(f"{chosen.file}: cannot be read ({e.strerror})") from e
    with hubs.database_beside(configured) as db, db.writing() as session:
        row = operators.find(session, chosen.name)
        if row is None or row.disabled_at is not None:
            raise errors.NotFound(f"nobody named {chosen.name} may sign in")
        viewer = viewers.Viewer(row.operator_id, f"{row.name} (command line)", row.role)
        version = book.propose(session, viewer, changed, chosen.on_top_of, chosen.why, now)
    print(f"version {version} waits for the approval of somebody else than {chosen.name}")
    return 0


def _time(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text} has no offset; write for example {text}+09:00")
    return at
