"""Serving: the hub on its socket until it is told to stop."""

import asyncio
import socket
import ssl
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import uvicorn

from sharing_hub import address, app, authority, connections, errors, settings, worker
from sharing_hub import hub as hubs

STOP_WITHIN_S = 5
FILES_BESIDE = 4096
"""Files beside the connections: the store's, the media being read, agents' channels."""
_RENEWAL_CHECK_S = timedelta(hours=12).total_seconds()


def serve(hub: hubs.Hub, announce: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT.

    Args:
        announce: called with the hub's address once it accepts connections.
    """
    with _listener(hub.settings) as listener:
        port: int = listener.getsockname()[1]
        server_settings = hub.settings.server
        bound = connections.Bound(server_settings.head_within_s, server_settings.max_connections, hub.counters)
        connections.allow_files(server_settings.max_connections + FILES_BESIDE)
        config = uvicorn.Config(
            app.create(hub),
            http=connections.made(bound),  # type: ignore[arg-type]  # what makes a protocol, which is all that is asked of it
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=bool(hub.settings.server.proxies),
            forwarded_allow_ips=list(hub.settings.server.proxies),
            timeout_graceful_shutdown=STOP_WITHIN_S,
            ws_max_size=16 * 1024 * 1024,
            ws_per_message_deflate=False,  # agents push video, which does not get smaller
            ws_ping_interval=10,
            ws_ping_timeout=10,
            **_tls(hub),
        )
        renewal = worker.Worker(hub, (worker.Job("certificate", _RENEWAL_CHECK_S, lambda hub: _renew(hub, config)),))
        server = _Server(config, bound.head_within_s, lambda: _opened(hub, port, announce))
        renewal.start()
        try:
            server.run(sockets=[listener])
        finally:
            renewal.stop()


class _Server(uvicorn.Server):
    """uvicorn's server, that says when it accepts connections."""

    def __init__(self, config: uvicorn.Config, head_within_s: float, on_open: Callable[[], None]) -> None:
        super().__init__(config)
        self._head_within_s = head_within_s
        self._on_open = on_open

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve on a loop that waits for handshakes as long as for heads."""
        with asyncio.Runner(loop_factory=lambda: connections.Loop(self._head_within_s)) as runner:
            runner.run(self.serve(sockets))

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        if self.started:
            self._on_open()


def _opened(hub: hubs.Hub, port: int, announce: Callable[[str], None]) -> None:
    url = address.of_socket(hub.settings, port)
    address.remember(hub.settings, hub.settings.server.public_url or url)
    announce(url)


def _listener(chosen: settings.Settings) -> socket.socket:
    host, port = chosen.server.host, chosen.server.port
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named, for asyncio turns Nagle's delay (40 ms an answer) off only where it is.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except OSError as e:
        listener.close()
        raise errors.SettingsError(
            f"cannot listen on {host} port {port} ({e.strerror}); choose another [server] host or port"
        ) from e
    return listener


def _tls(hub: hubs.Hub) -> dict[str, Any]:
    mode, tls = settings.tls_mode(hub.settings), hub.settings.tls
    if mode == "off":
        return {}
    if mode == "certificate":
        for path in (tls.certificate, tls.key):
            if path is None or not path.is_file():
                raise errors.SettingsError(f'[tls] {path}: no such file; give the PEM files, or set mode = "authority"')
        return {"ssl_certfile": tls.certificate, "ssl_keyfile": tls.key}
    files = authority.prepare(hub.settings.authority_dir, authority.names_of(hub.settings), hub.clock())
    return {"ssl_certfile": files.certificate, "ssl_keyfile": files.key}


def _renew(hub: hubs.Hub, config: uvicorn.Config) -> None:
    """Renew the authority's server certificate when it is due; new connections get it at once."""
    loaded: ssl.SSLContext | None = getattr(config, "ssl", None)
    files = _tls(hub)
    if files and loaded is not None:
        loaded.load_cert_chain(files["ssl_certfile"], files["ssl_keyfile"])
