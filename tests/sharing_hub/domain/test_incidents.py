"""The state table is closed: every state and change is in the picture, and nothing else."""

from typing import get_args

import pytest

from sharing_hub.domain import incidents

PATH = ("acknowledge", "verify", "confirm", "notify", "accept", "respond", "resolve", "close")


def test_the_whole_way_of_a_real_incident_is_in_the_table() -> None:
    state: str = "new"
    seen = [state]
    for change in PATH:
        after = incidents.after(state, change)  # type: ignore[arg-type]
        assert after is not None, (state, change)
        state = after
        seen.append(state)
    assert seen == [state for state in incidents.STATES if state != "false_alarm"]


@pytest.mark.parametrize("state", incidents.STATES)
def test_no_change_leads_out_of_the_known_states_and_every_state_has_one_group(state: str) -> None:
    for change in get_args(incidents.Change):
        assert incidents.after(state, change) in (None, *incidents.STATES)
    groups = (incidents.OPEN_STATES, incidents.REAL_STATES, incidents.FINISHED_STATES)
    assert sum(state in group for group in groups) == 1


@pytest.mark.parametrize(
    ("state", "change"),
    [
        ("false_alarm", "confirm"), ("closed", "close"), ("new", "close"), ("new", "resolve"), ("new", "accept"), ("resolved", "respond"),
        ("accepted", "mark_false"), ("closed", "merge"), ("false_alarm", "end"), ("nonsense", "reopen"), ("verifying", "acknowledge"),
    ],
)  # fmt: skip
def test_what_is_not_in_the_table_is_forbidden(state: str, change: incidents.Change) -> None:
    assert incidents.after(state, change) is None


def test_only_what_nobody_decided_takes_further_alarms() -> None:
    from tests.support import messages

    folding = [s for s in incidents.STATES if incidents.folds(s, messages.after(0), messages.after(60))]
    assert tuple(folding) == incidents.OPEN_STATES
    assert not incidents.folds("new", messages.after(0), messages.after(61))
