"""Grants: they permit while in force, their cameras and their actions, and nothing else."""

import dataclasses
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharing_hub.domain import actions, grants

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
PERSON = UUID(int=7)


def make_grant(**changes: object) -> grants.Grant:
    """Return a grant for twenty minutes of live view from noon."""
    grant = grants.Grant(
        uuid4(), "fire-119", None, frozenset({"lawn"}), frozenset({"ViewLive"}), "emergency_response", "18-2-3", uuid4(), None,
        NOON, NOON + timedelta(minutes=20),
    )  # fmt: skip
    return dataclasses.replace(grant, **changes)  # type: ignore[arg-type]


def test_a_grant_permits_its_action_on_its_camera_until_just_before_its_end() -> None:
    grant = make_grant()
    assert grants.permits(grant, "ViewLive", "lawn", NOON)
    assert grants.permits(grant, "ViewLive", "lawn", grant.ends_at - timedelta(microseconds=1))
    assert not grants.permits(grant, "ViewLive", "lawn", grant.ends_at)
    assert not grants.permits(grant, "ViewLive", "lawn", NOON - timedelta(microseconds=1))


def test_a_revoked_grant_permits_nothing() -> None:
    grant = make_grant(revoked_at=NOON, actions=frozenset(actions.ACTIONS))
    assert not any(grants.permits(grant, action, "lawn", NOON) for action in grant.actions)


@given(st.sampled_from(actions.ACTIONS), st.sampled_from(["lawn", "road", ""]), st.integers(-5000, 5000))
def test_what_a_grant_does_not_say_it_does_not_permit(action: str, camera_id: str, seconds: int) -> None:
    permitted = grants.permits(make_grant(), action, camera_id, NOON + timedelta(seconds=seconds))  # type: ignore[arg-type]
    assert permitted == (action == "ViewLive" and camera_id == "lawn" and 0 <= seconds < 1200)


def test_a_persons_grant_is_nobody_elses() -> None:
    own = make_grant(person_id=PERSON)
    assert grants.is_for(own, "fire-119", PERSON)
    assert not grants.is_for(own, "fire-119", UUID(int=8))
    assert not grants.is_for(own, "police-112", PERSON)
    assert grants.is_for(make_grant(), "fire-119", PERSON)


@pytest.mark.parametrize(
    "change",
    [
        {"camera_ids": frozenset()},
        {"actions": frozenset()},
        {"ends_at": NOON},
        {"incident_id": None, "request_id": None},
    ],
)
def test_a_grant_that_makes_no_sense_cannot_be_made(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="grant"):
        make_grant(**change)
