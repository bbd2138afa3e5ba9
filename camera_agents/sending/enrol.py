"""Enrolment: a one-time token becomes an identity. Invariant: the secret is shown to no one but the hub that the token names.

Where the token carries the fingerprint of the hub's own authority, the first connection reads the chain the server shows and sends nothing;
only when a certificate of that chain has the fingerprint is it pinned, and the request goes out on a second connection that trusts it alone.
"""

import datetime
import hashlib
import json
import socket
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pydantic
from cryptography.hazmat.primitives.asymmetric import ed25519

from camera_agents import errors
from camera_agents.sending import identity
from sharing_hub.wire import v1

TIMEOUT_S = 20.0
_MAX_REPLY_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Site:
    """What an agent tells about itself at enrolment."""

    name: str
    software: str


def enrol(token_text: str, site: Site, state_dir: Path, now: datetime.datetime) -> identity.Identity:
    """Enrol this agent and return its identity. Steps E1 to E5 are in DESIGN.md; a kill between them is mended by a repeat.

    Raises:
        EnrolmentFailed: the token is damaged, the hub is not the one it names, or the hub refused it.
        IdentityError: this agent has an identity already.
    """
    folder = state_dir / identity.FOLDER
    if (folder / identity.RECORD_FILE).exists():
        raise errors.IdentityError(f"{folder} holds an identity already: to enrol anew, move that folder away first")
    token = _parse(token_text)
    authority_pem = fetch_authority(token.hub_url, token.authority_sha256) if token.authority_sha256 else None
    key = _key(folder / identity.KEY_FILE)
    reply = _ask(token, site, key, authority_pem)
    if authority_pem is not None:
        identity.write_private(folder / identity.AUTHORITY_FILE, authority_pem.encode())
    record = identity.Record(
        agent_id=reply.agent_id,
        hub_url=token.hub_url.rstrip("/"),
        site=site.name,
        pinned=authority_pem is not None,
        enrolled_at=now,
    )
    identity.write_private(folder / identity.RECORD_FILE, record.model_dump_json(indent=2).encode())
    return identity.Identity.load(state_dir)


def fetch_authority(hub_url: str, sha256: str) -> str:
    """Return the PEM of the certificate with that fingerprint from the chain the hub shows. Nothing is sent to the hub.

    Raises:
        EnrolmentFailed: the hub cannot be reached, or shows no such certificate.
    """
    parts = urlsplit(hub_url)
    if parts.hostname is None:
        raise errors.EnrolmentFailed(f"{hub_url} names no host")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # nothing secret goes over this connection, and the fingerprint decides below
    try:
        with (
            socket.create_connection((parts.hostname, parts.port or 443), TIMEOUT_S) as plain,
            context.wrap_socket(plain, server_hostname=parts.hostname) as secured,
        ):
            chain = _shown_chain(secured)
    except OSError as e:
        raise errors.EnrolmentFailed(f"{hub_url}: {e}") from e
    for certificate in chain:
        if hashlib.sha256(certificate).hexdigest() == sha256:
            return ssl.DER_cert_to_PEM_cert(certificate)
    raise errors.EnrolmentFailed(
        f"{hub_url} is not the hub that made this token (its authority has another fingerprint): check the address and who answers there"
    )


def _shown_chain(secured: ssl.SSLSocket) -> list[bytes]:
    """Return the DER certificates the server sent. Python 3.13 has a method for it; before, only the object inside does."""
    if hasattr(secured, "get_unverified_chain"):
        return [bytes(certificate) for certificate in secured.get_unverified_chain()]
    inside: Any = secured._sslobj  # type: ignore[attr-defined]
    return [ssl.PEM_cert_to_DER_cert(certificate.public_bytes()) for certificate in inside.get_unverified_chain()]


def _parse(token_text: str) -> v1.EnrolmentToken:
    try:
        token = v1.EnrolmentToken.parse(token_text.strip())
    except ValueError as e:
        raise errors.EnrolmentFailed(str(e)) from e
    if token.hub_url.startswith("http://") and not identity.is_loopback(token.hub_url):
        raise errors.EnrolmentFailed(f"{token.hub_url}: plain http is taken to this machine only; the hub needs TLS")
    return token


def _key(path: Path) -> ed25519.Ed25519PrivateKey:
    return identity.read_key(path) if path.exists() else identity.make_key(path)


def _ask(
    token: v1.EnrolmentToken, site: Site, key: ed25519.Ed25519PrivateKey, authority_pem: str | None
) -> v1.EnrolmentReply:
    request = v1.EnrolmentRequest(
        secret=token.secret, public_key=identity.public_key(key), site=site.name, software=site.software
    )
    url = f"{token.hub_url.rstrip('/')}/v1/agent/enrolment"
    try:
        with httpx.Client(verify=identity.tls_context(authority_pem), timeout=TIMEOUT_S, trust_env=False) as client:
            answer = client.post(url, content=request.model_dump_json(), headers={"Content-Type": "application/json"})
    except (httpx.HTTPError, ssl.SSLError) as e:
        raise errors.EnrolmentFailed(f"{url}: {e}") from e
    if not answer.is_success:
        raise errors.EnrolmentFailed(f"the hub refused the token ({_problem(answer)}): ask for a new one")
    try:
        return v1.EnrolmentReply.model_validate_json(answer.content[:_MAX_REPLY_BYTES])
    except pydantic.ValidationError as e:
        raise errors.EnrolmentFailed(f"{url} answered something that is not an enrolment reply") from e


def _problem(answer: httpx.Response) -> str:
    try:
        problem = v1.Problem.model_validate(json.loads(answer.content[:_MAX_REPLY_BYTES]))
    except (ValueError, pydantic.ValidationError):
        return f"status {answer.status_code}"
    return f"{problem.status} {problem.title} {problem.detail}".strip()
