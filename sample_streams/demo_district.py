"""The demo's district: its book with the cameras' places, people of the control room and of agencies, and agencies' systems with keys.

Everything is made by the hub's own services, so that it stands in the ledger as it would in a real district: the book is proposed by one person and approved by another.
"""

import dataclasses
import ipaddress
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy.orm import Session

from sample_streams import demo_places
from sharing_hub import hub as hubs
from sharing_hub import settings, webhook_key
from sharing_hub.client import __main__ as client_commands
from sharing_hub.domain import default_district, district, viewers
from sharing_hub.domain import ledger as entries
from sharing_hub.gateway import destinations
from sharing_hub.services import book, client_keys, clients, endpoints, operators, passwords
from sharing_hub.store import tables

NAME = ("시연구", "Demo district")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can sign in at the demo."""

    name: str
    role: str
    agency_id: str = district.OWNER
    unit: str = ""


PEOPLE = (
    Person("operator", "operator", unit="관제 1조"),
    Person("leader", "leader", unit="관제 1조"),
    Person("privacy", "privacy_officer"),
    Person("auditor", "auditor"),
    Person("desk", "desk", unit="민원실"),
    Person("fire", "partner", "fire-119", "상황실"),
    Person("police", "partner", "police-112", "상황실"),
)
SYSTEMS = ("fire-119", "police-112")
"""Agencies whose systems are registered."""
AGREEMENT = "시연-2026-1"


@dataclass(frozen=True, slots=True)
class Seeded:
    """What was made.

    Attributes:
        clients: for each agency, the client id of its system; its key is in FOLDER/AGENCY.jwk.
        secrets: for each agency with an endpoint, the file that holds its secret.
    """

    folder: Path
    clients: Mapping[str, UUID]
    secrets: Mapping[str, Path]


def seed(chosen: settings.Settings, folder: Path, password: str, listeners: Mapping[str, str], now: datetime) -> Seeded:
    """Fill a demo's hub that runs.

    Args:
        folder: for the agencies' keys and secrets; made with mode 0700.
        password: of every person.
        listeners: where agencies want to be told, by agency.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    key = webhook_key.prepare(chosen.data_dir)
    with hubs.database_beside(chosen) as db, db.writing() as session:
        rows = _people(session, password, now)
        _book(session, rows, now)
        made = {agency_id: _system(session, agency_id, folder, now) for agency_id in SYSTEMS}
        told = {agency_id: _endpoint(session, agency_id, url, key, folder, now) for agency_id, url in listeners.items()}
        text = {agency_id: str(client_id) for agency_id, client_id in made.items()}
        (folder / "clients.json").write_text(json.dumps(text, indent=1))
        return Seeded(folder, made, told)


def make() -> district.District:
    """Return the demo's book."""
    known = tuple(place.facts() for place in demo_places.PLACES)
    return dataclasses.replace(default_district.make(*NAME), cameras=known)


def _people(session: Session, password: str, now: datetime) -> dict[str, tables.Operator]:
    digest = passwords.hashed(password)
    rows: dict[str, tables.Operator] = {}
    for person in PEOPLE:
        place = operators.Place(person.agency_id, person.role, person.unit)
        row = rows[person.name] = operators.create(session, person.name, place, digest, now)
        details: dict[str, entries.Detail] = {"agency_id": person.agency_id, "role": person.role, "unit": person.unit}
        operators.record(session, "operator.created", row, now, details)
        operators.certify(session, row, (now + timedelta(days=365)).date(), now)
    return rows


def _book(session: Session, rows: Mapping[str, tables.Operator], now: datetime) -> None:
    """Have the book proposed by the administrator and approved by the privacy officer."""
    admin = operators.find(session, operators.FIRST_NAME)
    if admin is None:
        return
    version, _ = book.in_force(session)
    proposed = book.propose(
        session, _viewer(admin), make(), version, "시연 구역의 카메라 위치 (the demo's cameras)", now
    )
    book.decide(session, _viewer(rows["privacy"]), proposed, True, now)


def _viewer(row: tables.Operator) -> viewers.Viewer:
    return viewers.Viewer(row.operator_id, row.name, row.role, agency_id=row.agency_id)


def _system(session: Session, agency_id: str, folder: Path, now: datetime) -> UUID:
    path = folder / f"{agency_id}.jwk"
    path.unlink(missing_ok=True)
    keys = client_keys.read(client_commands.make_key(path))
    wanted = clients.Wanted(agency_id, f"{agency_id} 시연", keys, AGREEMENT, (now + timedelta(days=365)).date())
    return clients.add(session, wanted, now).client_id


def _endpoint(
    session: Session, agency_id: str, url: str, key: webhook_key.WebhookKey, folder: Path, now: datetime
) -> Path:
    row = endpoints.add(session, agency_id, url, "cloudevents", _loopback(), entries.COMMAND_LINE, now)
    path = folder / f"{agency_id}.webhook"
    path.write_text(key.secret_of(row.endpoint_id, row.generation))
    path.chmod(0o600)
    return path


def _loopback() -> tuple[destinations.Network, ...]:
    return (ipaddress.ip_network("127.0.0.0/8"),)
