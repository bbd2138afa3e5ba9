"""Cues of misuse in the record of looks: what a privacy officer should ask about. A cue is a question, not a verdict."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

CueKind = Literal["repeated", "without_incident", "off_shift", "denied"]
TITLES: dict[CueKind, tuple[str, str]] = {
    "repeated": ("한 카메라를 사건 없이 반복 열람", "One camera looked at again and again without an incident"),
    "without_incident": ("사건 없는 열람이 많음", "Many looks without an incident"),
    "off_shift": ("근무 외 시간 열람", "Looks off shift"),
    "denied": ("거부된 시도가 반복됨", "Denied attempts again and again"),
}


@dataclass(frozen=True, slots=True)
class Look:
    """A look as the record has it.

    Attributes:
        person: who, as an id; name: as shown.
        on_shift: None where it was not known then.
    """

    at: datetime
    person: str
    name: str
    camera_id: str
    has_incident: bool
    permitted: bool
    on_shift: bool | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """From how many looks on a cue is given."""

    repeated_in_a_day: int = 5
    without_incident_in_a_month: int = 20
    denied_in_a_day: int = 3


@dataclass(frozen=True, slots=True)
class Cue:
    """A question for the monthly review.

    Attributes:
        camera_id: where it is about one camera.
        count: how many looks it is about; first_at and last_at: of them.
    """

    kind: CueKind
    person: str
    name: str
    camera_id: str | None
    count: int
    first_at: datetime
    last_at: datetime


def cues(looks: Iterable[Look], limits: Limits) -> list[Cue]:
    """Return the cues in these looks (of one month), the one with most looks first."""
    ordered = sorted(looks, key=lambda look: look.at)
    free = [look for look in ordered if look.permitted and not look.has_incident]
    found: list[Cue] = []
    for (_, camera_id), group in _grouped(free, lambda look: (look.person, look.camera_id)).items():
        most = _most_in_a_day(group)
        if len(most) >= limits.repeated_in_a_day:
            found.append(_cue("repeated", most, camera_id))
    for group in _grouped(free, lambda look: (look.person, "")).values():
        if len(group) >= limits.without_incident_in_a_month:
            found.append(_cue("without_incident", group))
    off_shift = [look for look in ordered if look.permitted and look.on_shift is False]
    found += [_cue("off_shift", group) for group in _grouped(off_shift, lambda look: (look.person, "")).values()]
    denied = [look for look in ordered if not look.permitted]
    for group in _grouped(denied, lambda look: (look.person, "")).values():
        most = _most_in_a_day(group)
        if len(most) >= limits.denied_in_a_day:
            found.append(_cue("denied", most))
    return sorted(found, key=lambda cue: (-cue.count, cue.person, cue.kind))


def _grouped(looks: Iterable[Look], key: Callable[[Look], tuple[str, str]]) -> dict[tuple[str, str], list[Look]]:
    groups: dict[tuple[str, str], list[Look]] = defaultdict(list)
    for look in looks:
        groups[key(look)].append(look)
    return groups


def _most_in_a_day(looks: Sequence[Look]) -> list[Look]:
    """Return the longest run of looks that lies within 24 hours."""
    best: list[Look] = []
    begin = 0
    for end, look in enumerate(looks):
        while look.at - looks[begin].at > timedelta(days=1):
            begin += 1
        if end - begin + 1 > len(best):
            best = list(looks[begin : end + 1])
    return best


def _cue(kind: CueKind, looks: Sequence[Look], camera_id: str | None = None) -> Cue:
    first, last = looks[0], looks[-1]
    return Cue(kind, last.person, last.name, camera_id, len(looks), first.at, last.at)
