"""HTTP clients for servers on this machine that have no TLS."""

import ssl
from typing import Any

import httpx

TIMEOUT_S = 30.0
"""For a machine that others keep busy: an answer that takes httpx's five seconds there is no fault of the hub."""
_NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Trusts no authority. Without it every client reads the system's authorities anew, which takes longer (36 ms) than most requests."""


def client(base_url: str | httpx.URL = "", timeout: float = TIMEOUT_S, **more: Any) -> httpx.Client:
    """Return a client; https addresses are refused."""
    return httpx.Client(base_url=base_url, timeout=timeout, verify=_NOBODY, **more)
