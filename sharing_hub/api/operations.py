"""Operations: /health for whoever restarts the hub, /metrics for Prometheus. Numbers only: no camera, site or person is named here."""

import time
from collections.abc import Iterable
from datetime import datetime
from typing import Literal

import prometheus_client
import structlog
from fastapi import APIRouter, Response
from prometheus_client import core, registry
from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError

from sharing_hub import errors
from sharing_hub import hub as hubs
from sharing_hub.api import dependencies, streams
from sharing_hub.live import whep
from sharing_hub.services import totals

ROUTER = APIRouter(tags=["operations"])

log = structlog.get_logger(__name__)


class Health(BaseModel):
    """Whether the hub can do its work: `full` takes events but no media, `broken` cannot write."""

    status: Literal["ok", "full", "broken"]
    database_ms: float | None
    media_free_bytes: int


@ROUTER.get("/health", operation_id="getHealth", responses={503: {"model": Health}})
def health(hub: dependencies.HubHere, response: Response) -> Health:
    """Say whether the database can be written and media have room; 503 where it cannot be written."""
    free = hub.blobs.free_bytes()
    began = time.perf_counter()
    try:
        with hub.database.writing():
            pass
    except (SQLAlchemyError, OSError, errors.HubError) as e:
        log.error("the database cannot be written", error=str(e))
        response.status_code = 503
        return Health(status="broken", database_ms=None, media_free_bytes=free)
    took_ms = round((time.perf_counter() - began) * 1000, 2)
    enough = free >= hub.settings.media.min_free_bytes
    return Health(status="ok" if enough else "full", database_ms=took_ms, media_free_bytes=free)


@ROUTER.get("/metrics", operation_id="getMetrics", response_class=Response)
def metrics(hub: dependencies.HubHere, open_streams: streams.Here) -> Response:
    """Return the hub's counters and gauges in Prometheus' text form."""
    collected = prometheus_client.CollectorRegistry(auto_describe=False)
    collected.register(_Totals(hub, open_streams))
    return Response(prometheus_client.generate_latest(collected), media_type="text/plain; version=0.0.4")


class _Totals(registry.Collector):
    """Reads what the parts count themselves, at the moment of asking."""

    def __init__(self, hub: hubs.Hub, open_streams: streams.OpenStreams) -> None:
        self._hub = hub
        self._streams = open_streams

    def collect(self) -> Iterable[core.Metric]:
        """Return every metric."""
        yield from self._counters()
        yield from self._live()
        yield from self._stored(self._hub.clock())

    def _counters(self) -> Iterable[core.Metric]:
        families: dict[str, core.CounterMetricFamily] = {}
        for (name, reason), count in sorted(self._hub.counters.totals().items()):
            if name not in families:
                families[name] = core.CounterMetricFamily(f"jikimi_{name}", f"{name} since start", labels=["reason"])
            families[name].add_metric([reason], count)
        return families.values()

    def _live(self) -> Iterable[core.Metric]:
        channels, relay = self._streams.channels, self._streams.relay
        yield core.GaugeMetricFamily("jikimi_agents_connected", "Agents with a channel", len(channels.connected))
        yield core.GaugeMetricFamily("jikimi_event_streams", "Open event streams", self._streams.event_streams)
        yield core.CounterMetricFamily("jikimi_live_units", "Access units taken from agents", channels.units_in)
        if isinstance(relay, whep.AiortcRelay):
            yield core.GaugeMetricFamily("jikimi_live_viewers", "Live viewers", relay.viewers)
            yield core.GaugeMetricFamily("jikimi_live_cameras", "Cameras watched live", relay.cameras)
            yield core.CounterMetricFamily("jikimi_live_views", "Live views begun", relay.opened)
        dropped = core.CounterMetricFamily("jikimi_live_dropped", "Live frames and notices left out", labels=["reason"])
        lost = {**channels.dropped, **(relay.dropped if isinstance(relay, whep.AiortcRelay) else {})}
        for reason, count in lost.items():
            dropped.add_metric([reason], count)
        yield dropped

    def _stored(self, now: datetime) -> Iterable[core.Metric]:
        with self._hub.database.reading() as session:
            found = totals.read(session, now)
        for name, words, value in (
            ("agents_enrolled", "Agents that may deliver", found.agents),
            ("agent_lag_seconds_max", "Oldest last heartbeat", found.oldest_heartbeat_s),
            ("agent_backlog_events", "Events waiting at agents", found.waiting_events),
            ("agent_backlog_media", "Media waiting at agents", found.waiting_media),
            ("incidents_new", "Incidents nobody acknowledged", found.new_incidents),
            ("media_free_bytes", "Room on the media disk", self._hub.blobs.free_bytes()),
        ):
            yield core.GaugeMetricFamily(f"jikimi_{name}", words, value)
        cameras = core.GaugeMetricFamily("jikimi_cameras", "Cameras by state", labels=["state"])
        for state, count in found.cameras.items():
            cameras.add_metric([state], count)
        yield cameras
        watched = core.GaugeMetricFamily(
            "jikimi_watched_seconds", "Camera seconds watched since the agents began", labels=["kind", "quality"]
        )
        for (kind, quality), seconds in sorted(found.watched_s.items()):
            watched.add_metric([kind, quality], seconds)
        yield watched
