"""The application: the hub's doors put together, and its background work started and stopped with it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI
from starlette.middleware import Middleware

from sharing_hub import couriers, exporter, worker
from sharing_hub import hub as hubs
from sharing_hub.api import (
    agency_doors,
    agency_feed,
    agency_incidents,
    agent,
    agents_admin,
    bells,
    bodies,
    book,
    cameras,
    channel,
    city_login,
    clients,
    deliveries,
    envelope,
    events,
    five_service,
    grants,
    handover,
    incident_work,
    incidents,
    invitations,
    ledger,
    live,
    looks,
    media,
    oauth,
    operations,
    oversight,
    packages,
    page,
    passkeys,
    peer_pictures,
    peers,
    people,
    policy,
    problems,
    public,
    recordings,
    registers,
    requests,
    session,
    stream,
    streams,
)

PROBE_EVERY_S = 10.0
"""How often other hubs are asked whether they answer."""
# Every door of the hub, in the order they are tried and documented; the busiest, the agents', first. A new router is added here.
ROUTERS: tuple[APIRouter, ...] = (
    agent.ROUTER,
    session.ROUTER,
    city_login.ROUTER,
    passkeys.ROUTER,
    invitations.ROUTER,
    people.ROUTER,
    oauth.ROUTER,
    clients.ROUTER,
    incidents.ROUTER,
    incident_work.ROUTER,
    agency_incidents.ROUTER,
    five_service.ROUTER,
    bells.ROUTER,
    handover.ROUTER,
    events.ROUTER,
    media.ROUTER,
    cameras.ROUTER,
    live.ROUTER,
    recordings.ROUTER,
    stream.ROUTER,
    looks.ROUTER,
    ledger.ROUTER,
    registers.ROUTER,
    policy.ROUTER,
    book.ROUTER,
    agents_admin.ROUTER,
    grants.ROUTER,
    peers.ROUTER,
    peer_pictures.ROUTER,
    requests.ROUTER,
    packages.ROUTER,
    agency_feed.ROUTER,
    agency_doors.ROUTER,
    deliveries.ROUTER,
    channel.ROUTER,
    operations.ROUTER,
    oversight.ROUTER,
    public.ROUTER,
    page.ROUTER,
)


def create(hub: hubs.Hub) -> FastAPI:
    """Return the application that serves `hub`."""

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        sending = couriers.make(hub)
        exporting = exporter.Exporter(hub, exporter.stamper_of(hub))
        own = (
            worker.Job("delivery", couriers.EVERY_S, lambda _: sending.run()),
            worker.Job("exports", exporter.EVERY_S, lambda _: exporting.run()),
            worker.Job("peers", PROBE_EVERY_S, lambda _: hub.peers.probe()),
        )
        app.state.exporter = exporting
        jobs = worker.Worker(hub, (*worker.jobs_of(hub.settings), *own))
        hub.ingest.start()
        jobs.start()
        app.state.streams.start()
        try:
            yield
        finally:
            await app.state.streams.stop()
            exporting.stop()
            await asyncio.to_thread(jobs.stop)
            await asyncio.to_thread(sending.close)
            await asyncio.to_thread(hub.peers.close)
            await asyncio.to_thread(hub.ingest.stop)

    app = FastAPI(
        title="Jikimi hub",
        version="1",
        description="Agents deliver events and media; operators see alarms and look at pictures on the record.",
        lifespan=life,
        docs_url=None,
        redoc_url=None,
        openapi_url="/v1/openapi.json",
        middleware=[
            Middleware(envelope.Envelope),
            Middleware(bodies.Bodies, limits=_limits(hub), counted=hub.counters),
        ],
    )
    app.state.hub = hub
    app.state.streams = streams.OpenStreams(hub)
    app.state.public_cache = public.Cache()
    problems.install(app)
    for router in ROUTERS:
        app.include_router(router)
    problems.document_bodies(app)
    page.mount(app)
    return app


def _limits(hub: hubs.Hub) -> bodies.Limits:
    server = hub.settings.server
    return bodies.Limits(server.max_body_bytes, server.body_within_s, server.body_pause_s)
