"""A person's browser with an authenticator, at a hub under test that it reaches as localhost."""

from typing import Any

import httpx

from tests.support import authenticator

DOORS = "/v1/session/passkeys"


def origin(client: httpx.Client) -> str:
    """Return where the page stands: passkeys need a name, and 127.0.0.1 is none."""
    return f"http://localhost:{client.base_url.port}"


def at_localhost(client: httpx.Client) -> httpx.Client:
    """Let a client's requests name localhost."""
    client.headers["Host"] = f"localhost:{client.base_url.port}"
    return client


def options(browser: httpx.Client, step: str) -> dict[str, Any]:
    """Ask for a challenge; `step` is registration or confirmation."""
    answer = browser.post(f"{DOORS}/{step}/options")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["options"]
    return found


def register(browser: httpx.Client, key: authenticator.Authenticator, label: str = "key") -> httpx.Response:
    """Register a passkey."""
    credential = key.register(options(browser, "registration"), origin(browser))
    return browser.post(f"{DOORS}/registration", json={"label": label, "credential": credential})


def confirm(browser: httpx.Client, key: authenticator.Authenticator) -> httpx.Response:
    """Confirm a passkey."""
    credential = key.confirm(options(browser, "confirmation"), origin(browser))
    return browser.post(f"{DOORS}/confirmation", json={"credential": credential})
