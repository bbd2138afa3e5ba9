"""Other hubs: how the way to each is, and what each lets this one see of an incident that they share."""

from datetime import datetime
from uuid import UUID

import pydantic
from fastapi import APIRouter

from sharing_hub import errors
from sharing_hub.api import callers, dependencies, peer_asking, peer_pictures, problems
from sharing_hub.domain import viewers
from sharing_hub.services import deliveries, peer_cases

ROUTER = APIRouter(prefix="/v1", tags=["other hubs"], responses=problems.documented(401, 403, 404, 422, 503))


class PeerView(pydantic.BaseModel):
    """Another hub. `fault`: why it does not answer, "" while it does; `since`: when that last changed; `waiting`: messages that it has not got yet."""

    agency_id: str
    name: str
    url: str
    fault: str
    since: datetime | None
    waiting: int


class LentCamera(pydantic.BaseModel):
    """A camera of another hub that may be looked at now, until when, and by which grant of that hub's."""

    camera_id: str
    grant_id: UUID
    actions: tuple[str, ...]
    mask_level: str
    until: datetime


class LentMedia(pydantic.BaseModel):
    """A file at another hub; its bytes are at .../media/{media_id}."""

    media_id: UUID
    camera_id: str
    form: str
    masking: str | None
    starts_at: datetime


class Renewed(pydantic.BaseModel):
    """Until when a grant lasts now."""

    until: datetime


class LentPictures(pydantic.BaseModel):
    """What the hub that shared an incident lets this one see of it. `state`: of the incident there."""

    agency_id: str
    incident_id: UUID
    state: str
    camera_name: str
    cameras: tuple[LentCamera, ...]
    media: tuple[LentMedia, ...]


@ROUTER.get("/peers", operation_id="listPeers")
def list_peers(hub: dependencies.HubHere, viewer: callers.TheViewer) -> list[PeerView]:
    """Return the other hubs, and how the way to each is."""
    if not viewers.sees_rows(viewer):
        raise errors.Refused(f"the role {viewer.role} does not read this")
    with hub.database.reading() as session:
        found = hub.access.book(session)[1]
        waiting = deliveries.waiting_by_agency(session)
    names = {one.agency_id: f"{one.ko} · {one.en}" for one in found.agencies}
    return [
        PeerView(
            agency_id=one.agency_id, name=names.get(one.agency_id, one.agency_id), url=one.url, fault=one.state.fault,
            since=one.state.since, waiting=waiting.get(one.agency_id, 0),
        )
        for one in hub.peers.all()
    ]  # fmt: skip


@ROUTER.get("/incidents/{incident_id}/peers", operation_id="listIncidentPeers")
def list_of_incident(hub: dependencies.HubHere, viewer: callers.TheViewer, incident_id: UUID) -> list[str]:
    """Return the other hubs that an incident is shared with, or came from."""
    with hub.database.reading() as session:
        found = peer_cases.find(session, viewer, incident_id, (one.agency_id for one in hub.peers.all()))
    return [one.agency_id for one in found]


@ROUTER.get("/incidents/{incident_id}/peers/{agency_id}", operation_id="listLentPictures")
def list_lent(
    hub: dependencies.HubHere, viewer: callers.TheViewer, incident_id: UUID, agency_id: peer_asking.AgencyId
) -> LentPictures:
    """Return what another hub lets this one see now of an incident that they share."""
    case, peer = peer_asking.case(hub, viewer, incident_id, agency_id)
    found = peer_asking.pictures(hub, case, peer, fresh=True)
    now = hub.clock()
    cameras = {
        camera_id: LentCamera(
            camera_id=camera_id, grant_id=one.grant_id, actions=one.actions, mask_level=one.mask_level, until=one.ends_at
        )
        for one in sorted(found.grants, key=lambda one: one.ends_at)
        if one.incident_id == found.shared.incident.incident_id and one.starts_at <= now < one.ends_at
        for camera_id in one.camera_ids
    }  # fmt: skip
    listed = [
        LentMedia(media_id=one.media_id, camera_id=one.camera_id, form=one.form, masking=one.masking, starts_at=one.starts_at)
        for one in found.media
        if one.form in peer_pictures.FORMS
    ]  # fmt: skip
    there = found.shared.incident
    return LentPictures(
        agency_id=case.agency_id, incident_id=there.incident_id, state=there.state, camera_name=there.camera_name,
        cameras=tuple(cameras[name] for name in sorted(cameras)), media=tuple(listed),
    )  # fmt: skip


@ROUTER.post("/incidents/{incident_id}/peers/{agency_id}/grants/{grant_id}/renew", operation_id="renewLentGrant")
def renew_lent(
    hub: dependencies.HubHere, viewer: callers.TheViewer, incident_id: UUID, agency_id: peer_asking.AgencyId, grant_id: UUID
) -> Renewed:  # fmt: skip
    """Ask another hub to let its grant last longer; that it was asked is on record first."""
    if not viewers.decides_incidents(viewer):
        raise errors.Refused(f"the role {viewer.role} does not ask for this")
    case, peer = peer_asking.case(hub, viewer, incident_id, agency_id)
    found = peer_asking.pictures(hub, case, peer, fresh=True)
    if not any(
        one.grant_id == grant_id and one.incident_id == found.shared.incident.incident_id for one in found.grants
    ):
        raise errors.NotFound(f"{agency_id} has given no grant {grant_id} for this incident, or it has ended")
    with hub.database.writing() as session:
        peer_cases.record_renewal(session, case, grant_id, viewer, hub.clock())
    return Renewed(until=peer_asking.asked(hub, peer, lambda: peer.hub.renew(grant_id)).ends_at)
