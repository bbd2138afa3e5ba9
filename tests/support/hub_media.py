"""Media that stand in a hub's store as if an agent had sent them."""

from sharing_hub import hub as hubs
from sharing_hub.services import agents, ingest, media
from sharing_hub.wire import v1
from tests.support import hub_site, messages


def announce(hub: hubs.Hub, site: hub_site.Site, content: bytes) -> v1.MediaManifest:
    """Store an event and announce its still."""
    report = messages.report(kind="fight", started_at=hub.clock(), raised_at=hub.clock())
    manifest = messages.manifest(content, event_id=report.event_id)
    caller = agents.Caller(site.agent_id, "test", hub_site.public(site.key))
    with hub.database.writing() as session:
        delivery = ingest.Delivery(site.agent_id, v1.EventBatch(reports=(report,)), hub.clock())
        ingest.Ingest(hub.rules, hub.counters).store(session, [delivery])
        media.announce(session, caller, site.sign(manifest), hub.clock())
    return manifest


def store(hub: hubs.Hub, site: hub_site.Site, content: bytes) -> v1.MediaManifest:
    """Store an event and its still, whole."""
    manifest = announce(hub, site, content)
    media.append(hub.blobs, manifest, 0, content)
    with hub.database.writing() as session:
        media.complete(session, manifest.media_id, hub.clock())
    return manifest
