"""The client: one object, one connection pool, one token that is asked for anew before it ends.

Invariant: a request that changes something is sent again only where that is harmless (opening a case is, by its number).
"""

import json
import re
import secrets
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from types import TracebackType
from typing import Any, TypeVar
from uuid import UUID

import httpx
from joserfc import jwk, jwt
from pydantic import TypeAdapter

from sharing_hub.client import answers

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ASSERTION_S = 120
_REFRESH_BEFORE_S = 30
_VIEW = re.compile(r"/v1/live/views/[A-Za-z0-9_-]{1,60}")
MAX_ANSWER_BYTES = 16 * 1024 * 1024
"""Of an answer in JSON; files are as long as they are."""
_ALGORITHMS = {"OKP": "Ed25519", "EC": "ES256", "RSA": "PS256"}
T = TypeVar("T")


class HubUnreachable(Exception):
    """The hub gave no answer."""


class HubRefused(Exception):
    """The hub answered that it will not; `status` and `detail` say why, in its words."""

    def __init__(self, status: int, title: str, detail: str) -> None:
        super().__init__(f"{status} {title}: {detail}")
        self.status, self.title, self.detail = status, title, detail


class AgencyClient:
    """An agency's system at a hub.

    Args:
        url: the hub's address, without a path.
        client_id: as the district registered the system.
        key: the private key (JWK) whose public half the district registered.
        verify: the hub's authority (PEM file or context), or False (tests only), as httpx takes it.
        timeout_s: how long an answer may take.
        max_pages: of one list; a hub that goes on beyond is taken for broken.
        clock: seconds since 1970.
    """

    def __init__(
        self,
        url: str,
        client_id: str,
        key: jwk.Key,
        verify: ssl.SSLContext | str | bool = True,
        clock: Callable[[], float] = time.time,
        transport: httpx.BaseTransport | None = None,
        timeout_s: float = 30.0,
        max_pages: int = 10_000,
    ) -> None:
        self._url, self._client_id, self._key, self._clock = url.rstrip("/"), client_id, key, clock
        self._http = httpx.Client(base_url=self._url, verify=verify, timeout=timeout_s, transport=transport)
        self._max_pages = max_pages
        self._token, self._token_ends = "", 0.0

    def __enter__(self) -> "AgencyClient":
        """Use it in a `with` statement."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def token(self) -> str:
        """Return an access token that is good now, for other tools."""
        return self._valid_token()

    # --- incidents ----------------------------------------------------------------------------------------------

    def open_case(self, case_number: str, latitude: float, longitude: float, **said: Any) -> answers.Case:
        """Open an incident of the agency's own (kind, agency_class, description, severity as keywords); a repeat opens nothing new."""
        body = {"case_number": case_number, "latitude": latitude, "longitude": longitude, **said}
        return self._ask(answers.Case, "POST", "/v1/agency/incidents", json=body)

    def update_case(
        self, case_number: str, note: str | None = None, place: tuple[float, float] | None = None
    ) -> answers.Case:
        """Say where the case is now, or what is known."""
        body: dict[str, Any] = {} if note is None else {"note": note}
        if place is not None:
            body["place"] = {"latitude": place[0], "longitude": place[1]}
        return self._ask(answers.Case, "POST", f"/v1/agency/incidents/{_quoted(case_number)}/update", json=body)

    def end_case(self, case_number: str, note: str | None = None) -> answers.SharedIncident:
        """Say that the case is over."""
        path = f"/v1/agency/incidents/{_quoted(case_number)}/end"
        return self._ask(answers.SharedIncident, "POST", path, json={"note": note})

    def incidents(self, unfinished: bool = False) -> Iterator[answers.SharedIncident]:
        """Return the incidents that are shared with the agency, the latest first, page by page."""
        return self._pages(answers.SharedIncident, "/v1/agency/incidents", {"unfinished": unfinished}, "before")

    def incident(self, incident_id: UUID) -> answers.SharedIncident:
        """Return one."""
        return self._ask(answers.SharedIncident, "GET", f"/v1/agency/incidents/{incident_id}")

    def mark(self, incident_id: UUID, what: str) -> answers.SharedIncident:
        """Say accept, arrived or finished."""
        return self._ask(answers.SharedIncident, "POST", f"/v1/agency/incidents/{incident_id}/{what}")

    # --- what it was told and may do ------------------------------------------------------------------------------

    def messages(self, after: int = 0) -> Iterator[answers.Message]:
        """Return what the agency was told after a position, the oldest first: how a system catches up without webhooks."""
        return self._pages(answers.Message, "/v1/agency/messages", {"after": after}, "after")

    def grants(self) -> tuple[answers.Grant, ...]:
        """Return the grants in force."""
        return self._ask(tuple[answers.Grant, ...], "GET", "/v1/agency/grants")

    def renew(self, grant_id: UUID) -> answers.Grant:
        """Let a grant last longer, while its incident is open."""
        return self._ask(answers.Grant, "POST", f"/v1/agency/grants/{grant_id}/renew")

    # --- pictures -------------------------------------------------------------------------------------------------

    def media(self, incident_id: UUID | None = None) -> Iterator[answers.Media]:
        """Return the files that the agency may look at now, of one incident or of all, the newest first."""
        query = {} if incident_id is None else {"incident_id": str(incident_id)}
        return self._pages(answers.Media, "/v1/agency/media", query, "before")

    def download(self, media_id: UUID, why: str, span: tuple[int, int] | None = None, **terms: str) -> bytes:
        """Return a file's bytes, or those from `span[0]` to `span[1]`; on record with the reason, purpose and legal_basis."""
        headers = {} if span is None else {"Range": f"bytes={span[0]}-{span[1]}"}
        return self._send("GET", f"/v1/agency/media/{media_id}", headers=headers, params={"why": why, **terms}).content

    def open_media(self, media_id: UUID, why: str, headers: Mapping[str, str], **terms: str) -> httpx.Response:
        """Return the answer with a file's bytes still to be read, for who passes them on; close it. `headers`: Range and If-Range."""
        query = {"why": why, **terms}
        return self._send("GET", f"/v1/agency/media/{media_id}", headers=headers, params=query, stream=True)

    def watch(self, camera_id: str, offer: str, why: str, **terms: str) -> tuple[str, str]:
        """Offer to receive live pictures (WHEP); return the answer, and what names the live view for `leave`."""
        response = self._send(
            "POST", f"/v1/agency/live/{_quoted(camera_id)}", headers={"Content-Type": "application/sdp"},
            params={"why": why, **terms}, content=offer, stream=True,
        )  # fmt: skip
        answer, location = self._read(response).decode(errors="replace"), response.headers.get("Location", "")
        if not _VIEW.fullmatch(location):  # it is asked with the token later on: never anywhere else
            raise HubUnreachable(f"{self._url}: answered without a live view of its own")
        return answer, location

    def leave(self, location: str) -> None:
        """Stop a live view."""
        self._send("DELETE", location)

    def package(self, request_id: UUID, recording_id: UUID) -> bytes:
        """Return the export package of an approved request's recording; on record as a provision."""
        return self._send("GET", f"/v1/agency/requests/{request_id}/recordings/{recording_id}/package").content

    def checkpoint(self) -> str:
        """Return the signed root of the district's ledger: keep it."""
        return self._send("GET", "/v1/ledger/checkpoint").text

    # --- how it is asked ------------------------------------------------------------------------------------------

    def _pages(self, item: type[T], path: str, query: Mapping[str, Any], cursor: str) -> Iterator[T]:
        at: str | None = None
        for _ in range(self._max_pages):
            page = self._ask(answers.Page[item], "GET", path, params={**query, **({} if at is None else {cursor: at})})  # type: ignore[valid-type]
            yield from page.items
            if page.next is None:
                return
            at = page.next
        raise HubUnreachable(f"{self._url}: a list of more than {self._max_pages} pages")

    def _ask(self, shape: type[T], method: str, path: str, **rest: Any) -> T:
        response = self._send(method, path, stream=True, **rest)
        return TypeAdapter(shape).validate_json(self._read(response))

    def _read(self, response: httpx.Response) -> bytes:
        body = bytearray()
        try:
            for piece in response.iter_bytes():
                body += piece
                if len(body) > MAX_ANSWER_BYTES:
                    raise HubUnreachable(f"{self._url}: an answer of more than {MAX_ANSWER_BYTES} bytes")
        except httpx.HTTPError as e:
            raise HubUnreachable(f"{self._url}: the answer broke off ({type(e).__name__})") from e
        finally:
            response.close()
        return bytes(body)

    def _send(self, method: str, path: str, headers: Mapping[str, str] | None = None, **rest: Any) -> httpx.Response:
        for attempt in (1, 2):
            shown = {"Authorization": f"Bearer {self._valid_token()}", **(headers or {})}
            response = self._reached(method, path, headers=shown, **rest)
            if response.status_code == 401 and attempt == 1:  # revoked, or this machine's clock is off
                self._token = ""
                continue
            break
        return _accepted(response)

    def _valid_token(self) -> str:
        if not self._token or self._clock() >= self._token_ends - _REFRESH_BEFORE_S:
            form = {
                "grant_type": "client_credentials",
                "client_assertion_type": ASSERTION_TYPE,
                "client_assertion": self._assertion(),
            }
            answer = _accepted(self._reached("POST", "/oauth/token", data=form)).json()
            self._token, self._token_ends = answer["access_token"], self._clock() + answer["expires_in"]
        return self._token

    def _assertion(self) -> str:
        now = int(self._clock())
        claims = {
            "iss": self._client_id, "sub": self._client_id, "aud": f"{self._url}/oauth/token", "iat": now, "nbf": now,
            "exp": now + _ASSERTION_S, "jti": secrets.token_urlsafe(16),
        }  # fmt: skip
        algorithm = _ALGORITHMS[self._key.key_type]
        header = {"alg": algorithm, "typ": "JWT", **({"kid": self._key.kid} if self._key.kid else {})}
        return jwt.encode(header, claims, self._key, algorithms=[algorithm])

    def _reached(self, method: str, path: str, stream: bool = False, **rest: Any) -> httpx.Response:
        try:
            response = self._http.send(self._http.build_request(method, path, **rest), stream=stream)
            if stream and not response.is_success:
                return httpx.Response(
                    response.status_code, headers=_plain(response.headers), content=self._read(response)
                )
            return response
        except httpx.HTTPError as e:
            raise HubUnreachable(f"{self._url}: no answer ({type(e).__name__})") from e


def _accepted(response: httpx.Response) -> httpx.Response:
    if response.is_success:
        return response
    try:
        said = response.json()
    except json.JSONDecodeError:
        said = {}
    title = said.get("title") or said.get("error") or response.reason_phrase
    raise HubRefused(response.status_code, str(title), str(said.get("detail") or said.get("error_description") or ""))


def _plain(headers: httpx.Headers) -> dict[str, str]:
    """Return the header fields of an answer whose body was decoded."""
    return {
        name: value
        for name, value in headers.items()
        if name not in ("content-encoding", "content-length", "transfer-encoding")
    }


def _quoted(text: str) -> str:
    return httpx.URL("/").copy_with(path=f"/{text}").raw_path.decode()[1:].replace("/", "%2F")
