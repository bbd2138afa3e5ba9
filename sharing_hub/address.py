"""Where this hub is reached, and how agents know it."""

import socket

from sharing_hub import authority, settings
from sharing_hub.wire import v1

_FILE = "hub.url"


def of_socket(chosen: settings.Settings, port: int) -> str:
    """Return the hub's address on the port it listens on."""
    scheme = "http" if settings.tls_mode(chosen) == "off" else "https"
    host = chosen.server.host
    if host in ("0.0.0.0", "::"):  # noqa: S104 - compared, not bound
        host = chosen.tls.names[0] if chosen.tls.names else socket.gethostname()
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def remember(chosen: settings.Settings, url: str) -> None:
    """Keep the running hub's address for the command line (the port may have been picked)."""
    (chosen.data_dir / _FILE).write_text(url)


def public_url(chosen: settings.Settings) -> str:
    """Return the address agents and operators use."""
    if chosen.server.public_url:
        return chosen.server.public_url
    known = chosen.data_dir / _FILE
    return known.read_text() if known.exists() else of_socket(chosen, chosen.server.port)


def enrolment_token(chosen: settings.Settings, secret: str) -> v1.EnrolmentToken:
    """Return what a site is handed: the address, the secret, and the authority to pin where the hub has its own."""
    own = settings.tls_mode(chosen) == "authority"
    pinned = authority.fingerprint(chosen.authority_dir) if own else None
    return v1.EnrolmentToken(hub_url=public_url(chosen), secret=secret, authority_sha256=pinned)
