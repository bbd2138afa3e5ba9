"""The browser of the tests: where it is, how it is started, and the marks of tests that need it."""

import shutil
from typing import Any

import pytest
from playwright import sync_api

PATH = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
MARKS = [
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.skipif(PATH is None, reason="Chromium is not installed: make test says how"),
]
AUTHENTICATOR: dict[str, Any] = {
    "protocol": "ctap2", "transport": "internal", "hasUserVerification": True, "isUserVerified": True,
    "automaticPresenceSimulation": True,
}  # fmt: skip
"""A platform's passkeys, as the browser's own tools play them."""
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # On a machine whose only network is loopback (CI), WebRTC lists no address of its own without these two.
    "--allow-loopback-in-peer-connection",
    "--use-fake-ui-for-media-stream",
]


def launch(playwright: sync_api.Playwright) -> sync_api.Browser:
    """Start it without a screen."""
    return playwright.chromium.launch(executable_path=PATH, args=_FLAGS)
