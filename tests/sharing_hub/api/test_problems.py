"""What is told of a wrong message: where and what, in bounded and printable words."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from sharing_hub import app
from sharing_hub.api import problems
from tests.support import hub_site, probes, systems, two_agencies


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with hub_site.opened(tmp_path_factory.mktemp("hub")) as hub, hub_site.served(hub) as client:
        two_agencies.furnish(hub)
        token = systems.registered(hub, "fire-119").ask(client, hub.clock()).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        yield client


@pytest.mark.parametrize(
    "name", ["x" * 50_000, "a\u0000b", "\u202egnp.exe", "\ud800", "a\r\nSet-Cookie: b", "\x1b[31m", "<script>"]
)
def test_a_field_that_the_caller_made_up_is_cut_and_printable(client: httpx.Client, name: str) -> None:
    raw = json.dumps({name: 1}).encode()
    answer = client.post("/v1/bells", content=raw, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.headers["content-type"]) == (422, probes.PROBLEM)
    told = answer.json()
    assert len(answer.content) < 4000
    assert all(text.isprintable() for text in (told["detail"], *(one["field"] for one in told["errors"])))
    assert told["errors"]


def test_a_path_of_very_many_steps_is_cut() -> None:
    (fault,) = problems.faults([{"loc": ("body", *range(500)), "msg": "m\u0007" * 5000}])
    assert len(fault["field"]) < 100 and fault["field"].endswith("…")
    assert len(fault["message"]) < 4 * problems.MAX_DETAIL_CHARACTERS and fault["message"].isprintable()


def test_words_that_can_be_printed_are_left_as_they_are() -> None:
    assert problems.told("사건 번호 (case number): 2026-1182", 100) == "사건 번호 (case number): 2026-1182"


@pytest.mark.parametrize("raw", [b"{", b"", b"\xff\xfe", b'{"a": NaN', b"[" * 20_000])
def test_a_body_that_is_no_json_is_answered_as_the_api_says(client: httpx.Client, raw: bytes, tmp_path: Path) -> None:
    answer = client.post("/v1/bells", content=raw, headers={"Content-Type": "application/json"})
    with hub_site.opened(tmp_path) as hub:
        documented = app.create(hub).openapi()["paths"]["/v1/bells"]["post"]["responses"]
    assert str(answer.status_code) in documented and answer.status_code in (400, 422)
    assert answer.headers["content-type"] == probes.PROBLEM


def test_every_door_with_a_body_says_what_becomes_of_one_that_cannot_be_read(tmp_path: Path) -> None:
    with hub_site.opened(tmp_path) as hub:
        document = app.create(hub).openapi()
    operations = [one for methods in document["paths"].values() for one in methods.values()]
    lacking = [
        one["operationId"]
        for one in operations
        if "requestBody" in one and not {"400", "408", "413"} <= set(one["responses"])
    ]
    assert lacking == []
    assert not any("408" in one["responses"] for one in operations if "requestBody" not in one)
