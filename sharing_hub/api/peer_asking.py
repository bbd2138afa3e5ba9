"""Asking another hub on behalf of somebody here: which case, and what its refusals are here.

Invariant: whatever the other hub answers or fails to answer is an answer of this hub in words; how the way there is, is kept.
"""

from collections.abc import Callable
from typing import Annotated, TypeVar
from uuid import UUID

import pydantic
from fastapi import Path

from sharing_hub import errors
from sharing_hub import hub as hubs
from sharing_hub.client import client
from sharing_hub.domain import peering, viewers
from sharing_hub.gateway import peers
from sharing_hub.services import peer_cases

T = TypeVar("T")
AgencyId = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,40}$", description="The other hub, as the book calls it.")]


def case(
    hub: hubs.Hub, viewer: viewers.Viewer, incident_id: UUID, agency_id: str
) -> tuple[peer_cases.Case, peers.Peer]:
    peer = hub.peers.of(agency_id)
    with hub.database.reading() as session:
        found = peer_cases.find(session, viewer, incident_id, (agency_id,))
    if peer is None or not found:
        raise errors.NotFound(f"the incident {incident_id} is shared with no other hub {agency_id}")
    return found[0], peer


def pictures(hub: hubs.Hub, which: peer_cases.Case, peer: peers.Peer, fresh: bool = False) -> peers.Pictures:
    def ask() -> peers.Pictures:
        there_id = which.there_id or peer.case_of(which.incident_id)
        if there_id is None:
            raise errors.NotFound(f"{which.agency_id} has no open case of the incident {which.incident_id}")
        return peer.pictures(there_id, fresh)

    return asked(hub, peer, ask)


def asked(hub: hubs.Hub, peer: peers.Peer, ask: Callable[[], T]) -> T:
    """Ask another hub.

    Raises:
        Busy: it does not answer.
        NotFound: it shares the incident no more.
        Refused: it will not, in its own words.
    """
    fault = ""
    try:
        return ask()
    except client.HubUnreachable as e:
        fault = str(e)
        raise errors.Busy(
            f"{peer.agency_id} does not answer ({e}); the incident stays here, its pictures come back with the way there",
            5,
        ) from e
    except client.HubRefused as e:
        if e.status == peers.GONE:
            raise errors.NotFound(f"{peer.agency_id} shares this no more: {e.detail}") from e
        raise errors.Refused(f"{peer.agency_id} refuses it: {e.title}: {e.detail}") from e
    except pydantic.ValidationError as e:
        raise errors.Busy(f"{peer.agency_id} answers what is no answer of a hub", 30) from e
    finally:
        peer.note(fault, hub.clock())


def camera_here(which: peer_cases.Case, camera_id: str) -> str:
    try:
        return peering.camera_here(which.agency_id, camera_id)
    except ValueError as e:
        raise errors.Unprocessable(str(e)) from e
