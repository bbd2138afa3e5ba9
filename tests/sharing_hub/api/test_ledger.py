"""The ledger over HTTP: who may read it, that what it answers can be verified with nothing else, who may co-sign."""

import base64
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sharing_hub import hub as hubs
from sharing_hub import worker
from sharing_hub.domain import merkle, notes
from sharing_hub.services import checkpoints
from tests.support import desk, hub_site, recorded

DOORS = (
    "/v1/ledger/key",
    "/v1/ledger/checkpoint",
    "/v1/ledger/entries",
    "/v1/ledger/proof/inclusion?index=0&size=1",
    "/v1/ledger/proof/consistency?first=1&second=2",
)
PRIVATE = Ed25519PrivateKey.generate()
FIRE = notes.Key("fire.example.org", notes.COSIGNATURE, PRIVATE.public_key().public_bytes_raw())


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[hubs.Hub]:
    with hub_site.opened(tmp_path) as opened:
        recorded.fill(opened)
        worker.sign_checkpoint(opened)
        yield opened


@pytest.fixture
def client(hub: hubs.Hub) -> Iterator[httpx.Client]:
    with hub_site.served(hub) as served:
        yield served


def raw(texts: list[str]) -> list[bytes]:
    return [base64.b64decode(text) for text in texts]


def test_an_auditor_verifies_every_entry_with_nothing_but_the_answers(hub: hubs.Hub, client: httpx.Client) -> None:
    with desk.signed_in(hub, client, "auditor") as auditor:
        key = notes.key_of(auditor.get("/v1/ledger/key").json()["key"])
        checkpoint, text, signatures = notes.parse(auditor.get("/v1/ledger/checkpoint").text)
        assert notes.is_signed(text, signatures, key)
        page, items = {"next": 0}, []
        while page["next"] is not None and page["next"] < checkpoint.size:
            page = auditor.get("/v1/ledger/entries", params={"from": page["next"], "limit": 4}).json()
            items += page["items"]
        tree = merkle.Frontier()
        for item in items[: checkpoint.size]:
            leaf = merkle.leaf_hash(rfc8785.dumps(item["entry"]))
            assert base64.b64encode(leaf).decode() == item["hash"]
            tree, _ = merkle.append(tree, leaf)
            where = {"index": item["index"], "size": checkpoint.size}
            proof = raw(auditor.get("/v1/ledger/proof/inclusion", params=where).json()["proof"])
            assert merkle.includes(leaf, item["index"], checkpoint.size, proof, checkpoint.root)
        assert tree.root() == checkpoint.root


def test_an_older_checkpoint_is_shown_to_be_the_beginning_of_a_newer(hub: hubs.Hub, client: httpx.Client) -> None:
    with desk.signed_in(hub, client, "admin") as admin:  # signing in is an entry
        old = notes.parse(admin.get("/v1/ledger/checkpoint").text)[0]
        worker.sign_checkpoint(hub)
        new = notes.parse(admin.get("/v1/ledger/checkpoint").text)[0]
        assert new.size > old.size
        assert notes.parse(admin.get(f"/v1/ledger/checkpoint?size={old.size}").text)[0] == old
        sizes = {"first": old.size, "second": new.size}
        proof = raw(admin.get("/v1/ledger/proof/consistency", params=sizes).json()["proof"])
        assert merkle.is_consistent((old.size, new.size), proof, old.root, new.root)


@pytest.mark.parametrize("door", DOORS)
def test_only_those_who_audit_read_the_ledger(hub: hubs.Hub, client: httpx.Client, door: str) -> None:
    assert client.get(door).status_code == 401
    for role, status in (("operator", 403), ("leader", 403), ("visitor", 403), ("auditor", 200), ("admin", 200)):
        with desk.signed_in(hub, client, role) as browser:
            assert browser.get(door).status_code == status, role


@pytest.mark.parametrize(
    ("door", "status"),
    [
        ("/v1/ledger/checkpoint?size=1", 404),
        ("/v1/ledger/checkpoint?size=0", 422),
        ("/v1/ledger/entries?from=-1", 422),
        ("/v1/ledger/entries?limit=1001", 422),
        ("/v1/ledger/proof/inclusion?index=5&size=5", 404),
        ("/v1/ledger/proof/inclusion?index=0&size=9007199254740991", 404),
        ("/v1/ledger/proof/inclusion?index=99999999999999999999&size=1", 422),
        ("/v1/ledger/proof/consistency?first=3&second=2", 404),
    ],
)
def test_what_is_not_there_is_answered_with_a_problem(
    hub: hubs.Hub, client: httpx.Client, door: str, status: int
) -> None:
    with desk.signed_in(hub, client, "auditor") as auditor:
        answer = auditor.get(door)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


def test_beyond_the_last_entry_there_is_nothing(hub: hubs.Hub, client: httpx.Client) -> None:
    with desk.signed_in(hub, client, "auditor") as auditor:
        size = auditor.get("/v1/ledger/entries").json()["size"]
        assert 0 < size < 500
        assert auditor.get("/v1/ledger/entries?from=500").json() == {"items": [], "size": size, "next": None}


def test_a_registered_witness_co_signs_without_an_account_and_others_do_not(
    hub: hubs.Hub, client: httpx.Client
) -> None:
    with hub.database.writing() as session:
        checkpoints.add_witness(session, FIRE.name, FIRE.text(), hub.clock())
    worker.sign_checkpoint(hub)
    with desk.signed_in(hub, client, "auditor") as auditor:
        checkpoint, text, _ = notes.parse(auditor.get("/v1/ledger/checkpoint").text)
        good = notes.cosign(text, FIRE, PRIVATE, hub.clock()).line()
        bad = notes.cosign(text, FIRE, Ed25519PrivateKey.generate(), hub.clock()).line()
        for line, size, status in ((bad, checkpoint.size, 401), (good, 1, 401), ("x", checkpoint.size, 422)):
            answer = client.post("/v1/ledger/cosignatures", json={"size": size, "signature": line})
            assert answer.status_code == status
        for _ in range(2):
            answer = client.post("/v1/ledger/cosignatures", json={"size": checkpoint.size, "signature": good})
            assert answer.status_code == 204
        assert auditor.get("/v1/ledger/checkpoint").text.count(good) == 1


def test_the_api_s_description_names_the_ledger_and_the_registers(client: httpx.Client) -> None:
    paths = client.get("/v1/openapi.json").json()["paths"]
    assert {door.partition("?")[0] for door in DOORS} <= set(paths)
    assert {"/v1/ledger/cosignatures", "/v1/registers/{letter}.{form}"} <= set(paths)
    names = [parameter["name"] for parameter in paths["/v1/ledger/entries"]["get"]["parameters"]]
    assert {"from", "limit"} <= set(names)


def test_who_made_a_token_and_who_revoked_an_agent_is_recorded(hub: hubs.Hub, client: httpx.Client) -> None:
    site = hub_site.enrol(hub, "south")
    with desk.signed_in(hub, client, "admin", name="choi") as admin:
        assert admin.post("/v1/agents/tokens", json={"site": "west"}).status_code == 201
        for _ in range(2):  # a repeat is no second revocation
            assert admin.post(f"/v1/agents/{site.agent_id}/revoke").status_code == 204
    issued, revoked = recorded.entries(hub)[-2:]
    assert (issued["action"], issued["actor"]["name"], issued["details"]["site"]) == (
        "agent.token_issued",
        "choi",
        "west",
    )
    assert (revoked["action"], revoked["actor"]["role"], revoked["subject"]["id"]) == (
        "agent.revoked",
        "admin",
        str(site.agent_id),
    )


def test_no_entry_holds_a_secret(hub: hubs.Hub, client: httpx.Client) -> None:
    with desk.signed_in(hub, client, "auditor") as auditor:
        text = auditor.get("/v1/ledger/entries?limit=1000").text
        secret, csrf = auditor.cookies["jikimi_session"], auditor.headers["X-CSRF-Token"]
    assert "operator.signed_in" in text
    for word in (secret, csrf, "password_hash", "rtsp://"):
        assert word not in text
