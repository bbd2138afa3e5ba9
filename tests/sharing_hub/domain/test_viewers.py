"""What a role opens, in the words that the page chooses its views by."""

import dataclasses

import pytest

from sharing_hub.domain import viewers
from tests.support import viewing


@pytest.mark.parametrize(
    ("role", "opened", "closed"),
    [
        ("operator", {"see_rows", "see_pictures", "decide_incidents", "ask_for_video", "break_glass", "stand_shift"}, {"approve", "lead_shift", "read_ledger"}),
        ("leader", {"lead_shift", "approve", "read_registers", "read_people", "set_shifts"}, {"read_ledger", "manage_book", "administer"}),
        ("privacy_officer", {"approve", "read_ledger", "manage_book", "read_people", "certify_training"}, {"see_pictures", "decide_incidents", "break_glass"}),
        ("auditor", {"see_rows", "read_looks", "read_ledger", "read_registers"}, {"see_pictures", "approve", "ask_for_video", "manage_book"}),
        ("desk", {"see_rows", "ask_for_video"}, {"see_pictures", "approve", "read_people"}),
        ("admin", {"administer", "manage_people", "manage_book", "lead_shift"}, set()),
    ],
)  # fmt: skip
def test_a_role_of_the_district_opens_what_its_work_needs(role: str, opened: set[str], closed: set[str]) -> None:
    may = set(viewers.may(viewing.viewer(role)))
    assert opened <= may
    assert not closed & may


def test_nothing_of_the_control_room_opens_to_an_agency_a_vendor_or_a_word_that_nobody_knows() -> None:
    police = viewing.viewer("partner", "officer", "police-112")
    assert set(viewers.may(police)) == {"ask_for_video", "break_glass", "see_shared"}
    assert "administer" not in viewers.may(viewing.viewer("partner_lead", "chief", "police-112"))
    assert viewers.may(viewing.viewer("vendor", "repair", "traffic-centre")) == ()
    assert viewers.may(viewing.viewer("whatever")) == ()
    assert "break_glass" not in viewers.may(dataclasses.replace(police, system=True))
