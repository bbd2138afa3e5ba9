"""What endpoints ask for: the hub, from the application's state.

An endpoint opens its own transaction (`with hub.database.writing() as session:`), in its own thread, and so commits once, before it answers.
"""

from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from sharing_hub import hub as hubs


async def the_hub(connection: HTTPConnection) -> hubs.Hub:
    """Return the hub that this application serves. (A coroutine, for FastAPI runs a plain function in a thread: 0.3 ms a request.)"""
    hub: hubs.Hub = connection.app.state.hub
    return hub


HubHere = Annotated[hubs.Hub, Depends(the_hub)]


def source_address(connection: HTTPConnection) -> str:
    """Return the address a request came from."""
    return connection.client.host if connection.client else "unknown"
