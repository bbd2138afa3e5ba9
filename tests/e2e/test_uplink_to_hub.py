"""The agent's uplink against the true hub: processes, TLS, database and files as they are in a district."""

import contextlib
import datetime
import io
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import orm, select

from camera_agents import check
from camera_agents.sending import enrol, heartbeat, identity, mediastore, outbox, uplink
from sharing_hub import hub as hubs
from sharing_hub import settings
from sharing_hub.store import tables
from sharing_hub.wire import v1
from tests.support import agent_state, commands, desk, hub_process, hub_site, link, media_side, messages, waiting

DEADLINE_S = 60.0


def utc() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


@dataclass
class Agent:
    """An agent without cameras: everything between its outbox and the hub is real."""

    me: identity.Identity
    box: outbox.Outbox
    store: mediastore.MediaStore
    uplink: uplink.Uplink
    cameras: media_side.Cameras = field(default_factory=media_side.Cameras)

    def report(self) -> v1.EventReport:
        """Commit an event of now."""
        now = utc()
        report = messages.report(started_at=now, raised_at=now)
        self.box.commit_event(report, None)
        return report

    def wait(self, condition: Callable[[], object], what: str) -> None:
        """Wait until something came true."""
        waiting.wait_until(condition, DEADLINE_S, what)

    def wait_until_delivered(self) -> None:
        """Wait until the outbox is empty."""
        self.wait(
            lambda: (backlog := self.box.backlog(utc())).events + backlog.media == 0, "everything being delivered"
        )


@contextlib.contextmanager
def running(state_dir: Path, me: identity.Identity, clock: Callable[[], datetime.datetime] = utc) -> Iterator[Agent]:
    """Run the uplink of an enrolled agent."""
    box, store, cameras = (
        agent_state.open_outbox(state_dir, clock),
        agent_state.open_media(state_dir),
        media_side.Cameras(),
    )
    chosen = uplink.Settings(
        heartbeat.Running("jikimi-agent/test", clock()), heartbeat_s=2.0, retry_base_s=0.1, retry_cap_s=0.5
    )
    line = uplink.Uplink(me, box, store, cameras.side(), chosen, clock)
    line.start()
    try:
        yield Agent(me, box, store, line, cameras)
    finally:
        line.stop(1.0)
        box.close()


def token(*which: str) -> str:
    """Make an enrolment token as an administrator does."""
    return commands.call("sharing_hub", "token", "north gate", *which).stdout.strip()


def stored_events(hub: hub_process.HubProcess) -> list[uuid.UUID]:
    with hubs.database_beside(settings.Settings(data_dir=hub.data_dir)) as db, db.reading() as session:
        return list(session.scalars(select(tables.Event.event_id)))


def stored_media(hub: hub_process.HubProcess) -> dict[uuid.UUID, str]:
    with hubs.database_beside(settings.Settings(data_dir=hub.data_dir)) as db, db.reading() as session:
        return {row.media_id: row.form for row in session.scalars(select(tables.Media))}


@pytest.mark.process
def test_an_agent_enrolled_over_tls_delivers_events_ends_and_media(tmp_path: Path) -> None:
    config = tmp_path / "hub.toml"
    config.write_text(f'data_dir = "{tmp_path / "hub"}"\n[tls]\nmode = "authority"\n[media]\nmin_free_bytes = 0\n')
    with hub_process.HubProcess(tmp_path / "hub", config=config) as hub:
        assert hub.url.startswith("https://")
        site = enrol.Site("north gate", "jikimi-agent/test")
        me = enrol.enrol(token("--config", str(config)), site, tmp_path / "agent", utc())
        assert me.authority_pem is not None
        with running(tmp_path / "agent", me) as agent:
            report = agent.report()
            agent.box.commit_end(v1.EventEnd(event_id=report.event_id, ended_at=utc()))
            for form, content in (("clip", b"clip" * 300_000), ("masked_still", b"still")):
                agent_state.keep_file(agent.box, agent.store, me, content, form=form, event_id=report.event_id)
            agent.wait_until_delivered()
            agent.wait(lambda: agent.uplink.state().channel_open, "the channel")
        assert stored_events(hub) == [report.event_id]
        assert sorted(stored_media(hub).values()) == ["clip", "masked_still"]
        assert agent_is_clean(tmp_path / "agent")
    assert hub.check()[0] == 0


@pytest.mark.process
def test_events_and_clips_are_stored_once_while_the_hub_is_killed_again_and_again(tmp_path: Path) -> None:
    with hub_process.HubProcess(tmp_path / "hub") as hub, link.Link(port_of(hub)) as line:
        reply = enrol.enrol(
            token("--data", str(hub.data_dir)), enrol.Site("north gate", "test"), tmp_path / "agent", utc()
        )
        me = identity.Identity(reply.record.model_copy(update={"hub_url": line.url}), reply.key, None)
        with running(tmp_path / "agent", me) as agent:
            reports = []
            for _ in range(3):
                for _ in range(10):
                    report = agent.report()
                    reports.append(report.event_id)
                    content = report.event_id.bytes * 40_000
                    agent_state.keep_file(agent.box, agent.store, me, content, form="clip", event_id=report.event_id)
                agent.wait(lambda: line.carried_bytes > 0, "something on its way")
                hub.kill()
                hub.start()
                line.target = port_of(hub)
            agent.wait_until_delivered()
            assert agent.box.parked() == {"events": {}, "endings": {}, "media": {}, "plans": {}}
        assert sorted(stored_events(hub)) == sorted(reports)
        assert len(stored_media(hub)) == len(reports)
    assert hub.check()[0] == 0


@pytest.mark.process
def test_a_recording_asked_for_at_the_hub_is_planned_made_and_ready(tmp_path: Path) -> None:
    with hub_site.opened(tmp_path / "hub") as hub, hub_site.served(hub) as client:
        me = agent_state.enrolled(tmp_path / "agent", str(client.base_url).rstrip("/"))
        with hub.database.writing() as session:
            add_agent(session, me, hub.clock())
        with running(tmp_path / "agent", me, hub.clock) as agent, desk.signed_in(hub, client) as operator:
            agent.wait(lambda: operator.get("/v1/cameras").json()["items"], "the camera being known")
            wanted = {
                "camera_id": "gate",
                "starts_at": messages.after(-120).isoformat(),
                "ends_at": messages.after(-60).isoformat(),
                "why": "a citizen's request",
            }
            asked = operator.post("/v1/recordings", json=wanted)
            assert asked.status_code == 202, asked.text
            request_id = asked.json()["request_id"]

            def state() -> str:
                return str(operator.get(f"/v1/recordings/{request_id}").json()["state"])

            agent.wait(agent.box.open_plans, "the plan")
            agent.wait(lambda: state() == "accepted", "the agent's word at the hub")
            (plan,) = agent.box.open_plans()
            content = b"a minute of video"
            manifest = messages.clip_manifest(
                content,
                form="range",
                event_id=None,
                request_id=plan.request_id,
                starts_at=plan.starts_at,
                ends_at=plan.ends_at,
            )
            agent.box.commit_media(me.sign(manifest), agent.store.put(content, ".mp4").path, plan.plan_id)
            agent.wait(lambda: state() == "ready", "the recording")

            refused = operator.post("/v1/recordings", json={**wanted, "why": "another"}).json()["request_id"]
            agent.wait(agent.box.open_plans, "the second plan")
            agent.box.fail_plan(uuid.UUID(refused), "the segment is damaged")

            def told() -> dict[str, str]:
                answer: dict[str, str] = operator.get(f"/v1/recordings/{refused}").json()
                return answer

            agent.wait(lambda: told()["state"] == "refused", "the refusal")
            assert told()["reason"] == "the segment is damaged"


def port_of(hub: hub_process.HubProcess) -> int:
    return int(hub.url.rsplit(":", 1)[1])


def agent_is_clean(state_dir: Path) -> bool:
    """Say whether the agent's own check finds nothing."""
    return check.run(state_dir, io.StringIO()) == 0


def add_agent(session: orm.Session, me: identity.Identity, now: datetime.datetime) -> None:
    row = tables.Agent(
        agent_id=me.agent_id,
        site="test",
        public_key=identity.public_key(me.key),
        software="test",
        enrolled_at=now,
    )
    session.add(row)
