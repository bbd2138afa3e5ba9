"""Deliveries: written with the decision, sent by the courier to a real receiver, tried again, given up, on record."""

import json
import random
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa
import standardwebhooks

from sharing_hub import courier, couriers, errors
from sharing_hub import hub as hubs
from sharing_hub.domain import ledger
from sharing_hub.gateway import cap, destinations, webhooks
from sharing_hub.services import deliveries, endpoints, ingest
from sharing_hub.store import delivery_tables, ledger_tables, sharing_tables, tables
from sharing_hub.wire import v1
from tests.support import hub_site, messages, receivers, viewing, waiting

LEE = ledger.Actor("operator", "Lee", None, "admin")
ALLOWED = {"delivery": {"private_networks": ["127.0.0.0/8"], "exercise": True}}


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[hubs.Hub]:
    with hub_site.opened(tmp_path, **ALLOWED) as hub:
        site = hub_site.enrol(hub)
        with hub.database.writing() as session:
            delivery = ingest.Delivery(site.agent_id, v1.EventBatch(reports=(messages.report(),)), hub.clock())
            ingest.Ingest(hub.rules, hub.counters).store(session, [delivery])
        yield hub


@pytest.fixture
def sending(hub: hubs.Hub) -> Iterator[courier.Courier]:
    gateway = webhooks.Webhooks(couriers.networks(hub), destinations.system_resolver, ssl.create_default_context())
    made = courier.Courier(
        hub.database,
        {"cloudevents": gateway, "cap": gateway},
        hub.webhook_key,
        hub.clock,
        hub.counters,
        random.Random(1),
    )
    yield made
    made.close()
    gateway.close()


def register(hub: hubs.Hub, url: str, form: str = "cloudevents") -> UUID:
    with hub.database.writing() as session:
        return endpoints.add(session, "fire-119", url, form, couriers.networks(hub), LEE, hub.clock()).endpoint_id


def tell(hub: hubs.Hub, occasion: str = "opened") -> UUID:
    with hub.database.writing() as session:
        incident = session.scalars(sa.select(tables.Incident)).one()
        share = sharing_tables.IncidentShare(
            incident_id=incident.incident_id, agency_id="fire-119", how="confirmed", media="still_and_live",
            purpose="emergency_response", legal_basis="18-2-3", shared_at=hub.clock(),
        )  # fmt: skip
        return deliveries.write(session, couriers.sender_of(hub), incident, share, occasion, hub.rules, hub.clock())  # type: ignore[arg-type]


def states(hub: hubs.Hub) -> list[str]:
    with hub.database.reading() as session:
        table = delivery_tables.Delivery
        return list(session.scalars(sa.select(table.state).order_by(table.delivery_id)))


def recorded(hub: hubs.Hub) -> list[str]:
    table = ledger_tables.Entry
    with hub.database.reading() as session:
        return list(
            session.scalars(sa.select(table.action).where(table.action.like("message.%")).order_by(table.index))
        )


def settle(hub: hubs.Hub, sending: courier.Courier, wanted: list[str]) -> None:
    def done() -> bool:
        sending.run()
        return states(hub) == wanted

    waiting.wait_until(done, 20.0, f"deliveries to be {wanted}")


def test_a_message_arrives_signed_in_the_form_that_the_endpoint_asked_for(
    hub: hubs.Hub, sending: courier.Courier
) -> None:
    with receivers.receiving() as json_side, receivers.receiving() as cap_side:
        ids = register(hub, json_side.url), register(hub, cap_side.url, "cap")
        message_id = tell(hub)
        settle(hub, sending, ["delivered", "delivered"])
    (event,), (alert,) = json_side.received, cap_side.received
    verifier = standardwebhooks.Webhook(hub.webhook_key.secret_of(ids[0], 1))
    # The hub's clock in tests stands at another day than the library's: its own check of the time is left out.
    signature = verifier.sign(event.headers["webhook-id"], hub.clock(), event.body.decode())
    assert event.headers["webhook-signature"] == signature
    assert event.headers["webhook-id"] == alert.headers["webhook-id"] == str(message_id)
    assert b'"kr.jikimi.incident.opened"' in event.body
    assert cap.faults(alert.body) == []
    assert recorded(hub) == ["message.written", "message.delivered", "message.delivered"]


def test_a_failed_one_is_tried_again_with_the_same_id_and_shown_after_ten_seconds(
    hub: hubs.Hub, sending: courier.Courier
) -> None:
    answers = iter([500, 204])
    with receivers.receiving(lambda _: next(answers)) as receiver:
        register(hub, receiver.url)
        tell(hub)
        sending.run()
        waiting.wait_until(lambda: attempts(hub) == 1, 20.0, "the first try")
        hub.clock.pass_s(11)  # type: ignore[attr-defined]
        with hub.database.reading() as session:
            (shown,) = deliveries.late(session, hub.clock())
            (told,) = deliveries.of_incident(session, viewing.viewer(), shown.incident_id, hub.clock())
            with pytest.raises(errors.Refused):
                deliveries.of_incident(
                    session, viewing.viewer("partner", "x", "fire-119"), shown.incident_id, hub.clock()
                )
        assert (shown.state, shown.last_fault) == ("pending", "answered 500")
        assert (told.host, told.state, told.attempts, told.late) == ("127.0.0.1", "pending", 1, True)
        settle(hub, sending, ["delivered"])
    assert len({got.headers["webhook-id"] for got in receiver.received}) == 1


def attempts(hub: hubs.Hub) -> int:
    with hub.database.reading() as session:
        return session.scalar(sa.select(delivery_tables.Delivery.attempts)) or 0


def test_after_a_day_it_is_given_up_and_on_record(hub: hubs.Hub, sending: courier.Courier) -> None:
    with receivers.receiving(lambda _: 503) as receiver:
        register(hub, receiver.url)
        tell(hub)
        hub.clock.pass_s(24 * 3600)  # type: ignore[attr-defined]
        settle(hub, sending, ["dead"])
    assert recorded(hub)[-1] == "message.dead"


def test_messages_that_wait_for_one_endpoint_follow_each_other_within_one_turn(
    hub: hubs.Hub, sending: courier.Courier
) -> None:
    with receivers.receiving() as receiver:
        register(hub, receiver.url)
        tell(hub)
        for _ in range(4):
            tell(hub, "update")
        sending.run()  # once: no timer hands out the others
        waiting.wait_until(lambda: states(hub) == ["delivered"] * 5, 20.0, "all to be delivered")
    numbers = [json.loads(got.body)["data"]["number"] for got in receiver.received]
    assert numbers == [1, 2, 3, 4, 5]


def test_what_follows_a_message_that_fails_waits_for_it(hub: hubs.Hub, sending: courier.Courier) -> None:
    answers = iter([204, 500])
    with receivers.receiving(lambda _: next(answers)) as receiver:
        register(hub, receiver.url)
        for _ in range(3):
            tell(hub)
        sending.run()
        waiting.wait_until(lambda: len(receiver.received) == 2, 20.0, "two tries")
        sending.close()
    assert states(hub) == ["delivered", "pending", "pending"]


def test_a_slow_endpoint_holds_up_nobody_else(hub: hubs.Hub, sending: courier.Courier) -> None:
    release = threading.Event()

    def slow(_: receivers.Received) -> int:
        release.wait(30)
        return 204

    with receivers.receiving(slow) as slow_side, receivers.receiving() as quick_side:
        register(hub, slow_side.url)
        register(hub, quick_side.url)
        tell(hub)
        tell(hub, "update")
        settle(hub, sending, ["pending", "delivered", "pending", "delivered"])
        release.set()
        settle(hub, sending, ["delivered"] * 4)
    assert [b"updated" in got.body for got in slow_side.received] == [False, True], (
        "an endpoint's messages keep their order"
    )


def test_what_was_decided_is_told_after_a_restart_too(tmp_path: Path) -> None:
    with receivers.receiving() as receiver:
        with hub_site.opened(tmp_path, **ALLOWED) as hub:
            site = hub_site.enrol(hub)
            with hub.database.writing() as session:
                delivery = ingest.Delivery(site.agent_id, v1.EventBatch(reports=(messages.report(),)), hub.clock())
                ingest.Ingest(hub.rules, hub.counters).store(session, [delivery])
            register(hub, receiver.url)
            tell(hub)
        with hub_site.opened(tmp_path, **ALLOWED) as again:
            sending = couriers.make(again)
            settle(again, sending, ["delivered"])
            sending.close()
    assert len(receiver.received) == 1


def test_a_disabled_endpoint_gets_nothing_more(hub: hubs.Hub, sending: courier.Courier) -> None:
    with receivers.receiving() as receiver:
        endpoint_id = register(hub, receiver.url)
        tell(hub)
        with hub.database.writing() as session:
            endpoints.disable(session, endpoint_id, LEE, "moved", hub.clock())
        sending.run()
        tell(hub, "update")
    assert (receiver.received, states(hub)) == ([], ["dead"])


@pytest.mark.parametrize(
    ("agency_id", "url", "form", "kind"),
    [
        ("nobody", "https://a.example/", "cap", errors.NotFound),
        ("fire-119", "https://a.example/", "fax", errors.Unprocessable),
        ("fire-119", "ftp://a.example/", "cap", errors.Unprocessable),
    ],
)
def test_an_endpoint_that_makes_no_sense_is_refused(
    hub: hubs.Hub, agency_id: str, url: str, form: str, kind: type[errors.HubError]
) -> None:
    with hub.database.writing() as session, pytest.raises(kind):
        endpoints.add(session, agency_id, url, form, (), LEE, hub.clock())


def test_a_new_generation_is_another_secret_and_the_database_holds_none(hub: hubs.Hub) -> None:
    endpoint_id = register(hub, "http://127.0.0.1:9/")
    first = hub.webhook_key.secret_of(endpoint_id, 1)
    with hub.database.writing() as session:
        row = endpoints.rotate(session, endpoint_id, LEE, hub.clock())
        assert hub.webhook_key.secret_of(endpoint_id, row.generation) != first
    assert first[6:].encode() not in hub.settings.database_path.read_bytes()


def test_another_hub_hears_of_an_incident_once_it_is_real_and_then_also_that_it_is_none(hub: hubs.Hub) -> None:
    with hub.database.writing() as session:
        for _ in range(2):
            endpoints.follow_peers(session, {"fire-119": "https://other.example"}, hub.clock())
    assert [row.form for row in listed(hub)] == ["hub"]
    tell(hub)
    assert states(hub) == [], "nobody confirmed it yet"
    for state, occasion in (("confirmed", "update"), ("false_alarm", "cancel")):
        with hub.database.writing() as session:
            session.scalars(sa.select(tables.Incident)).one().state = state
        tell(hub, occasion)
    assert states(hub) == ["pending", "pending"]


def test_another_hub_that_the_settings_name_no_more_is_told_nothing_more(hub: hubs.Hub) -> None:
    for peers in ({"fire-119": "https://other.example"}, {"fire-119": "https://new.example"}):
        with hub.database.writing() as session:
            endpoints.follow_peers(session, peers, hub.clock())
    assert [row.url for row in listed(hub)] == ["https://new.example"]
    with pytest.raises(errors.Unprocessable, match="unknown form 'hub'"):
        register(hub, "https://10.0.0.1", "hub")


def listed(hub: hubs.Hub) -> list[delivery_tables.Endpoint]:
    with hub.database.reading() as session:
        return endpoints.listed(session)
