"""Extremes that a schema's own questions seldom have, at every door: no failure, and every refusal a problem."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from sharing_hub import app
from sharing_hub import hub as hubs
from tests.support import desk, hub_site, messages, probes, two_agencies

WORDS = (
    "9223372036854775808", "-1", "NaN", "1e400", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-23:59", "9999-12", "\x00",
    "\U0010ffff", "../../etc/passwd", "٣", "2026-07-01T00:00:00",
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    2**63, 10**400, float("nan"), float("inf"), 1e-320, "\ud800", "a\x00b", "\u202e" * 10, "x" * 100_000,
    "9999-12-31T23:59:59-14:00", "0001-01-01", [], {}, None, [[]] * 1000,
)  # fmt: skip
BODIES = (
    b"\xff\xfe",
    b"NaN",
    b"null",
    b"[" * 50_000,
    b'{"a":' * 20_000,
    b'"\\ud800"',
    b'{"\\u0000":1}',
    b"x" * 200_000,
)
HEADERS = (
    ("Range", "bytes=" + "0-1," * 5000), ("Range", "bytes=-" + "9" * 400), ("Range", "bytes=" + "9" * 5000 + "-"), ("Range", "bytes=٣-"),
    ("If-None-Match", "x" * 10_000), ("Cookie", "jikimi_session=\xff"), ("Authorization", "Bearer \xff"), ("Last-Event-ID", "9" * 400),
    ("Origin", "http://["), ("X-Forwarded-For", "x" * 1000), ("Content-Type", "application/json; charset=utf-7"), ("Accept", "\xff" * 50),
)  # fmt: skip
XML = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'


@dataclass(frozen=True)
class Hall:
    """A served hub, an agency's system in it, and what may be asked."""

    hub: hubs.Hub
    client: httpx.Client
    fire: two_agencies.Agency
    document: Mapping[str, Any]

    def operations(self) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
        """Yield method, path with good names in it, and what OpenAPI says."""
        for path, methods in self.document["paths"].items():
            for method, operation in methods.items():
                if operation["operationId"] not in probes.LEFT_OUT:
                    names = [one["name"] for one in operation.get("parameters", ()) if one["in"] == "path"]
                    yield method, path.format(**{name: self.fire.ids.get(name, "1") for name in names}), operation


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    with hub_site.opened(tmp_path_factory.mktemp("hub")) as hub, hub_site.served(hub) as client:
        media_id = two_agencies.still(hub, two_agencies.furnish(hub))
        fire = two_agencies.made(hub, client, "fire-119", media_id=media_id)
        yield Hall(hub, client, fire, app.create(hub).openapi())


def fault(answer: httpx.Response) -> str | None:
    """Say what is wrong with an answer, whatever was asked."""
    kind = answer.headers.get("content-type", "")
    if answer.status_code >= 500:
        return f"{answer.status_code} {answer.text[:200]}"
    if b"root:" in answer.content:
        return "tells a file"
    is_oauth = answer.request.url.path == probes.OAUTH
    return (
        f"{answer.status_code} is no problem but {kind}"
        if answer.status_code >= 400 and kind != probes.PROBLEM and not is_oauth
        else None
    )


def test_no_word_of_a_query_makes_a_door_fail(hall: Hall) -> None:
    found = []
    with desk.signed_in(hall.hub, hall.client, "admin") as browser:
        for method, path, operation in hall.operations():
            asked = [one for one in operation.get("parameters", ()) if one["in"] == "query"]
            needed = {one["name"]: "1" for one in asked if one.get("required")}
            for name in (one["name"] for one in asked):
                for word in WORDS:
                    answer = browser.request(method, path, params={**needed, name: word})
                    if what := fault(answer):
                        found.append(f"{method} {path} {name}={word!r}: {what}")
    assert not found, "\n".join(found)


def bodies(hall: Hall, operation: Mapping[str, Any]) -> Iterator[bytes]:
    """Yield bodies for a door that takes JSON: none at all, and plain ones with one extreme in them."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        return
    yield from BODIES
    properties = _properties(hall.document, content["schema"])
    plain = {name: _plain(hall.fire.ids, name, schema) for name, schema in properties.items()}
    for name in properties:
        yield from (json.dumps({**plain, name: value}).encode() for value in VALUES)


def _properties(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    named = [schema, *schema.get("anyOf", ())]
    reference = next((one["$ref"] for one in named if "$ref" in one), None)
    found = document["components"]["schemas"][reference.rpartition("/")[2]] if reference else schema
    known: Mapping[str, Any] = found.get("properties", {})
    return known


def _plain(ids: Mapping[str, str], name: str, schema: Mapping[str, Any]) -> Any:
    chosen: Mapping[str, Any] = next(
        (one for one in (schema, *schema.get("anyOf", ())) if one.get("type", "null") != "null"), {}
    )
    if name in ids:
        return ids[name]
    if name == "camera_ids":
        return [ids["camera_id"]]
    if chosen.get("format") == "date-time":
        return messages.after(-100).isoformat()
    if "enum" in chosen:
        return chosen["enum"][0]
    return {"integer": 1, "number": 37.5, "boolean": True, "array": [], "object": {}}.get(chosen.get("type", ""), "ab")


@pytest.mark.parametrize("caller", ["system", "leader"])
def test_no_value_in_a_body_makes_a_door_fail(hall: Hall, caller: str) -> None:
    found = []
    with desk.signed_in(hall.hub, hall.client, "leader") as browser:
        who, proof = (browser, {}) if caller == "leader" else (hall.client, dict(hall.fire.bearer))
        headers = {**proof, "Content-Type": "application/json"}
        for method, path, operation in hall.operations():
            for raw in bodies(hall, operation):
                answer = who.request(method, path, content=raw, headers=headers, params={"on_top_of": 1, "why": "x"})
                if what := fault(answer):
                    found.append(f"{method} {path} {raw[:120]!r}: {what}")
    assert not found, "\n".join(found)


@pytest.mark.parametrize(("name", "value"), HEADERS)
def test_no_header_makes_the_door_of_pictures_fail(hall: Hall, name: str, value: str) -> None:
    raw = value.encode("utf-8") if name == "Range" else value.encode("latin-1")
    with desk.signed_in(hall.hub, hall.client, "leader") as browser:
        path = f"/v1/media/{hall.fire.ids['media_id']}?why=x"
        answer = browser.get(path, headers=[(name.encode(), raw)])
    assert answer.status_code < 500
    assert answer.status_code == 400 or fault(answer) is None  # 400: the server's own, before anything of the hub's


@pytest.mark.parametrize(
    "raw", [XML, XML.decode().encode("utf-16"), b"OPEN|99999|" + b"9" * 5000, b"OPEN|\xd9\xa3|x", b"OPEN|-1|", b"|" * 4096, b"\x00" * 100]
)  # fmt: skip
def test_the_five_service_door_takes_no_xml_and_no_nonsense(hall: Hall, raw: bytes) -> None:
    headers = {**hall.fire.bearer, "Content-Type": "text/plain"}
    answer = hall.client.post("/v1/agency/five-service", content=raw, headers=headers)
    assert fault(answer) is None
    assert answer.status_code >= 400
