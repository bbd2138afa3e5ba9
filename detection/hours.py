"""When in the week something is watched for: spans of the site's local time, written as "mon-fri 22:00-06:00".

A week has 168 hours and begins on Monday at 00:00. Minutes of it come in as numbers: which time zone's they are is the caller's business.
"""

import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass

from detection import errors

DAY_MINUTES = 24 * 60
WEEK_MINUTES = 7 * DAY_MINUTES
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MOST_SPANS = 64
_FORM = 'write days and hours as "mon-fri 22:00-06:00" or "sat,sun 00:00-24:00"'
_SPAN = re.compile(r"(?:(?P<days>[a-z,-]+) +)?(?P<from>\d\d?:\d\d) *- *(?P<to>\d\d?:\d\d)")


@dataclass(frozen=True, slots=True)
class Week:
    """The minutes of the week in which something is on.

    Attributes:
        spans: (first minute, minute after the last), in order, apart from each other, within 0..10080.
    """

    spans: tuple[tuple[int, int], ...]

    def is_on(self, minute: int) -> bool:
        """Say whether `minute` (0..10079, Monday 00:00 = 0) is in a span."""
        return any(first <= minute < end for first, end in self.spans)

    def both(self, other: "Week") -> "Week":
        """Return when this week and `other` are on together."""
        return Week(
            tuple(
                (max(a, c), min(b, d))
                for (a, b), (c, d) in itertools.product(self.spans, other.spans)
                if max(a, c) < min(b, d)
            )
        )


def parse(texts: Iterable[str], field: str, zone: str = "") -> Week:
    """Return the week that `texts` describe together. A span to an hour not later than its beginning ends on the next day.

    Args:
        field, zone: what a refusal names.

    Raises:
        ProfileError: a text is no span, or there are none or too many.
    """
    minutes = bytearray(WEEK_MINUTES)
    count = 0
    for text in texts:
        count += 1
        for first, length in _spans(text, field, zone):
            for minute in range(first, first + length):
                minutes[minute % WEEK_MINUTES] = 1
    if not 1 <= count <= _MOST_SPANS:
        raise errors.ProfileError(field, f"has {count} spans", f"write 1 to {_MOST_SPANS}, or leave it out", zone)
    runs = [(on, len(list(run))) for on, run in itertools.groupby(minutes)]
    ends = list(itertools.accumulate(length for _, length in runs))
    return Week(tuple((end - length, end) for (on, length), end in zip(runs, ends, strict=True) if on))


def _spans(text: str, field: str, zone: str) -> list[tuple[int, int]]:
    """Return (first minute, how many) for each day that `text` names."""
    found = _SPAN.fullmatch(text.strip().lower())
    if found is None:
        raise errors.ProfileError(field, f"{text!r} is no span of the week", _FORM, zone)
    begin, end = (_minute(found[name]) for name in ("from", "to"))
    if begin is None or end is None or begin == DAY_MINUTES:
        raise errors.ProfileError(field, f"{text!r} has an hour that no day has", "write 00:00 to 24:00", zone)
    if begin == end:
        raise errors.ProfileError(field, f"{text!r} is empty", "write 00:00-24:00 for a whole day", zone)
    days = _days(found["days"] or "mon-sun")
    if not days:
        raise errors.ProfileError(field, f"{text!r} names no day", f"days are {', '.join(DAYS)}", zone)
    length = end - begin if end > begin else end - begin + DAY_MINUTES
    return [(day * DAY_MINUTES + begin, length) for day in days]


def _minute(text: str) -> int | None:
    hours, minutes = map(int, text.split(":"))
    total = hours * 60 + minutes
    return total if minutes < 60 and total <= DAY_MINUTES else None


def _days(text: str) -> list[int]:
    """Return the days' numbers, Monday 0; "fri-mon" goes over the week's end. Nothing where a name is not understood."""
    named: list[int] = []
    for part in text.split(","):
        first, dash, last = part.partition("-")
        if first not in DAYS or (dash and last not in DAYS):
            return []
        begin, end = DAYS.index(first), DAYS.index(last if dash else first)
        named += [(begin + i) % 7 for i in range((end - begin) % 7 + 1)]
    return named
