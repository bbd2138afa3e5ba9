"""Every door asked what its OpenAPI lets anybody ask, by nobody, an operator, an agency's system and an administrator: no failure, and nothing told.

The WebSocket of the agents is not in OpenAPI; tests/sharing_hub/live tries it. What else is left out, and why, stands in tests/support/probes.py.
"""

import contextlib
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from sharing_hub import app
from sharing_hub import hub as hubs
from sharing_hub.api import callers
from tests.support import desk, hub_site, probes, two_agencies

EACH = 2
"""Good and bad questions of each operation."""


@dataclass(frozen=True)
class Hall:
    """A served hub, two agencies in it, and the questions."""

    hub: hubs.Hub
    client: httpx.Client
    fire: two_agencies.Agency
    police: two_agencies.Agency
    operations: Mapping[str, probes.Operation]

    def ask(self, case: probes.Question, headers: Mapping[str, str], cookies: Mapping[str, str]) -> probes.Answer:
        """Ask over HTTP."""
        return probes.ask(case, str(self.client.base_url).rstrip("/"), headers, cookies)

    @contextlib.contextmanager
    def proofs(self, caller: str) -> Iterator[tuple[dict[str, str], dict[str, str]]]:
        """Give the headers and cookies of a caller."""
        if caller in ("nobody", "system"):
            yield dict(self.fire.bearer) if caller == "system" else {}, {}
            return
        with desk.signed_in(self.hub, self.client, caller) as browser:
            yield {callers.CSRF_HEADER: browser.headers[callers.CSRF_HEADER]}, dict(browser.cookies)


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    with hub_site.opened(tmp_path_factory.mktemp("hub")) as hub, hub_site.served(hub) as client:
        site = two_agencies.furnish(hub)
        fire = two_agencies.made(hub, client, "fire-119")
        police = two_agencies.made(hub, client, "police-112", media_id=two_agencies.still(hub, site))
        yield Hall(hub, client, fire, police, probes.operations(app.create(hub).openapi()))


@pytest.mark.parametrize("caller", ["nobody", "operator", "system", "admin"])
def test_no_question_makes_the_hub_fail_or_tell_what_it_must_not(hall: Hall, caller: str) -> None:
    never = {"a path": str(Path(hall.hub.settings.data_dir)).encode()}
    if caller in ("nobody", "system"):
        never |= {f"{mark} of police-112": mark.encode() for mark in hall.police.marks}
    found: list[str] = []
    for operation in hall.operations.values():
        with hall.proofs(caller) as (headers, cookies):
            for number, case in enumerate(probes.cases(operation, EACH)):
                asked = probes.with_ids(case, hall.fire.ids)[0] if number % 2 else case
                found += probes.faults(asked, hall.ask(asked, headers, cookies), never)
    assert not found, "\n".join(found)


def test_the_ids_of_another_agency_are_to_a_system_as_ids_of_nothing(hall: Hall) -> None:
    found: list[str] = []
    for name, operation in hall.operations.items():
        case, put = probes.with_ids(probes.cases(operation, EACH)[0], hall.police.ids)
        if not set(put) - {"agency_id", "camera_id"}:
            continue
        answer = hall.ask(case, hall.fire.bearer, {})
        kept = hall.police.marks - set(put.values())
        found += probes.faults(case, answer, {mark: mark.encode() for mark in kept})
        if answer.ok and set(put) & set(case.path_parameters or {}):  # a list narrowed to a stranger's id is empty
            found.append(f"{name}: {answer.status_code} {answer.text[:200]}")
        blank, _ = probes.with_ids(case, {one: _nothing(one, value) for one, value in put.items()})
        instead = hall.ask(blank, hall.fire.bearer, {})
        if (instead.status_code, _without(instead, blank)) != (answer.status_code, _without(answer, case)):
            found.append(f"{name}: {answer.text[:200]} is not {instead.text[:200]}")
    assert not found, "\n".join(found)


def _nothing(name: str, value: str) -> str:
    """Return an id of the same form that names nothing."""
    try:
        uuid.UUID(value)
    except ValueError:
        return value if name in ("agency_id", "camera_id") else f"nothing-{uuid.uuid4().hex[:8]}"
    return str(uuid.uuid4())


def _without(answer: probes.Answer, case: probes.Question) -> str:
    """Return an answer without the ids that were asked for."""
    text: str = answer.text
    for part in (case.path_parameters, case.query, case.body):
        for value in part.values() if isinstance(part, dict) else ():
            text = text.replace(str(value), "…") if isinstance(value, str) and len(value) > 8 else text
    return text
