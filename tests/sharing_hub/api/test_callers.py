"""Who calls, while things change under a login or token that was good when it was given."""

import dataclasses
from pathlib import Path

from sharing_hub import hub as hubs
from sharing_hub.services import book
from tests.support import desk, hub_site, systems, viewing


def leaves_the_book(hub: hubs.Hub, agency_id: str) -> None:
    """Have two people take an agency out of the book's active ones."""
    with hub.database.writing() as session:
        version, found = book.in_force(session)
        agencies = tuple(
            dataclasses.replace(one, active=one.active and one.agency_id != agency_id) for one in found.agencies
        )
        changed = dataclasses.replace(found, agencies=agencies)
        proposed = book.propose(
            session, viewing.viewer("admin", "choi"), changed, version, "the agency closed", hub.clock()
        )
        book.decide(session, viewing.viewer("privacy_officer", "han"), proposed, True, hub.clock())


def test_an_agency_that_leaves_the_book_is_let_in_no_more_by_session_or_token(tmp_path: Path) -> None:
    path = "/v1/incidents"
    with hub_site.opened(tmp_path) as hub, hub_site.served(hub) as client:
        token = systems.registered(hub, "fire-119").ask(client, hub.clock()).json()["access_token"]
        bearer = {"Authorization": f"Bearer {token}"}
        with desk.signed_in(hub, client, "partner", agency_id="fire-119") as person, desk.signed_in(hub, client) as own:
            assert (person.get(path).status_code, client.get("/v1/caller", headers=bearer).status_code) == (200, 200)
            leaves_the_book(hub, "fire-119")
            refused = person.get(path)
            assert (refused.status_code, "not active" in refused.json()["detail"]) == (403, True)
            assert client.get("/v1/caller", headers=bearer).status_code == 401
            assert own.get(path).status_code == 200
            leaves_the_book(hub, "police-112")
            assert person.get("/v1/session").status_code == 200, "the login itself is left, to log out by"
