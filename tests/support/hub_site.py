"""A hub for tests: a real data folder and database, a clock that stands still, served over real HTTP; and agents that are enrolled with it."""

import base64
import contextlib
import datetime
import functools
import socket
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jwk, jwt

from sharing_hub import app, connections, settings
from sharing_hub import hub as hubs
from sharing_hub.api import callers
from sharing_hub.domain import viewers
from sharing_hub.services import agents
from sharing_hub.store import database, schema
from sharing_hub.wire import v1
from tests.support import messages, plain_http

DEADLINE_S = 20.0
PASSWORD_ONLY = {"second_factor": False, "training": False}
"""Settings of a hub whose operators have a password alone."""


class Clock:
    """UTC that moves when told to."""

    def __init__(self) -> None:
        self.now = messages.NOON

    def __call__(self) -> datetime.datetime:
        return self.now

    def pass_s(self, seconds: float) -> None:
        """Let time pass."""
        self.now += datetime.timedelta(seconds=seconds)


def chosen(data_dir: Path, **changed: Any) -> settings.Settings:
    """Return settings for a hub on this folder that never finds the disk full and takes people without a second factor."""
    raw = {"data_dir": data_dir, "media": {"min_free_bytes": 0}, "access": PASSWORD_ONLY, **changed}
    return settings.check(settings.Settings.model_validate(raw))


@contextlib.contextmanager
def opened(data_dir: Path, **changed: Any) -> Iterator[hubs.Hub]:
    """Open a hub's parts without serving them."""
    with opened_by(Clock(), data_dir, **changed) as hub:
        yield hub


@contextlib.contextmanager
def opened_by(clock: Callable[[], datetime.datetime], data_dir: Path, **changed: Any) -> Iterator[hubs.Hub]:
    """Open a hub's parts with a clock of one's own."""
    configured = chosen(data_dir, **changed)
    if not configured.database_path.exists():
        hubs.make_folder(configured)
        configured.database_path.write_bytes(_empty_database())
    with hubs.opened(configured, clock) as hub:
        yield hub


@functools.cache
def _empty_database() -> bytes:
    """Return a database file of this version's schema, made once: going through its history is most of what opening a hub costs."""
    with tempfile.TemporaryDirectory() as folder:
        made = database.Database(Path(folder) / "hub.db")
        schema.upgrade(made)
        made.close()
        return made.path.read_bytes()


@contextlib.contextmanager
def served(hub: hubs.Hub, viewer: viewers.Viewer | None = None) -> Iterator[httpx.Client]:
    """Serve the hub over HTTP on a free port and give a client for it.

    Args:
        viewer: whom every request is taken to come from, whatever its cookie says.
    """
    with socket.socket(proto=socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        application = app.create(hub)
        if viewer is not None:
            for proof in (callers.the_viewer, callers.the_caller):
                application.dependency_overrides[proof] = lambda: viewer
        server_settings = hub.settings.server
        bound = connections.Bound(server_settings.head_within_s, server_settings.max_connections, hub.counters)
        made = connections.made(bound)
        config = uvicorn.Config(application, http=made, log_config=None, lifespan="on")  # type: ignore[arg-type]
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        until = time.monotonic() + DEADLINE_S
        while not server.started and thread.is_alive() and time.monotonic() < until:
            time.sleep(0.005)
        try:
            with plain_http.client(f"http://127.0.0.1:{listener.getsockname()[1]}") as client:
                yield client
        finally:
            server.should_exit = True
            thread.join()


@dataclass(frozen=True, slots=True)
class Site:
    """An enrolled agent with its key."""

    agent_id: uuid.UUID
    key: Ed25519PrivateKey

    def token(self, now: datetime.datetime, **changed: Any) -> str:
        """Return a bearer token; claims can be changed, None leaves one out."""
        at = int(now.timestamp())
        claims = {
            "iss": str(self.agent_id),
            "aud": v1.AGENT_AUDIENCE,
            "iat": at,
            "exp": at + 300,
            "jti": uuid.uuid4().hex,
        }
        claims = {name: value for name, value in {**claims, **changed}.items() if value is not None}
        return jwt.encode({"alg": "Ed25519"}, claims, jwk.OKPKey.import_key(self.key), algorithms=["Ed25519"])

    def headers(self, now: datetime.datetime) -> dict[str, str]:
        """Return the header that proves who calls."""
        return {"Authorization": f"Bearer {self.token(now)}"}

    def sign(self, manifest: v1.MediaManifest) -> v1.SignedManifest:
        """Sign a manifest."""
        return v1.SignedManifest(manifest=manifest, signature=self.signature_of(manifest.signed_bytes()))

    def signature_of(self, signed_bytes: bytes) -> str:
        """Return the agent's signature, as the wire has it."""
        return base64_of(self.key.sign(signed_bytes))


def enrol(hub: hubs.Hub, site: str = "north") -> Site:
    """Enrol an agent."""
    key = Ed25519PrivateKey.generate()
    with hub.database.writing() as session:
        secret = agents.issue_token(session, site, "test", hub.clock(), datetime.timedelta(hours=1))
        request = v1.EnrolmentRequest(secret=secret, public_key=public(key), site=site, software="test")
        return Site(agents.enrol(session, request, hub.clock()), key)


def public(key: Ed25519PrivateKey) -> str:
    """Return the public key as the wire has it."""
    return base64_of(key.public_key().public_bytes_raw())


def base64_of(raw: bytes) -> str:
    """Return unpadded base64url."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def post(
    client: httpx.Client, site: Site, path: str, message: Any, now: datetime.datetime = messages.NOON
) -> httpx.Response:
    """Post a wire message as an agent."""
    headers = {**site.headers(now), "Content-Type": "application/json"}
    return client.post(path, content=message.model_dump_json(), headers=headers)
