from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from sharing_hub import errors
from sharing_hub import hub as hubs
from sharing_hub.services import agents, check, ingest, media, recordings
from sharing_hub.store import tables
from sharing_hub.wire import v1
from tests.support import chains, hub_site, messages, recorded, viewing

CONTENT = b"a range of video"


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[hubs.Hub]:
    with hub_site.opened(tmp_path) as opened:
        opened.clock.pass_s(600)  # type: ignore[attr-defined]
        yield opened


@pytest.fixture
def site(hub: hubs.Hub) -> hub_site.Site:
    """Return an agent whose camera "gate" the hub knows."""
    enrolled = hub_site.enrol(hub)
    delivery = ingest.Delivery(enrolled.agent_id, v1.EventBatch(reports=(messages.report(),)), hub.clock())
    with hub.database.writing() as session:
        ingest.Ingest(hub.rules, hub.counters).store(session, [delivery])
    return enrolled


def ask(hub: hubs.Hub, end_s: float) -> v1.MediaManifest:
    """Ask for the recording from noon on, and return the manifest of the file that answers."""
    with hub.database.writing() as session:
        span = (messages.NOON, messages.after(end_s))
        row = recordings.request(session, viewing.viewer(), "gate", span, "investigation", hub.clock())
        request_id = row.request_id
    return messages.clip_manifest(
        CONTENT, form="range", event_id=None, request_id=request_id, ends_at=messages.after(end_s)
    )


def deliver(hub: hubs.Hub, site: hub_site.Site, manifest: v1.MediaManifest) -> tables.Media:
    announce(hub, site, manifest)
    media.append(hub.blobs, manifest, 0, CONTENT)
    with hub.database.writing() as session:
        media.complete(session, manifest.media_id, hub.clock())
    with hub.database.reading() as session:
        row = session.get_one(tables.Media, manifest.media_id)
        session.expunge(row)
    return row


def announce(hub: hubs.Hub, site: hub_site.Site, manifest: v1.MediaManifest) -> None:
    caller = agents.Caller(site.agent_id, "test", hub_site.public(site.key))
    with hub.database.writing() as session:
        media.announce(session, caller, site.sign(manifest), hub.clock())


def placed(site: hub_site.Site, manifest: v1.MediaManifest, links: Sequence[v1.ChainLink]) -> v1.MediaManifest:
    return chains.placed(manifest, site, links)


def test_a_range_with_every_link_is_complete_and_its_manifest_is_kept_as_it_was_sent(
    hub: hubs.Hub, site: hub_site.Site
) -> None:
    manifest = placed(site, ask(hub, 119), chains.segments("gate", 2))
    row = deliver(hub, site, manifest)
    assert (row.chain_state, row.chain_sequence) == ("complete", 2)
    assert row.signed == site.sign(manifest)
    assert row.signed.manifest.signed_bytes() == manifest.signed_bytes()
    with hub.database.reading() as session:
        assert [one for one in check.findings(session, hub.blobs, None) if one.wrong] == []
    assert recorded.entries(hub)[-1]["details"]["chain"] == "complete"


def test_a_range_from_which_seconds_were_left_out_is_kept_and_said_to_be_incomplete(
    hub: hubs.Hub, site: hub_site.Site
) -> None:
    row = deliver(hub, site, placed(site, ask(hub, 119), chains.segments("gate", 1)))
    assert row.chain_state == "incomplete"
    assert "is in no link of the chain" in (row.chain_detail or "")


def test_a_range_of_an_agent_without_chains_is_taken_as_before(hub: hubs.Hub, site: hub_site.Site) -> None:
    row = deliver(hub, site, ask(hub, 119))
    assert (row.chain_state, row.chain_sequence, row.chain_sha256) == (None, None, None)


def test_links_that_another_signed_are_refused(hub: hubs.Hub, site: hub_site.Site) -> None:
    other = hub_site.enrol(hub, "south")
    manifest = placed(other, ask(hub, 119), chains.segments("gate", 2))
    with pytest.raises(errors.Refused, match="one of its links"):
        announce(hub, site, manifest)


def test_links_that_do_not_hold_together_are_refused(hub: hubs.Hub, site: hub_site.Site) -> None:
    first, _, third = chains.segments("gate", 3)
    with pytest.raises(errors.Unprocessable, match="link 2 does not follow on link 0"):
        announce(hub, site, placed(site, ask(hub, 119), [first, third]))


def test_a_chain_made_anew_contradicts_the_earlier_files_and_is_a_ledger_entry(
    hub: hubs.Hub, site: hub_site.Site
) -> None:
    deliver(hub, site, placed(site, ask(hub, 119), chains.segments("gate", 2)))
    again = placed(site, ask(hub, 119), chains.segments("gate", 2, lost_s=2.5))
    row = deliver(hub, site, again)
    assert (row.chain_state, row.chain_detail) == (
        "contradicted", "link 2 is another than the one that came with an earlier file",
    )  # fmt: skip
    assert "media.chain_contradicted" in recorded.actions(hub)
