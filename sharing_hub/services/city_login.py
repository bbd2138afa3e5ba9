"""The city's own login (OpenID Connect): logins that wait for the person to come back, and whose session begins then.

Invariants: a login is finished once, within ten minutes, by the browser that began it; who somebody is follows from issuer and subject, never from a name; role
and agency follow from the groups that the city names at each login, and whoever has none is refused and loses the sessions there were.
"""

import collections
import hashlib
import hmac
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from sharing_hub import city_settings, errors
from sharing_hub.domain import ledger as entries
from sharing_hub.domain import viewers
from sharing_hub.services import operators, passwords, sessions
from sharing_hub.store import tables

LIFETIME = timedelta(minutes=10)
MAX_WAITING = 1000
MAX_SUBJECT_CHARACTERS = 200
_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class Beginning:
    """A login that was sent to the city.

    Attributes:
        state: names it; comes back with the person.
        nonce: must stand in the city's token.
        verifier: of PKCE (RFC 7636); goes to the city's token endpoint only.
    """

    state: str
    nonce: str
    verifier: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Person:
    """Who came back, as the city's signed token says."""

    issuer: str
    subject: str
    name: str
    groups: tuple[str, ...]


def places_of(chosen: city_settings.CityLogin) -> Mapping[str, operators.Place]:
    """Return what people of the city's groups are here, in the order of the settings.

    Raises:
        SettingsError: a role is unknown, or is not one of its agency's.
    """
    for group, one in chosen.groups.items():
        if not viewers.fits(one.role, one.agency):
            raise errors.SettingsError(
                f"[city_login.groups.{group}] nobody of the agency {one.agency!r} has the role {one.role!r}; known: {', '.join(viewers.ROLES)}"
            )
    return {group: operators.Place(one.agency, one.role, one.unit) for group, one in chosen.groups.items()}


class Waiting:
    """Logins that are under way; in memory and bounded: a restart makes people begin again. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._begun: collections.OrderedDict[str, tuple[str, Beginning]] = collections.OrderedDict()

    def begin(self, now: datetime) -> tuple[str, Beginning]:
        """Begin a login; return the secret that its browser keeps in a cookie, and the login."""
        browser, state, nonce, verifier = (secrets.token_urlsafe(_SECRET_BYTES) for _ in range(4))
        beginning = Beginning(state, nonce, verifier, now + LIFETIME)
        with self._lock:
            self._begun[state] = (_hash(browser), beginning)
            while len(self._begun) > MAX_WAITING:
                self._begun.popitem(last=False)
        return browser, beginning

    def finish(self, state: str, browser: str, now: datetime) -> Beginning:
        """Return the login of a state, which is over now.

        Raises:
            Refused: there is none, another browser began it, or it took too long.
        """
        with self._lock:
            found = self._begun.get(state)
            if found is None or not hmac.compare_digest(found[0], _hash(browser)):
                raise errors.Refused("this login was not begun in this browser, or is over; begin again")
            del self._begun[state]
        if found[1].expires_at <= now:
            raise errors.Refused("this login took too long; begin again")
        return found[1]


def arrive(
    session: Session, person: Person, places: Mapping[str, operators.Place], now: datetime, source_address: str
) -> UUID | None:
    """Return the operator who came back: made at the first time, moved where the groups say something else now. None: nobody of a known group.

    None is no error, so that the caller commits what it ended: the sessions of somebody who left every group.

    Raises:
        Refused: the operator is disabled, or is of another agency here.
        Conflict: the name belongs to another operator.
        Unprocessable: the place cannot be (an agency that is not in the district's book), or name or subject cannot be used.
    """
    if not 1 <= len(person.subject) <= MAX_SUBJECT_CHARACTERS:
        raise errors.Unprocessable("the city's login names nobody, or in too many characters")
    place = next((places[group] for group in places if group in person.groups), None)
    external_id = f"{person.issuer} {person.subject}"
    row = session.scalar(select(tables.Operator).where(tables.Operator.external_id == external_id))
    if place is None:
        if row is not None:
            sessions.end_all(session, row.operator_id, now)
        return None
    if row is None:
        return _made(session, person, external_id, place, now, source_address)
    if row.disabled_at is not None:
        raise errors.Refused("this account was disabled here; ask the district's administrator")
    if row.agency_id != place.agency_id:
        raise errors.Refused(
            f"this account belongs to the agency {row.agency_id} here; ask the district's administrator"
        )
    if (row.role, row.unit) != (place.role, place.unit):
        operators.move(session, row, place.role, place.unit, now, _city(person))
    return row.operator_id


def _made(
    session: Session, person: Person, external_id: str, place: operators.Place, now: datetime, source_address: str
) -> UUID:
    nobodys = passwords.hashed(secrets.token_urlsafe(_SECRET_BYTES))  # the city proves who it is; no password does
    row = operators.create(session, person.name, place, nobodys, now)
    row.external_id = external_id
    session.flush()
    details: dict[str, entries.Detail] = {"agency_id": place.agency_id, "role": place.role, "unit": place.unit}
    operators.record(session, "operator.created", row, now, details, _city(person), source_address)
    return row.operator_id


def _city(person: Person) -> entries.Actor:
    return entries.Actor("city login", person.issuer)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
