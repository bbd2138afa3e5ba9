"""Other hubs: a client for each, which opens, updates and ends cases there, and looks at what this hub was given to see.

Invariants: what is asked there is asked as this hub's system, by the doors that every agency has; a repeat changes nothing (a case is found by its number);
a hub that does not answer is an outcome, never an exception.
"""

import collections
import itertools
import json
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import httpx
import pydantic
from joserfc import jwk
from joserfc.errors import JoseError

from sharing_hub import errors, settings
from sharing_hub.client import answers, client
from sharing_hub.domain import incidents, peering
from sharing_hub.gateway import trust, webhooks

TIMEOUT_S = 10.0
GONE, OVER = 404, 409
GOOD_FOR_S = 1.0
"""How long what a hub lets this one see is taken for what it lets see now; each picture's bytes ask that hub again all the same."""
MAX_FILES, MAX_REMEMBERED, MAX_PAGES = 500, 200, 40


@dataclass(frozen=True, slots=True)
class State:
    """How the way to another hub is.

    Attributes:
        since: when it last changed; None: nothing was asked yet.
        fault: "" while it answers, else why not.
    """

    since: datetime | None = None
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Pictures:
    """What another hub lets this one see of an incident now, as it answered."""

    shared: answers.SharedIncident
    grants: tuple[answers.Grant, ...]
    media: tuple[answers.Media, ...]


class Peer:
    """Another hub; safe to use from every thread.

    Args:
        key: this hub's private key, as registered there.
    """

    def __init__(self, agency_id: str, url: str, client_id: str, key: jwk.Key, proof: ssl.SSLContext | bool) -> None:
        self.agency_id, self.url = agency_id, url
        self.hub = client.AgencyClient(url, client_id, key, verify=proof, timeout_s=TIMEOUT_S, max_pages=MAX_PAGES)
        self._lock = threading.Lock()
        self._state = State()
        self._pictures: collections.OrderedDict[UUID, tuple[float, Pictures]] = collections.OrderedDict()

    def pictures(self, incident_id: UUID, fresh: bool = False) -> Pictures:
        """Return what that hub lets this one see of an incident of its own: as it answered, or did within the last second.

        Args:
            fresh: ask now.

        Raises:
            HubUnreachable, HubRefused: it does not say.
        """
        now_s = time.monotonic()
        with self._lock:
            known = self._pictures.get(incident_id)
        if not fresh and known is not None and now_s - known[0] < GOOD_FOR_S:
            return known[1]
        media = itertools.islice(self.hub.media(incident_id), MAX_FILES)
        found = Pictures(self.hub.incident(incident_id), self.hub.grants(), tuple(media))
        with self._lock:
            self._pictures[incident_id] = (now_s, found)
            self._pictures.move_to_end(incident_id)
            while len(self._pictures) > MAX_REMEMBERED:
                self._pictures.popitem(last=False)
        return found

    @property
    def state(self) -> State:
        """How the way there is."""
        with self._lock:
            return self._state

    def note(self, fault: str, now: datetime) -> None:
        """Keep how the last asking went."""
        with self._lock:
            if self._state.since is None or bool(self._state.fault) != bool(fault):
                self._state = State(now, fault)
            else:
                self._state = replace(self._state, fault=fault)

    def tell(self, told: peering.Told) -> None:
        """Say there what became of an incident.

        Raises:
            HubUnreachable, HubRefused: it did not get there.
            ValueError: it cannot be said there: nobody knows where it is.
        """
        if told.own_case is not None:
            self._mark(told)
        elif told.is_over:
            for case in self._live(told):
                self.hub.end_case(case, told.description)
        elif not self._follow(told, self._live(told)):
            self._open(told)

    def case_of(self, incident_id: UUID) -> UUID | None:
        """Return the incident there that is open for an incident of this hub; None: there is none."""
        return next((one.incident.incident_id for one in self._cases(incident_id)), None)

    def _mark(self, told: peering.Told) -> None:
        """Tell the hub that a case came from what became of it here; one that it took back needs to hear nothing."""
        incident_id, said = peering.incident_of(told.own_case), peering.mark_of(told.state)
        if incident_id is None or said is None:
            return
        try:
            self.hub.mark(incident_id, said)
        except client.HubRefused as e:
            if e.status != GONE:
                raise

    def _open(self, told: peering.Told) -> None:
        case = self._opened(told, peering.case_of(told.incident_id))
        if case.incident.state in incidents.OVER_STATES and told.occasion == "opened":
            self._opened(told, peering.case_of(told.incident_id, told.number))  # shared anew, after it had ended there

    def _opened(self, told: peering.Told, case_number: str) -> answers.Case:
        if told.place is None:
            raise ValueError(
                "nobody knows where it is, and a case needs a place: give its camera a latitude and a longitude"
            )
        return self.hub.open_case(
            case_number, *told.place, kind=told.kind, severity=told.severity, description=told.description,
            agency_class=peering.AGENCY_CLASS,
        )  # fmt: skip

    def _follow(self, told: peering.Told, live: Iterable[str]) -> bool:
        """Update what is open there; say whether anything is."""
        found = False
        for case in live:
            found = True
            try:
                self.hub.update_case(case, told.description, told.place)
            except client.HubRefused as e:
                if e.status != OVER:  # it ended there in between, which is the other hub's to say
                    raise
        return found

    def _live(self, told: peering.Told) -> Iterator[str]:
        return (str(one.share.case_number) for one in self._cases(told.incident_id))

    def _cases(self, incident_id: UUID) -> Iterator[answers.SharedIncident]:
        for one in self.hub.incidents(unfinished=True):
            if one.share.how == "opened" and peering.is_case_of(incident_id, one.share.case_number):
                yield one


class Peers:
    """Every other hub that this one knows; sends messages to them in place of webhooks."""

    def __init__(self, known: Iterable[Peer], clock: Callable[[], datetime]) -> None:
        self._by_agency: Mapping[str, Peer] = {one.agency_id: one for one in known}
        self._clock = clock

    def of(self, agency_id: str) -> Peer | None:
        """Return the hub that is this agency; None where it is none."""
        return self._by_agency.get(agency_id)

    def all(self) -> tuple[Peer, ...]:
        """Return them, by agency."""
        return tuple(self._by_agency[name] for name in sorted(self._by_agency))

    def send(self, parcel: webhooks.Parcel, now: datetime) -> webhooks.Outcome:
        """Say a message at the hub whose address it has; never raises for what the other side does."""
        peer = next((one for one in self._by_agency.values() if one.url == parcel.url), None)
        if peer is None:
            return webhooks.Outcome(None, f"[[peers]] of the settings names no hub at {parcel.url}")
        outcome = _tried(peer, parcel.body)
        peer.note(outcome.fault if outcome.status is None else "", now)
        return outcome

    def probe(self) -> None:
        """Ask each hub who this one is there, so that a way that is cut is known before it is needed."""
        for peer in self._by_agency.values():
            fault = ""
            try:
                peer.hub.grants()
            except (client.HubUnreachable, client.HubRefused, pydantic.ValidationError, httpx.HTTPError) as e:
                fault = str(e)[:500]
            peer.note(fault, self._clock())

    def close(self) -> None:
        """Close the connections."""
        for peer in self._by_agency.values():
            peer.hub.close()


def of(chosen: settings.Settings, clock: Callable[[], datetime]) -> Peers:
    """Return the hubs that the settings name; nothing is asked of them yet.

    Raises:
        SettingsError: a key cannot be used.
    """
    proof = trust.context(chosen.delivery.ca_file) if chosen.peers else None
    return Peers((_peer(one, proof) for one in chosen.peers), clock)


def _peer(one: settings.Peer, proof: ssl.SSLContext | None) -> Peer:
    try:
        key = jwk.import_key(json.loads(one.key.read_text()))
        if not key.is_private:
            raise ValueError("it is a public key")
    except (OSError, ValueError, JoseError) as e:
        raise errors.SettingsError(
            f"[[peers]] {one.agency}: {one.key} is no private key ({e}); make one with `python -m sharing_hub.client key FILE`"
        ) from e
    return Peer(one.agency, one.url, str(one.client_id), key, proof or True)


def _tried(peer: Peer, body: bytes) -> webhooks.Outcome:
    try:
        peer.tell(peering.read(body))
    except client.HubUnreachable as e:
        return webhooks.Outcome(None, str(e))
    except client.HubRefused as e:
        return webhooks.Outcome(e.status, f"the other hub refused it: {e}")
    except pydantic.ValidationError:
        return webhooks.Outcome(None, f"{peer.url}: answered what is no answer of a hub")
    except ValueError as e:
        return webhooks.Outcome(None, str(e))
    return webhooks.Outcome(200)
