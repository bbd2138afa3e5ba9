"""The hub's doors, entered within this process: routing, checks and answers as over HTTP, without a socket or background work."""

import asyncio
from typing import Any

import httpx
from fastapi import FastAPI

from sharing_hub import app
from sharing_hub import hub as hubs
from sharing_hub.api import callers
from sharing_hub.domain import viewers


class Doors:
    """Enters as whoever is named, who proved it (how is tested where it is done)."""

    def __init__(self, hub: hubs.Hub) -> None:
        self.hub = hub
        self._app: FastAPI = app.create(hub)

    def call(self, viewer: viewers.Viewer, verb: str, path: str, **body: Any) -> httpx.Response:
        """Send JSON (of a GET: a query) as somebody; return the answer."""
        return self.send(viewer, verb, path, **({"params": body} if verb == "GET" else {"json": body}))

    def send(self, viewer: viewers.Viewer, verb: str, path: str, **request: Any) -> httpx.Response:
        """Send a request as somebody; return the answer."""
        for proof in (callers.the_viewer, callers.the_caller):
            self._app.dependency_overrides[proof] = lambda: viewer
        return asyncio.run(self._send(verb, path, request))

    async def _send(self, verb: str, path: str, request: dict[str, Any]) -> httpx.Response:
        transport = httpx.ASGITransport(self._app)
        async with httpx.AsyncClient(transport=transport, base_url="http://hub") as client:
            return await client.request(verb, f"/v1{path}", **request)
