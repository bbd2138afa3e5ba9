"""What stays open: agents' channels, live views and event streams, and the watch that ends them with their session.

Invariant: a session that was ended, by whomever and in whichever process, has no stream left two seconds later (the watch asks the database
every second; a logout here does not even wait for that). The same holds for the channel of an agent that was revoked, and for a live view that the
policies permit no more (a grant revoked or ended, an incident closed): they are asked every second, and at once when the bus tells of such a change.
"""

import asyncio
import collections
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

import structlog
from fastapi import Depends
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection

from sharing_hub import bus as buses
from sharing_hub import hub as hubs
from sharing_hub import settings
from sharing_hub.api import callers, changes, hidden_looks, peer_views, playbacks
from sharing_hub.domain import viewers
from sharing_hub.gateway import city_login as city
from sharing_hub.live import channel, network, relay, whep
from sharing_hub.services import agents, attempts, city_login, clients, looks, recordings, sessions
from sharing_hub.wire import v1

WATCH_INTERVAL_S = 1.0
SESSION_ENDED = "the session has ended"
NOT_PERMITTED = "the permission to look has ended"
_DECIDING_TOPICS = frozenset({"grant", "incident", "book"})

log = structlog.get_logger(__name__)


class Ending:
    """An event stream's place among the open ones: says when, and with which role, it must end."""

    def __init__(self, session_id: UUID, role: str) -> None:
        self.session_id = session_id
        self.role = role
        self.ended = asyncio.Event()


@dataclass(frozen=True, slots=True)
class Watched:
    """The look that a live view is: asked about again as long as it lasts."""

    viewer: viewers.Viewer
    subject: looks.Subject
    reason: looks.Reason


class OpenStreams:
    """Everything that outlives a request; made with the application, used on its event loop.

    Attributes:
        attempts: logins tried lately.
        city, city_places, city_logins: the city's own login, what its groups are here, and the logins under way there.
        playbacks: looks that go on.
        hidden_looks: refused attempts that are on record.
        changes: what the event streams tell.
        channels: the connected agents.
        relay: live view.
        peer_views: live view of other hubs' cameras.
    """

    def __init__(self, hub: hubs.Hub) -> None:
        live = hub.settings.live
        self.attempts = attempts.Attempts(hub.settings.login.attempts_per_minute)
        self.city = city.of(hub.settings.city_login)
        self.city_places = city_login.places_of(hub.settings.city_login)
        self.city_logins = city_login.Waiting()
        self.channels = channel.Channels()
        self.relay: relay.LiveRelay = whep.AiortcRelay(self.channels, hub.bus, network_of(live), live.max_viewers)
        self.peer_views = peer_views.PeerViews(hub.bus)
        self.playbacks = playbacks.Playbacks()
        self.hidden_looks = hidden_looks.HiddenLooks()
        self.changes = changes.Changes(hub)
        self._hub = hub
        self._endings: collections.defaultdict[UUID, set[Ending]] = collections.defaultdict(set)
        self._watched: dict[str, Watched] = {}
        self._tasks: tuple[asyncio.Task[None], ...] = ()

    @property
    def event_streams(self) -> int:
        """How many event streams are open."""
        return sum(len(endings) for endings in self._endings.values())

    def start(self) -> None:
        """Begin to watch."""
        loop = asyncio.get_running_loop()
        self._tasks = (loop.create_task(self._watch()), loop.create_task(self._listen()))

    async def stop(self) -> None:
        """End every stream."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        for session_id in tuple(self._endings):
            self._end_events(session_id)
        await self.relay.stop()
        await self.peer_views.stop()
        await self.channels.end_all()

    async def end_session(self, session_id: UUID, reason: str) -> None:
        """End what a session has open."""
        self._end_events(session_id)
        await self.relay.close_session(session_id, reason)
        await self.peer_views.close_session(session_id, reason)

    def find_view(self, viewing_id: str) -> relay.Viewing | None:
        """Return a live view, of a camera here or at another hub, that lasts or ended lately."""
        return self.relay.find(viewing_id) or self.peer_views.find(viewing_id)

    async def end_view(self, viewing_id: str, reason: str) -> None:
        """End one live view; harmless when it has ended."""
        await self.relay.close(viewing_id, reason)
        await self.peer_views.close(viewing_id, reason)

    def watched(self, viewing_id: str, viewer: viewers.Viewer, subject: looks.Subject, reason: looks.Reason) -> None:
        """Remember the look that a live view is."""
        self._watched[viewing_id] = Watched(viewer, subject, reason)

    def enter(self, session_id: UUID, role: str) -> Ending:
        """Add an event stream."""
        ending = Ending(session_id, role)
        self._endings[session_id].add(ending)
        return ending

    def leave(self, ending: Ending) -> None:
        """Remove an event stream; harmless when repeated."""
        endings = self._endings[ending.session_id]
        endings.discard(ending)
        if not endings:
            del self._endings[ending.session_id]

    async def range_state(self, agent_id: UUID, state: v1.RangeState) -> None:
        """Keep an agent's word on a recording request."""
        await run_in_threadpool(self._hear, agent_id, state)

    def _hear(self, agent_id: UUID, state: v1.RangeState) -> None:
        with self._hub.database.writing() as session:
            recordings.hear(session, agent_id, state, self._hub.clock())

    def _end_events(self, session_id: UUID) -> None:
        for ending in self._endings.get(session_id, ()):
            ending.ended.set()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(WATCH_INTERVAL_S)
            try:
                await self._end_sessions()
                await self._end_channels()
                await self._end_forbidden()
            except Exception:  # the supervisor of the watch: were it to end, no stream would ever end with its session
                log.exception("the watch over open streams failed")
                self._hub.counters.add("watches_failed")

    async def _end_sessions(self) -> None:
        watched = self.relay.session_ids() | self.peer_views.session_ids() | frozenset(self._endings)
        if not watched:
            return
        try:
            good = await run_in_threadpool(self._good, watched)
        except SQLAlchemyError as e:
            # Deny is the result of every error: who cannot be asked about is not shown anything more.
            log.error("streams were ended: their sessions could not be checked", error=str(e))
            good = {}
        for session_id in watched:
            roles = {ending.role for ending in self._endings.get(session_id, ())}
            if session_id not in good or roles - {good[session_id]}:
                await self.end_session(session_id, SESSION_ENDED)

    async def _listen(self) -> None:
        """Ask the policies at once where something changed that they decide by."""
        while True:
            subscription = self._hub.bus.subscribe()
            try:
                while True:
                    changes = await subscription.next()
                    if any(change.topic in _DECIDING_TOPICS for change in changes):
                        await self._end_forbidden()
            except buses.Lagged:
                await asyncio.sleep(WATCH_INTERVAL_S)  # the watch asks meanwhile
            except Exception:  # as in the watch
                log.exception("the listener for ended permissions failed")
                self._hub.counters.add("watches_failed")
                await asyncio.sleep(WATCH_INTERVAL_S)
            finally:
                subscription.close()

    async def _end_forbidden(self) -> None:
        """End the live views that are not permitted any more."""
        for viewing_id in tuple(self._watched):
            viewing = self.find_view(viewing_id)
            if viewing is None or viewing.ended is not None:
                self._watched.pop(viewing_id, None)
        if self._watched:
            for viewing_id in await run_in_threadpool(self._forbidden, dict(self._watched)):
                self._watched.pop(viewing_id, None)
                self._hub.counters.add("looks_ended", "live")
                await self.end_view(viewing_id, NOT_PERMITTED)

    def _forbidden(self, watched: dict[str, Watched]) -> list[str]:
        return [viewing_id for viewing_id, one in watched.items() if not self._goes_on(one)]

    def _goes_on(self, one: Watched) -> bool:
        hub = self._hub
        try:
            return looks.still_permitted(hub.database, hub.access, one.viewer, one.subject, one.reason, hub.clock())
        except Exception:  # as in the watch; and deny is the result of every error, for this view alone
            log.exception("a live view was ended: it could not be decided whether it may go on")
            return False

    async def _end_channels(self) -> None:
        """End the channels of agents that were revoked elsewhere (the command line)."""
        if self.channels.connected:
            for agent_id in await run_in_threadpool(self._revoked, self.channels.connected):
                await self.channels.end(agent_id, agents.REVOKED)

    def _revoked(self, agent_ids: frozenset[UUID]) -> frozenset[UUID]:
        with self._hub.database.reading() as session:
            return agents.revoked(session, agent_ids)

    def _good(self, session_ids: frozenset[UUID]) -> dict[UUID, str]:
        """Return the sessions, and agencies' systems, that are good now, each with its role."""
        with self._hub.database.reading() as session:
            people = dict(sessions.roles(session, session_ids, callers.idle(self._hub), self._hub.clock()))
            systems = clients.enabled(session, session_ids - people.keys())
            return people | dict.fromkeys(systems, "partner")


def network_of(live: settings.Live) -> network.Network:
    """Return the WebRTC network of the settings."""
    return network.Network(live.address, (live.port_min, live.port_max) if live.port_max else None)


def the_streams(connection: HTTPConnection) -> OpenStreams:
    """Return what this application has open."""
    streams: OpenStreams = connection.app.state.streams
    return streams


Here = Annotated[OpenStreams, Depends(the_streams)]
