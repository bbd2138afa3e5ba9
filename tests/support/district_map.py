"""A small district on the map for tests: cameras at places, and a book that knows where they look."""

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sharing_hub import hub as hubs
from sharing_hub.domain import default_district, district, sight
from sharing_hub.services import ingest
from sharing_hub.store import sharing_tables, tables
from sharing_hub.wire import v1
from tests.support import messages

HALL = sight.Point(37.5665, 126.9780)
_NORTH = 1 / 111_195
_EAST = 1 / (111_195 * math.cos(math.radians(HALL.latitude)))


def beside(north_m: float, east_m: float) -> sight.Point:
    """Return the point this far from HALL."""
    return sight.Point(HALL.latitude + north_m * _NORTH, HALL.longitude + east_m * _EAST)


@dataclass(frozen=True, slots=True)
class Placed:
    """A camera, metres north and east of HALL, and what the book says of it."""

    camera_id: str
    north_m: float
    east_m: float
    facts: district.CameraFacts | None = None


def furnish(hub: hubs.Hub, agent_id: UUID, cameras: Sequence[Placed], limits: district.Limits | None = None) -> None:
    """Place cameras, and put what is known of them into the book in force."""
    with hub.database.writing() as session:
        for one in cameras:
            place = beside(one.north_m, one.east_m)
            session.add(
                tables.Camera(
                    camera_id=one.camera_id, agent_id=agent_id, name=f"camera {one.camera_id}", latitude=place.latitude,
                    longitude=place.longitude, first_seen_at=hub.clock(), state="online",
                )
            )  # fmt: skip
        facts = tuple(one.facts for one in cameras if one.facts is not None)
        book = dataclasses.replace(default_district.make(), cameras=facts, limits=limits or district.Limits())
        session.get_one(sharing_tables.DistrictVersion, 1).book = book


def report(hub: hubs.Hub, agent_id: UUID, *reports: v1.EventReport) -> None:
    """Take in events as the hub's own writer does."""
    batch = v1.EventBatch(reports=reports)
    with hub.database.writing() as session:
        ingest.Ingest(hub.rules, hub.counters).store(session, [ingest.Delivery(agent_id, batch, hub.clock())])


def event(camera_id: str, kind: str = "fire", after_s: float = 0.0) -> v1.EventReport:
    """Return an event of a camera."""
    at = messages.after(after_s)
    return messages.report(camera_id=camera_id, kind=kind, started_at=at, raised_at=at)
