"""Operators of a hub under test: signed in without the cost of a password hash, over the same HTTP as a browser."""

import contextlib
import datetime
import json
import uuid
from collections.abc import Iterator
from typing import Any

import httpx

from sharing_hub import hub as hubs
from sharing_hub.api import callers
from sharing_hub.services import operators, sessions
from sharing_hub.store import tables
from tests.support import plain_http

SOURCE = ("192.0.2.10", "test browser")


def operator_row(role: str, now: datetime.datetime, **changed: Any) -> tables.Operator:
    """Return an operator with a password of their own (and no hash that any password fits)."""
    values: dict[str, Any] = {
        "operator_id": uuid.uuid4(),
        "name": f"{role}-{uuid.uuid4().hex[:6]}",
        "role": role,
        "password_hash": "none",
        "must_change_password": False,
        "created_at": now,
    }
    return tables.Operator(**{**values, **changed})


@contextlib.contextmanager
def signed_in(hub: hubs.Hub, client: httpx.Client, role: str = "operator", **changed: Any) -> Iterator[httpx.Client]:
    """Give a client with the session of a new operator of this role: cookie and CSRF token."""
    operator = operator_row(role, hub.clock(), **changed)
    with hub.database.writing() as session:
        session.add(operator)
    with signed_in_again(hub, client, operator.name) as browser:
        yield browser


@contextlib.contextmanager
def signed_in_again(hub: hubs.Hub, client: httpx.Client, name: str) -> Iterator[httpx.Client]:
    """Give a client with a session of its own for an operator that there is."""
    with hub.database.writing() as session:
        operator = operators.find(session, name)
        assert operator is not None
        lifetime = datetime.timedelta(hours=12)
        secret, active = sessions.begin(session, operator.operator_id, lifetime, SOURCE, hub.clock())
    headers = {callers.CSRF_HEADER: active.csrf}
    cookies = httpx.Cookies()
    cookies.set(callers.cookie_name(hub), secret, domain=client.base_url.host)  # so that the hub's own replaces it
    with plain_http.client(client.base_url, headers=headers, cookies=cookies) as browser:
        yield browser


class Events:
    """Server-sent events of a response, one at a time."""

    def __init__(self, response: httpx.Response) -> None:
        self._lines = response.iter_lines()

    def next(self) -> tuple[str, Any, str]:
        """Wait for the next event; return its name, its data and its id. Comments and heartbeats are passed over."""
        name, data, event_id = "", "", ""
        for line in self._lines:
            if not line and data:
                return name, json.loads(data), event_id
            field, _, value = line.partition(": ")
            name, data, event_id = (
                value if field == "event" else name,
                value if field == "data" else data,
                value if field == "id" else event_id,
            )
        raise EOFError("the stream ended")
