"""What is kept of a camera's looks beside its events: scores, and what an event can be gone through again with."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from detection import journal, types


def _forget(_time_s: float, _step: types.Step) -> None:
    """Take a look's conclusion and keep nothing of it."""


def _keep_nothing(_event_id: UUID, _record: journal.Record) -> bool:
    """Take an event's record and keep nothing of it."""
    return True


@dataclass(frozen=True, slots=True)
class Books:
    """What is kept of a camera's looks beside its events.

    Attributes:
        note: told the time of every look and what it concluded.
        keep: given what an event can be gone through again with; says whether it could be kept.
        covered_s: how much of the time before an event its clip surely holds.
    """

    note: Callable[[float, types.Step], None] = _forget
    keep: Callable[[UUID, journal.Record], bool] = _keep_nothing
    covered_s: float = journal.COVERED_S
