"""Incidents: which alarms fold into one, and which changes of state may be made.

Invariant: the state table is closed; what is not in it is a conflict.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

FOLD_WINDOW = timedelta(seconds=60)

State = Literal[
    "new", "acknowledged", "verifying", "confirmed", "false_alarm", "notified", "accepted", "responding", "resolved", "closed"
]  # fmt: skip
Change = Literal[
    "acknowledge", "verify", "confirm", "mark_false", "notify", "accept", "respond", "resolve", "close", "end", "merge", "reopen"
]  # fmt: skip
"""By operators, but: `notify` when an agency was told, `accept` and `respond` by an agency's people, `end` by the agency that opened it."""
SideStep = Literal[
    "open", "update", "take", "take_over", "release", "shelve", "unshelve", "escalate", "share", "withdraw", "finish", "report_wrong", "absorb"
]  # fmt: skip
"""What is put on record beside the table, and leaves the state as it is."""
STATES: tuple[State, ...] = get_args(State)

OPEN_STATES: tuple[State, ...] = ("new", "acknowledged", "verifying")
"""Nobody decided yet whether it is real."""
REAL_STATES: tuple[State, ...] = ("confirmed", "notified", "accepted", "responding", "resolved")
"""It is real, and being dealt with."""
FINISHED_STATES: tuple[State, ...] = ("false_alarm", "closed")
DECIDED_STATES: tuple[State, ...] = (*REAL_STATES, *FINISHED_STATES)
UNFINISHED_STATES: tuple[State, ...] = (*OPEN_STATES, *REAL_STATES)
OVER_STATES: frozenset[str] = frozenset(FINISHED_STATES)
"""Nothing more is shared for an incident in one of these."""
UNCONFIRMED_STATES: frozenset[str] = frozenset(("false_alarm", *OPEN_STATES))
"""Nobody said (yet, or any more) that it is real."""

_ROWS: tuple[tuple[tuple[State, ...], Change, State], ...] = (
    (("new",), "acknowledge", "acknowledged"),
    (("new", "acknowledged"), "verify", "verifying"),
    (OPEN_STATES, "confirm", "confirmed"),
    (OPEN_STATES, "mark_false", "false_alarm"),
    (("confirmed",), "notify", "notified"),
    (("confirmed", "notified"), "accept", "accepted"),
    (("confirmed", "notified", "accepted"), "respond", "responding"),
    (("confirmed", "notified", "accepted", "responding"), "resolve", "resolved"),
    (REAL_STATES, "close", "closed"),
    (UNFINISHED_STATES, "end", "closed"),
    (UNFINISHED_STATES, "merge", "closed"),
    # Reopening is the undo of one wrong key: somebody is looking at it, so it does not sound again.
    (DECIDED_STATES, "reopen", "acknowledged"),
)
_TABLE: dict[tuple[str, Change], State] = {(state, change): to for states, change, to in _ROWS for state in states}


@dataclass(frozen=True, slots=True)
class Word:
    """A code that an operator picks, in both languages: why an alarm was false, or how an incident ended."""

    code: str
    ko: str
    en: str


FALSE_REASONS: tuple[Word, ...] = (
    Word("animal", "동물", "Animal"),
    Word("weather", "날씨 (비, 눈, 바람)", "Weather (rain, snow, wind)"),
    Word("light", "조명·그림자", "Light or shadow"),
    Word("reflection", "반사", "Reflection"),
    Word("authorised_person", "허가된 사람", "Authorised person"),
    Word("object_not_person", "사람이 아닌 물체", "An object, not a person"),
    Word("camera_fault", "카메라 고장", "Camera fault"),
    Word("other", "기타", "Other"),
)
DISPOSITIONS: tuple[Word, ...] = (
    Word("handled", "현장 조치 완료", "Dealt with on the spot"),
    Word("handed_over", "기관 인계", "Handed over to an agency"),
    Word("nothing_found", "현장 이상 없음", "Nothing found on the spot"),
    Word("over_by_itself", "저절로 종료", "Over by itself"),
    Word("other", "기타", "Other"),
)
MERGED, ENDED_BY_AGENCY = "merged", "ended_by_agency"
"""Dispositions that follow from a change and are not picked."""
_REASONS = frozenset(word.code for word in FALSE_REASONS)
_DISPOSITIONS = frozenset(word.code for word in DISPOSITIONS)


def after(state: str, change: Change) -> State | None:
    """Return the state that `change` leads to, or None where it is forbidden."""
    return _TABLE.get((state, change))


def is_reason(code: str) -> bool:
    """Say whether `code` is a known reason for a false alarm."""
    return code in _REASONS


def is_disposition(code: str) -> bool:
    """Say whether `code` is a known way for an incident to end."""
    return code in _DISPOSITIONS


def folds(state: str, last_alarm_at: datetime, raised_at: datetime) -> bool:
    """Say whether an alarm of the same kind and place, raised at `raised_at`, belongs to an incident.

    It does while the incident is undecided and the two are within 60 s, in either order: a restarted agent may send an older event late.
    """
    return state in OPEN_STATES and abs(raised_at - last_alarm_at) <= FOLD_WINDOW
