"""Incidents: which alarms fold into one, and which changes of state a person may make.

Invariant: the state table is closed; what is not in it is a conflict.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

FOLD_WINDOW = timedelta(seconds=60)

State = Literal["new", "acknowledged", "confirmed", "false_alarm"]
Change = Literal["acknowledge", "confirm", "mark_false", "reopen"]

OPEN_STATES: tuple[State, ...] = ("new", "acknowledged")
DECIDED_STATES: tuple[State, ...] = ("confirmed", "false_alarm")

_TABLE: dict[tuple[State, Change], State] = {
    ("new", "acknowledge"): "acknowledged",
    ("new", "confirm"): "confirmed",
    ("new", "mark_false"): "false_alarm",
    ("acknowledged", "confirm"): "confirmed",
    ("acknowledged", "mark_false"): "false_alarm",
    # Reopening is the undo of one wrong key: somebody is looking at it, so it does not sound again.
    ("confirmed", "reopen"): "acknowledged",
    ("false_alarm", "reopen"): "acknowledged",
}


@dataclass(frozen=True, slots=True)
class FalseReason:
    """A reason for a false alarm that an operator picks with one key."""

    code: str
    ko: str
    en: str


FALSE_REASONS: tuple[FalseReason, ...] = (
    FalseReason("animal", "동물", "Animal"),
    FalseReason("weather", "날씨 (비, 눈, 바람)", "Weather (rain, snow, wind)"),
    FalseReason("light", "조명·그림자", "Light or shadow"),
    FalseReason("reflection", "반사", "Reflection"),
    FalseReason("authorised_person", "허가된 사람", "Authorised person"),
    FalseReason("object_not_person", "사람이 아닌 물체", "An object, not a person"),
    FalseReason("camera_fault", "카메라 고장", "Camera fault"),
    FalseReason("other", "기타", "Other"),
)
_CODES = frozenset(reason.code for reason in FALSE_REASONS)


def after(state: str, change: Change) -> State | None:
    """Return the state that `change` leads to, or None where it is forbidden."""
    return next((to for (origin, by), to in _TABLE.items() if (origin, by) == (state, change)), None)


def is_reason(code: str) -> bool:
    """Say whether `code` is a known reason for a false alarm."""
    return code in _CODES


def folds(state: str, last_alarm_at: datetime, raised_at: datetime) -> bool:
    """Say whether an alarm of the same camera and kind, raised at `raised_at`, belongs to an incident.

    It does while the incident is undecided and the two are within 60 s, in either order: a restarted agent may send an older event late.
    """
    return state in OPEN_STATES and abs(raised_at - last_alarm_at) <= FOLD_WINDOW


OVER_STATES: frozenset[str] = frozenset({"false_alarm", "closed", "merged_into", "suppressed"})
"""Nothing more is shared for an incident in one of these."""
UNCONFIRMED_STATES: frozenset[str] = frozenset({"new", "acknowledged", "verifying", "shelved", "escalated"}) | (
    OVER_STATES - {"closed"}
)
"""Nobody said (yet, or any more) that it is real."""
