"""Questions that the hub's OpenAPI lets anybody ask, some good and some bad, always the same ones; and what no answer to them may hold."""

import functools
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import hypothesis
import requests
import schemathesis

Operation = schemathesis.APIOperation[Any, Any, Any, Any]
Question = schemathesis.Case[Any]
Answer = requests.Response
MODES = schemathesis.GenerationMode
LEFT_OUT = {
    "followChanges": "an answer without an end; test_stream.py follows it",
    "logOut": "ends the session that the next questions are asked with; test_session.py ends it",
    "changePassword": "asks for a password hash each time, and ends the session; test_session.py changes it",
    "logIn": "asks for a password hash each time; test_session.py tries it",
}
PROBLEM = "application/problem+json"
OAUTH = "/oauth/token"
_LEAKS = re.compile(
    rb'Traceback \(most recent|File "[^"]+", line \d|site-packages|sqlalchemy|sqlite3|rtsps?://|\$argon2|-----BEGIN [A-Z ]*PRIVATE|pydantic\.dev'
)
_MAY_WAIT = (503, 507)


@schemathesis.serializer("application/sdp")
def _as_text(context: Any, value: Any) -> Any:
    return {"data": value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")}


def operations(document: Mapping[str, Any]) -> dict[str, Operation]:
    """Return the operations to be tried, by their id."""
    results: Iterator[Any] = schemathesis.openapi.from_dict(dict(document)).get_all_operations()
    found = (one.ok() for one in results)
    return {name: one for one in found if (name := one.definition.raw["operationId"]) not in LEFT_OUT}


@functools.cache
def cases(operation: Operation, each: int) -> Sequence[Question]:
    """Return questions that the schema permits, then those that it does not: `each` of both where there are such, the same at every run."""
    found: list[Question] = []
    for mode in MODES:

        @hypothesis.settings(
            max_examples=each, derandomize=True, database=None, deadline=None, phases=[hypothesis.Phase.generate],
            suppress_health_check=list(hypothesis.HealthCheck),
        )  # fmt: skip
        @hypothesis.given(operation.as_strategy(mode))
        def note(case: Question) -> None:
            found.append(case)

        try:
            note()
        except hypothesis.errors.Unsatisfiable:  # there is nothing that could be wrong about it
            continue
    return found


def with_ids(case: Question, ids: Mapping[str, str]) -> tuple[Question, Mapping[str, str]]:
    """Return the question with ids put wherever it names things (path, query and body), and what was put."""
    put: dict[str, str] = {}
    declared = case.operation.definition.raw.get("parameters", ())
    asked = {one["name"]: "" for one in declared if one["in"] == "query" and one["name"] in ids}

    def named(part: Any) -> Any:
        if not isinstance(part, dict):
            return part
        here = {name: ids[name] for name in part if name in ids}
        put.update(here)
        return {**part, **here}

    changed = case.operation.Case(
        method=case.method, path_parameters=named(case.path_parameters), query=named({**asked, **(case.query or {})}), body=named(case.body),
        headers=case.headers, cookies=case.cookies, media_type=case.media_type,
    )  # fmt: skip
    return changed, put


@functools.cache
def _known() -> requests.Session:
    return requests.Session()


def ask(case: Question, base_url: str, headers: Mapping[str, str], cookies: Mapping[str, str]) -> Answer:
    """Ask the hub as whoever the headers and cookies prove."""
    sent: dict[str, Any] = case.as_transport_kwargs(base_url=base_url, headers=dict(headers))
    sent["cookies"] = {**(sent.get("cookies") or {}), **cookies}
    _known().cookies.clear()
    return _known().request(**sent, timeout=30, allow_redirects=False)


def faults(case: Question, answer: Answer, never: Mapping[str, bytes]) -> Iterator[str]:
    """Say what is wrong with an answer.

    Args:
        never: bytes that no answer holds, by what they are.
    """
    where = f"{case.method} {case.formatted_path}: {answer.status_code}"
    kind = answer.headers.get("content-type", "")
    if answer.status_code >= 500 and not (answer.status_code in _MAY_WAIT and b"database" not in answer.content):
        yield f"{where} {answer.text[:200]}"
    if answer.status_code >= 400 and not _is_problem(case, kind, answer):
        yield f"{where} is no problem but {kind}: {answer.text[:100]}"
    if (found := _LEAKS.search(answer.content)) is not None:
        yield f"{where} tells {found.group()!r}"
    yield from (f"{where} tells {name}" for name, value in never.items() if value in answer.content)


def _is_problem(case: Question, kind: str, answer: Answer) -> bool:
    if case.path == OAUTH:  # RFC 6749, section 5.2, has a form of its own
        return kind == "application/json" and "error" in answer.json()
    return kind == PROBLEM and json.loads(answer.content)["status"] == answer.status_code
