"""Live views of other hubs' cameras: the pictures come from the other hub to the viewer, this hub only passes on the offer and the answer.

Invariant: a view that may not go on here is ended at the other hub, and its viewer told; where the way there is cut, that hub ends it when its own grant does.
"""

import asyncio
import dataclasses
import secrets
from collections.abc import Callable
from uuid import UUID

import structlog
from starlette.concurrency import run_in_threadpool

from sharing_hub import bus as buses
from sharing_hub.client import client
from sharing_hub.gateway import peers
from sharing_hub.live import relay

MAX_VIEWS = 64
_KEPT_ENDED = 200

log = structlog.get_logger(__name__)


@dataclasses.dataclass(slots=True)
class _Open:
    viewing: relay.Viewing
    peer: peers.Peer
    location: str


class PeerViews:
    """What is watched at other hubs; used on the application's event loop."""

    def __init__(self, bus: buses.Bus) -> None:
        self._bus = bus
        self._open: dict[str, _Open] = {}
        self._ended: dict[str, relay.Viewing] = {}

    async def open(
        self, peer: peers.Peer, camera_id: str, session_id: UUID, ask: Callable[[], tuple[str, str]]
    ) -> relay.Answer:
        """Pass an offer on; the look must be on record already.

        Args:
            ask: offers at the other hub, and returns its answer and what names the view there.

        Raises:
            RelayFull: as many as the bound are watched.
        """
        if len(self._open) >= MAX_VIEWS:
            raise relay.RelayFull(f"{MAX_VIEWS} live views of other hubs' cameras are open")
        sdp, location = await run_in_threadpool(ask)
        viewing = relay.Viewing(secrets.token_urlsafe(16), camera_id, session_id)
        self._open[viewing.viewing_id] = _Open(viewing, peer, location)
        return relay.Answer(viewing, sdp)

    async def close(self, viewing_id: str, reason: str) -> None:
        """End one view; harmless when it has ended."""
        held = self._open.pop(viewing_id, None)
        if held is None:
            return
        self._ended[viewing_id] = dataclasses.replace(held.viewing, ended=reason)
        while len(self._ended) > _KEPT_ENDED:
            del self._ended[next(iter(self._ended))]
        self._bus.publish("live", viewing_id)
        try:
            await run_in_threadpool(held.peer.hub.leave, held.location)
        except (client.HubUnreachable, client.HubRefused) as e:
            log.warning("a live view could not be ended at the other hub", agency_id=held.peer.agency_id, error=str(e))

    async def close_session(self, session_id: UUID, reason: str) -> None:
        """End every view of a login session."""
        await self._close_all(
            [name for name, one in self._open.items() if one.viewing.session_id == session_id], reason
        )

    def find(self, viewing_id: str) -> relay.Viewing | None:
        """Return a view that lasts or ended lately."""
        held = self._open.get(viewing_id)
        return held.viewing if held is not None else self._ended.get(viewing_id)

    def session_ids(self) -> frozenset[UUID]:
        """Return the login sessions that are watching something."""
        return frozenset(one.viewing.session_id for one in self._open.values())

    async def stop(self) -> None:
        """End everything."""
        await self._close_all(list(self._open), "the hub stops")

    async def _close_all(self, viewing_ids: list[str], reason: str) -> None:
        await asyncio.gather(*(self.close(name, reason) for name in viewing_ids))
