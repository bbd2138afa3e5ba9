"""Totals of what is stored, for whoever watches the hub itself: numbers, no names."""

import itertools
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sharing_hub.store import tables
from sharing_hub.wire import v1


@dataclass(frozen=True, slots=True)
class Totals:
    """What stands in the database now.

    Attributes:
        agents: agents that may deliver.
        oldest_heartbeat_s: how long ago the most silent of them was heard.
        waiting_events, waiting_media: what agents said they still have to deliver.
        new_incidents: incidents nobody acknowledged.
        cameras: how many are in each state.
        watched_s: seconds for which kinds were watched for at all cameras together since their agents began, by kind and "full", "degraded"
            or "blind".
    """

    agents: int
    oldest_heartbeat_s: float
    waiting_events: int
    waiting_media: int
    new_incidents: int
    cameras: Mapping[str, int]
    watched_s: Mapping[tuple[str, str], float]


def read(session: Session, now: datetime) -> Totals:
    """Count."""
    agent, incident, camera = tables.Agent, tables.Incident, tables.Camera
    beats = session.execute(select(agent.last_heartbeat_at, agent.backlog).where(agent.revoked_at.is_(None))).all()
    backlogs = [backlog for _, backlog in beats if backlog is not None]
    new = session.scalar(select(func.count()).select_from(incident).where(incident.state == "new"))
    states = session.execute(select(camera.state, func.count()).group_by(camera.state)).all()
    return Totals(
        agents=len(beats),
        oldest_heartbeat_s=max(((now - at).total_seconds() for at, _ in beats if at is not None), default=0.0),
        waiting_events=sum(backlog.events for backlog in backlogs),
        waiting_media=sum(backlog.media for backlog in backlogs),
        new_incidents=new or 0,
        cameras={row[0]: row[1] for row in states},
        watched_s=_watched_s(session.scalars(select(camera.coverage))),
    )


def _watched_s(told: Iterable[tuple[v1.Coverage, ...]]) -> Mapping[tuple[str, str], float]:
    sums: Counter[tuple[str, str]] = Counter()
    for one in itertools.chain.from_iterable(told):
        for kind in one.kinds:
            for quality in ("full", "degraded", "blind"):
                sums[kind, quality] += getattr(one, f"{quality}_s")
    return sums
