"""Requests for video: asked by one person, decided by another; and glass broken in an emergency, reviewed afterwards. The closed table and the clocks.

Invariants: what is not in the table is a conflict; who decides is not who asked; a legal basis that needs an official letter is not approved without its number.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sharing_hub.domain import actions, district

Kind = Literal["agency", "internal", "citizen"]
"""An agency's request, the district's own export, a person's own recordings (PIPA 35)."""
State = Literal[
    "requested", "approved", "refused", "withdrawn", "preparing", "ready", "handed_over", "failed", "expired"
]
Change = Literal["approve", "refuse", "withdraw", "prepare", "finish", "hand_over", "fail", "expire", "retry"]

OPEN_STATES: tuple[State, ...] = ("requested", "approved", "preparing", "ready")
CITIZEN_WITHIN = timedelta(days=10)
"""A person's request is answered within ten days (PIPA enforcement decree, article 41)."""
OWN_DATA = "35"
"""The legal basis of a person's own data (PIPA 35): the clock and the form of such a request are the law's."""
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


def fault_of_form(
    purpose: district.Purpose | None,
    kind: str,
    legal_basis: str,
    mask_level: actions.MaskLevel,
    export_mode: str,
) -> str | None:
    """Return what is wrong with the form in which video is asked for, in words; None: nothing.

    What a purpose wants masked leaves masked only, and so does a person's own copy, whatever purpose it names.
    """
    needed = purpose.mask_level if purpose else "whole"
    if not actions.masks_as_much(mask_level, needed):
        return f"the purpose {purpose.code if purpose else ''} asks for the mask level {needed} at least"
    if (kind == "citizen") != (legal_basis == OWN_DATA):
        return f"a person's own request, and nothing else, has the basis {OWN_DATA}"
    if export_mode == "original" and (needed != "none" or kind == "citizen"):
        return "for this purpose a masked copy is taken away, not the original"
    if export_mode == "masked" and mask_level == "none":
        return "a masked copy needs a mask level"
    return None


def may_decide(asked_by: UUID | None, decider: UUID) -> bool:
    """Say whether somebody may decide: not on what they asked for themselves."""
    return asked_by is not None and asked_by != decider


@dataclass(frozen=True, slots=True)
class Broken:
    """One emergency look of a person, and what came of it.

    Attributes:
        verdict: None, justified or rejected.
        letter: whether the official letter's number was given.
    """

    at: datetime
    verdict: str | None
    letter: bool


def is_suspended(earlier: list[Broken], review_due: timedelta, letter_due: timedelta, now: datetime) -> bool:
    """Say whether somebody may break no glass now: an earlier look was rejected, or its review or its letter is overdue."""
    return any(
        one.verdict == "rejected"
        or (one.verdict is None and now > one.at + review_due)
        or (not one.letter and now > one.at + letter_due)
        for one in earlier
    )
