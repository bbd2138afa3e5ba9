"""Byte ranges of a request (RFC 9110): one range or the whole; several at once are answered with the whole."""

import re
from dataclasses import dataclass

_ONE_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})$")


@dataclass(frozen=True, slots=True)
class Span:
    """The bytes to send: from `start`, `length` of `total`."""

    start: int
    length: int
    total: int

    @property
    def is_whole(self) -> bool:
        """Say whether this is everything."""
        return self.length == self.total

    @property
    def content_range(self) -> str:
        """Return the Content-Range of a 206."""
        return f"bytes {self.start}-{self.start + self.length - 1}/{self.total}"


def wanted(header: str | None, if_range: str | None, tag: str, total: int) -> Span | None:
    """Return the bytes a request asks for; None where its range is not in the file.

    Args:
        header: the Range field.
        if_range: the If-Range field: with another tag than the file's the whole is sent.
        tag: the file's strong ETag.
        total: bytes of the file.
    """
    whole = Span(0, total, total)
    if header is None or (if_range is not None and if_range.strip() != tag):
        return whole
    found = _ONE_RANGE.match(header.strip())
    if found is None or found.groups() == ("", ""):
        return whole
    first, last = found.groups()
    if first == "":
        start, end = max(0, total - int(last)), total - 1
    else:
        start, end = int(first), min(total - 1, int(last) if last else total - 1)
        if last and int(last) < start:
            return whole
    return Span(start, end - start + 1, total) if start <= end else None
