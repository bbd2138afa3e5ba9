"""A typed client of the agencies' API, for partners' systems: proves itself with a key, asks for tokens, and says what went wrong in words.

It needs `httpx`, `joserfc` and `pydantic` and knows nothing of the hub's inside.

    with AgencyClient("https://hub.district.kr:8443", client_id, key) as hub:
        case = hub.open_case("2026-11-4711", 37.4979, 127.0276)
        still = hub.download(media_id, why="fire at the market")
"""

from sharing_hub.client.answers import Camera, Case, Grant, Incident, Media, Message, Page, Share, SharedIncident
from sharing_hub.client.client import AgencyClient, HubRefused, HubUnreachable

__all__ = [
    "AgencyClient",
    "Camera",
    "Case",
    "Grant",
    "HubRefused",
    "HubUnreachable",
    "Incident",
    "Media",
    "Message",
    "Page",
    "Share",
    "SharedIncident",
]
