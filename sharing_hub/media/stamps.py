"""Time stamps of an outside authority over an export's manifest: RFC 3161. Optional; where none is configured, nothing is asked and nothing claimed.

What leaves is a SHA-256 alone: the authority learns nothing of what it stamps.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

import httpx
import rfc3161_client
from cryptography import x509

from sharing_hub import errors

MAX_RESPONSE_BYTES = 64 * 1024
_QUERY, _REPLY = "application/timestamp-query", "application/timestamp-reply"


class TimestampAuthority(Protocol):
    """Who says that something existed at a time."""

    @property
    def roots_pem(self) -> bytes:
        """The certificates that its stamps are verified with."""
        ...

    def stamp(self, data: bytes) -> bytes:
        """Return a TimeStampResp (DER) over the SHA-256 of `data`.

        Raises:
            Busy: the authority gave none; come back.
        """
        ...


@dataclass(frozen=True, slots=True)
class HttpAuthority:
    """An authority that is asked over HTTP (RFC 3161 section 3.4).

    Attributes:
        roots_pem: as somebody who trusts this authority obtained them.
    """

    url: str
    roots_pem: bytes
    client: httpx.Client

    def stamp(self, data: bytes) -> bytes:
        """Ask for a stamp; one that does not verify is refused, not kept."""
        request = (
            rfc3161_client.TimestampRequestBuilder()
            .data(data)
            .hash_algorithm(rfc3161_client.HashAlgorithm.SHA256)
            .build()
        )
        try:
            answer = self.client.post(self.url, content=request.as_bytes(), headers={"Content-Type": _QUERY})
            answer.raise_for_status()
        except httpx.HTTPError as e:
            raise errors.Busy(f"the time stamp authority gave no stamp: {type(e).__name__}", 60) from e
        if answer.headers.get("content-type", "").split(";")[0] != _REPLY or len(answer.content) > MAX_RESPONSE_BYTES:
            raise errors.Busy("the time stamp authority's answer is no time stamp", 60)
        verify(answer.content, data, roots_of(self.roots_pem), request.nonce)
        return answer.content


def roots_of(pem: bytes) -> Sequence[x509.Certificate]:
    """Read certificates.

    Raises:
        Unprocessable: there are none.
    """
    try:
        return x509.load_pem_x509_certificates(pem)
    except ValueError as e:
        raise errors.Unprocessable("the time stamp authority's certificates cannot be read as PEM") from e


def verify(stamp: bytes, data: bytes, roots: Sequence[x509.Certificate], nonce: int | None = None) -> datetime:
    """Return the time that a stamp says `data` existed at, UTC.

    Raises:
        Unprocessable: it is no stamp over this data by an authority under these roots, or answers another request.
    """
    try:
        response = rfc3161_client.decode_timestamp_response(stamp)
        rfc3161_client.VerifierBuilder(roots=list(roots), nonce=nonce).build().verify_message(response, data)
    except (rfc3161_client.VerificationError, ValueError) as e:
        raise errors.Unprocessable(f"the time stamp does not hold: {e}") from e
    return response.tst_info.gen_time.astimezone(UTC)
