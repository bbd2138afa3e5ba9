"""The seam of live view: what the API asks of a relay, and what a relay asks of the agents' channels.

Two implementations are meant: aiortc in this process (`whep`), a WHEP engine beside it in the city profile.
Invariant: a camera is asked to push from its first viewer to its last, and every viewing ends with a reason in words.
"""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from sharing_hub import errors
from sharing_hub.wire import framing, v1


class AgentAway(errors.Conflict):
    """The camera's agent is not connected, or does not answer."""

    title = "The camera's agent is not connected"


class NotPlayable(errors.Conflict):
    """The camera's stream cannot be played live as it is (H.265, B-frames); its clips can."""

    title = "Not playable live yet"


class OfferRefused(errors.Unprocessable):
    """The viewer's offer is not one this relay can answer: not SDP, not one video to receive, or without H.264."""

    title = "The WebRTC offer cannot be answered"


class RelayFull(errors.Busy):
    """As many viewers as the settings allow are watching, or no UDP port is left."""

    title = "No room for another viewer"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, retry_after_s=30)


@dataclass(frozen=True, slots=True)
class Viewing:
    """One viewer watching one camera.

    Attributes:
        viewing_id: random, unguessable.
        session_id: the login session it belongs to; it ends with the session.
        ended: why it ended, in words; None while it lasts.
    """

    viewing_id: str
    camera_id: str
    session_id: UUID
    ended: str | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """Somebody wants to watch a camera.

    Attributes:
        offer: the WHEP client's SDP.
        reached_at: the hub's address that the viewer connected to.
    """

    agent_id: UUID
    camera_id: str
    session_id: UUID
    offer: str
    reached_at: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a WHEP client gets back: its viewing and the SDP answer."""

    viewing: Viewing
    sdp: str


class Sink(Protocol):
    """Where a camera's access units go."""

    def push(self, unit: framing.AccessUnit) -> None:
        """Take the next unit; must not block."""

    def gone(self, reason: str) -> None:
        """No more units will come, and why."""


class Source(Protocol):
    """Where a camera's access units come from: the agents' channels."""

    async def start(self, agent_id: UUID, camera_id: str, sink: Sink) -> v1.LiveState:
        """Ask the agent to push, and return its word on whether the camera can be played.

        Raises:
            AgentAway: no channel, or no answer in time.
        """

    def stop(self, agent_id: UUID, camera_id: str) -> None:
        """Ask the agent to push no more; harmless when it does not."""


class LiveRelay(Protocol):
    """Gives viewers a camera's pictures."""

    async def open(self, request: Request) -> Answer:
        """Answer a viewer's offer; the look must be on record already.

        Raises:
            AgentAway, NotPlayable, OfferRefused, RelayFull: it cannot begin, and why.
        """

    async def close(self, viewing_id: str, reason: str) -> None:
        """End one viewing; harmless when it has ended."""

    async def close_session(self, session_id: UUID, reason: str) -> None:
        """End every viewing of a login session."""

    def find(self, viewing_id: str) -> Viewing | None:
        """Return a viewing that lasts or ended lately."""

    def session_ids(self) -> frozenset[UUID]:
        """Return the login sessions that are watching something."""

    async def stop(self) -> None:
        """End everything."""
