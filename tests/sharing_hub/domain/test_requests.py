"""Requests for video: the closed table, what an asking must say, who decides, and who may break glass."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from sharing_hub.domain import default_district, requests

BOOK = default_district.make()
NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
PAST = (NOON - timedelta(minutes=10), NOON - timedelta(minutes=5))
DUE = timedelta(hours=24)


def fault(purpose: str = "crime_response", basis: str = "17-1-2", letter: str | None = None, span=PAST) -> str | None:  # type: ignore[no-untyped-def]
    return requests.fault_of_terms(BOOK, purpose, basis, letter, span, NOON)


def test_nothing_is_wrong_with_a_request_that_says_what_it_must() -> None:
    assert fault() is None
    assert fault(basis="18-2-7", letter="2026-1182") is None


@pytest.mark.parametrize("basis", ["18-2-7", "18-2-8", "18-2-9"])
@pytest.mark.parametrize("letter", [None, "", "  "])
def test_investigation_court_and_sentence_need_the_letters_number(basis: str, letter: str | None) -> None:
    assert "official letter" in (fault(basis=basis, letter=letter) or "")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"purpose": "fun"}, "unknown purpose"),
        ({"basis": "0"}, "unknown legal basis"),
        ({"span": (PAST[1], PAST[0])}, "span"),
        ({"span": (NOON - timedelta(hours=2), NOON)}, "span"),
        ({"span": (NOON, NOON + timedelta(minutes=1))}, "future"),
    ],
)
def test_what_is_missing_or_wrong_is_said(changed: dict[str, object], words: str) -> None:
    assert words in (fault(**changed) or "")  # type: ignore[arg-type]


def test_a_request_that_was_decided_is_not_decided_again() -> None:
    assert requests.after("requested", "approve") == "approved"
    for state in (
        "approved",
        "refused",
        "withdrawn",
        "preparing",
        "ready",
        "handed_over",
        "failed",
        "expired",
        "nonsense",
    ):
        assert requests.after(state, "approve") is None


def test_nobody_decides_on_their_own_request_or_on_one_that_nobody_asked() -> None:
    assert requests.may_decide(UUID(int=1), UUID(int=2))
    assert not requests.may_decide(UUID(int=1), UUID(int=1))
    assert not requests.may_decide(None, UUID(int=1))


@pytest.mark.parametrize(
    ("looks", "suspended"),
    [
        ([], False),
        ([(timedelta(hours=23), None, False)], False),
        ([(timedelta(hours=25), None, False)], True),
        ([(timedelta(days=6), "justified", False)], False),
        ([(timedelta(days=8), "justified", False)], True),
        ([(timedelta(days=8), "justified", True)], False),
        ([(timedelta(days=8), "rejected", True)], True),
        ([(timedelta(0), "justified", False), (timedelta(days=9), "rejected", True)], True),
    ],
)
def test_a_rejected_look_and_an_overdue_review_or_letter_suspend(
    looks: list[tuple[timedelta, str | None, bool]], suspended: bool
) -> None:
    earlier = [requests.Broken(NOON - ago, verdict, letter) for ago, verdict, letter in looks]
    assert requests.is_suspended(earlier, DUE, timedelta(days=7), NOON) is suspended
