"""Requests for video: asked by one person, decided by another; and glass broken in an emergency, reviewed afterwards. The closed table and the clocks.

Invariants: what is not in the table is a conflict; who decides is not who asked; a legal basis that needs an official letter is not approved without its number.
"""

from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sharing_hub.domain import district

Kind = Literal["agency", "internal", "citizen"]
"""An agency's request, the district's own export, a person's own recordings (PIPA 35)."""
State = Literal[
    "requested", "approved", "refused", "withdrawn", "preparing", "ready", "handed_over", "failed", "expired"
]
Change = Literal["approve", "refuse", "withdraw", "prepare", "finish", "hand_over", "fail", "expire", "retry"]

OPEN_STATES: tuple[State, ...] = ("requested", "approved", "preparing", "ready")
CITIZEN_WITHIN = timedelta(days=10)
"""A person's request is answered within ten days (PIPA enforcement decree, article 41)."""
GRANT_LASTS = timedelta(days=7)
MAX_SPAN = timedelta(hours=1)
MAX_CAMERAS = 20

_TABLE: dict[tuple[State, Change], State] = {
    ("requested", "approve"): "approved",
    ("requested", "refuse"): "refused",
    ("requested", "withdraw"): "withdrawn",
    ("requested", "expire"): "expired",
    ("approved", "prepare"): "preparing",
    ("approved", "fail"): "failed",
    ("approved", "withdraw"): "withdrawn",
    ("approved", "expire"): "expired",
    ("preparing", "finish"): "ready",
    ("preparing", "fail"): "failed",
    ("failed", "retry"): "preparing",
    ("ready", "hand_over"): "handed_over",
    ("ready", "expire"): "expired",
    ("handed_over", "hand_over"): "handed_over",
    ("handed_over", "expire"): "expired",
}

REASONS_TO_BREAK_GLASS: dict[str, tuple[str, str]] = {
    "life": ("생명이 위험함", "Life in danger"),
    "fire": ("화재·폭발", "Fire or explosion"),
    "crime_in_progress": ("진행 중인 범죄", "Crime in progress"),
    "missing_person": ("실종자 (아동·치매 등)", "Missing person at risk"),
    "disaster": ("재난", "Disaster"),
}


def after(state: str, change: Change) -> State | None:
    """Return the state that `change` leads to, or None where it is forbidden."""
    return next((to for (origin, by), to in _TABLE.items() if (origin, by) == (state, change)), None)


def fault_of_terms(
    book: district.District,
    purpose: str,
    legal_basis: str,
    letter: str | None,
    span: tuple[datetime, datetime],
    now: datetime,
) -> str | None:
    """Return what is wrong with what a request asks for, in words; None: nothing."""
    basis = book.legal_basis(legal_basis)
    if book.purpose(purpose) is None:
        return f"unknown purpose {purpose[:40]!r}; known: {', '.join(one.code for one in book.purposes)}"
    if basis is None:
        return f"unknown legal basis {legal_basis[:40]!r}; known: {', '.join(one.code for one in book.legal_bases)}"
    if basis.needs_letter and not (letter or "").strip():
        return f"the basis {basis.code} needs the number of an official letter"
    if not timedelta(0) < span[1] - span[0] <= MAX_SPAN:
        return "video is asked for by a span of up to an hour that ends after it starts"
    if span[1] > now:
        return "the span lies in the future; ask when it is past"
    return None


def may_decide(asked_by: UUID | None, decider: UUID) -> bool:
    """Say whether somebody may decide: not on what they asked for themselves."""
    return asked_by is not None and asked_by != decider


def is_suspended(reviews: list[tuple[datetime, str | None]], review_due: timedelta, now: datetime) -> bool:
    """Say whether somebody may break no glass now.

    Args:
        reviews: when each was broken by this person, and the verdict: None, justified or rejected.
    """
    return any(verdict == "rejected" or (verdict is None and now > at + review_due) for at, verdict in reviews)
