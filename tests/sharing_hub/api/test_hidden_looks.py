"""What an agency asks for and is not its own: answered as if there were no such thing, and on record all the same, within bounds."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from sharing_hub import hub as hubs
from sharing_hub.api import hidden_looks
from sharing_hub.services import hidden_looks as records
from sharing_hub.services import ledger_check
from sharing_hub.store import ledger_tables, tables
from tests.support import desk, hub_site, messages, systems, two_agencies, viewing

CAMERA = two_agencies.CAMERA_OF["police-112"]
OFFER = {"content": "v=0", "headers": {"Content-Type": "application/sdp"}}


@dataclass(frozen=True)
class Hall:
    """A served hub with a file of a camera that the caller, 119's system, may not know of."""

    hub: hubs.Hub
    client: httpx.Client
    media_id: str

    def get(self, media_id: str) -> httpx.Response:
        """Ask for a file."""
        return self.client.get(f"/v1/media/{media_id}", params={"why": "curious", "purpose": "emergency_response"})

    def watch(self, camera_id: str) -> httpx.Response:
        """Offer to watch a camera live."""
        return self.client.post(f"/v1/live/{camera_id}", params={"why": "curious"}, **OFFER)  # type: ignore[arg-type]

    def rows(self) -> list[tuple[str, str, str, str]]:
        """Return action, camera, decision and rule of every look."""
        with self.hub.database.reading() as session:
            found = session.scalars(sa.select(tables.Look).order_by(tables.Look.at, tables.Look.rule.desc()))
            return [(row.action, row.camera_id, row.decision, row.rule) for row in found]


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    with hub_site.opened(tmp_path) as hub, hub_site.served(hub) as client:
        media_id = two_agencies.still(hub, two_agencies.furnish(hub))
        token = systems.registered(hub, "fire-119").ask(client, hub.clock()).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        yield Hall(hub, client, media_id)


def body_without(answer: httpx.Response, name: str) -> str:
    """Return an answer without what was asked for."""
    return answer.text.replace(name, "…")


def test_a_file_of_another_agencys_is_answered_like_none_and_both_are_on_record(hall: Hall) -> None:
    nothing = str(uuid.uuid4())
    there, none = hall.get(hall.media_id), hall.get(nothing)
    assert there.status_code == none.status_code == 404
    assert body_without(there, hall.media_id) == body_without(none, nothing)
    assert set(there.headers) == set(none.headers)
    assert hall.rows() == [
        ("masked_still", "gate", "deny", records.NOT_VISIBLE),
        ("clip", "", "deny", records.NOT_FOUND),
    ]


def test_so_is_a_live_view_of_a_camera_that_no_grant_opens(hall: Hall) -> None:
    there, none = hall.watch(CAMERA), hall.watch("no-such-camera")
    assert there.status_code == none.status_code == 404
    assert body_without(there, CAMERA) == body_without(none, "no-such-camera")
    assert hall.rows() == [
        ("live", CAMERA, "deny", records.NOT_VISIBLE),
        ("live", "no-such-camera", "deny", records.NOT_FOUND),
    ]


def test_the_row_says_who_why_from_where_and_has_one_entry(hall: Hall) -> None:
    hall.get(hall.media_id)
    with hall.hub.database.reading() as session:
        row = session.scalars(sa.select(tables.Look)).one()
        entries = session.scalars(
            sa.select(ledger_tables.Entry.body).where(ledger_tables.Entry.action == "look.masked_still")
        )
        assert (row.agency_id, row.why, row.purpose, row.source_address) == (
            "fire-119", "curious", "emergency_response", "127.0.0.1",
        )  # fmt: skip
        assert row.policy_version is not None
        assert len(entries.all()) == 1
        assert list(ledger_check.faults(session, hall.hub.ledger_key.public)) == []


def test_repeats_within_a_minute_are_counted_and_the_next_minutes_is_a_row_again(hall: Hall) -> None:
    for _ in range(3):
        assert hall.get(hall.media_id).status_code == 404
    assert len(hall.rows()) == 1
    assert hall.hub.counters.totals()["looks_not_recorded", "repeated"] == 2
    assert hall.hub.counters.totals()["looks", "denied"] == 3
    assert isinstance(hall.hub.clock, hub_site.Clock)
    hall.hub.clock.pass_s(61)
    hall.get(hall.media_id)
    assert len(hall.rows()) == 2


def test_whoever_tries_id_after_id_fills_no_table(hall: Hall) -> None:
    for _ in range(hidden_looks.MAX_ROWS + 5):
        hall.get(str(uuid.uuid4()))
    assert len(hall.rows()) == hidden_looks.MAX_ROWS
    assert hall.hub.counters.totals()["looks_not_recorded", "too many"] == 5


def test_an_operators_wrong_id_is_no_refused_look(hall: Hall) -> None:
    del hall.client.headers["Authorization"]
    with desk.signed_in(hall.hub, hall.client, "operator") as browser:
        assert browser.get(f"/v1/media/{uuid.uuid4()}?why=check").status_code == 404
    assert hall.rows() == []


def test_what_is_remembered_of_callers_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hidden_looks, "MAX_CALLERS", 2)
    seen = hidden_looks.HiddenLooks()
    first, *others = (viewing.viewer("partner", str(n), "fire-119") for n in range(3))
    for one in (first, *others):
        assert seen.left_out(one, "x", messages.NOON) is None
    assert seen.left_out(others[1], "x", messages.NOON) == "repeated"
    assert seen.left_out(first, "x", messages.NOON) is None, "the oldest was forgotten"
    assert seen.left_out(first, "x", messages.NOON - timedelta(hours=1)) is None, "a clock set back begins anew"
