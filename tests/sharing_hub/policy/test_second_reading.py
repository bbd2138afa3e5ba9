"""The defaults of the access rules, read a second time as plain Python by what they must never permit, against the policies.

Every pair of changes to every plain question is asked: whatever the policies permit must be free of what the second reading finds wrong with it.
"""

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from sharing_hub.domain import access, actions
from sharing_hub.policy import facts
from tests.support import questions

APPROVED: Mapping[str, Any] = {**questions.REQUESTED, "action": "Export", "download": True, "export_mode": "original"}
STARTS: Mapping[str, Mapping[str, Any]] = {
    **questions.STARTS,
    "export": APPROVED,
    "desk": {**APPROVED, "agency": "district", "role": "desk", "legal_basis": "25-1", "letter": None},
    "glass": {**questions.PARTNER, "break_glass": True, "confirmed": False},
    "owner": {**questions.PARTNER, "agency": "facility", "owner": "facility", "grant": False},
    "still": {**questions.PARTNER, "action": "ViewStill", "grant": False},
}
CHANGES: tuple[Mapping[str, Any], ...] = (
    {"action": "ViewStill"}, {"action": "ViewLive"}, {"action": "ViewRecorded"}, {"action": "ControlPTZ"},
    {"action": "Export"}, {"action": "Unmask"}, {"action": "SearchPlate"},
    {"action": "ExportForTraining"}, {"action": "IdentifyFace"}, {"agency": "police-112"}, {"agency": "district"},
    {"agency": "vendor-a"}, {"agency": "stranger"},
    {"role": "leader"}, {"role": "auditor"}, {"role": "privacy_officer"},
    {"role": "desk"}, {"system": True}, {"second_factor": False},
    {"trained": False}, {"purpose": None}, {"purpose": "press"}, {"purpose": "training"},
    {"purpose": "traffic_management"}, {"legal_basis": "18-2-7", "letter": None},
    {"incident": False}, {"open": False}, {"shared": False}, {"confirmed": False},
    {"media": "masked_still"}, {"request": True}, {"approver": "same"},
    {"approver": False}, {"distance_m": 501.0}, {"distance_m": None}, {"age_s": 1801}, {"age_s": 90_000},
    {"age_s": -9000}, {"masked": "faces_and_plates"}, {"masked": "people_and_plates"}, {"download": True},
    {"sensitivity": "school"}, {"owner": "facility"}, {"grant": False}, {"grant": True},
    {"revoked": True}, {"grant_starts_s": -1300}, {"grant_person": "another"},
    {"grant_agency": "traffic-centre"}, {"grant_camera": "park"}, {"grant_actions": "ViewStill"}, {"grant_mask": "whole"},
    {"export_mode": "none"}, {"export_mode": "masked"}, {"break_glass": True}, {"covers": False},
    {"second_factor_needed": False},
)  # fmt: skip
SHOWN = {"ViewStill", "ViewLive", "ViewRecorded", "ControlPTZ"}
TAKEN = {"Export", "Unmask", "Reshare", "ExportForTraining", "SearchPlate"}


def wrong_with(asked: access.Question, second_factor_needed: bool) -> Iterator[str]:
    """Yield what the defaults hold against permitting a picture; nothing: a policy may permit it."""
    viewer, about, subject, book = asked.viewer, asked.circumstances, asked.subject, questions.BOOK
    agency, purpose, grant = book.agency(viewer.agency_id), book.purpose(about.purpose), about.grant
    basis = book.legal_basis(about.legal_basis)
    approved = about.approver_id is not None and about.approver_id != about.requester_id
    level = actions.MASK_LEVELS.index(subject.masked)
    blind = {"vendor", "auditor"} | (set() if asked.action == "ExportForTraining" else {"privacy_officer"})
    if agency is None or agency.kind == "vendor" or viewer.role in blind:
        yield "1: nobody who sees pictures"
    if purpose is None or basis is None:
        yield "2: no purpose, or no basis"
    if (second_factor_needed and not viewer.second_factor) or not viewer.trained:
        yield "2: no second factor, or no training"
    if purpose is not None and level < actions.MASK_LEVELS.index(purpose.mask_level):
        yield "6: the purpose wants it masked"
    if basis is not None and basis.needs_letter and not about.letter:
        yield "5: no letter"
    if (subject.download or asked.action in TAKEN) and not (
        approved and grant is not None and asked.action in grant.actions
    ):
        yield "5: taken away without another's approval that names it"
    if asked.action == "IdentifyFace":
        yield "9"
    if asked.action == "ControlPTZ" and not about.incident_open:
        yield "10"
    if grant is not None and (
        grant.revoked_at or not grant.starts_at <= about.now < grant.ends_at or grant.agency_id != viewer.agency_id
    ):
        yield "4: a grant that is over or another's"
    if viewer.agency_id != "district" and asked.action in SHOWN:
        yield from _wrong_for_agency(asked, approved)


def _wrong_for_agency(asked: access.Question, approved: bool) -> Iterator[str]:
    viewer, about, subject, grant = asked.viewer, asked.circumstances, asked.subject, asked.circumstances.grant
    glass = grant is not None and grant.break_glass
    owner = subject.facts.owner == viewer.agency_id
    masked_still = asked.action == "ViewStill" and actions.MASK_LEVELS.index(subject.masked) >= 2
    if about.incident_id is not None and not about.incident_shared:
        yield "H5: another agency's case"
    if about.incident_id is None and about.request_id is None:
        yield "2: no incident and no request"
    if asked.action == "ViewLive" and not (about.incident_open or (glass and about.incident_id is None)):
        yield "4: live without an open incident"
    if about.incident_id is not None and not (about.incident_confirmed or masked_still or glass or owner):
        yield "3: more than a masked still before confirmation"
    known = about.distance_m is not None and 0 <= about.distance_m <= 500
    if about.incident_id is not None and not (known or owner or (approved and asked.action == "ViewRecorded")):
        yield "4: too far"
    if subject.facts.sensitivity and not (approved or owner):
        yield "7: a sensitive camera"
    if grant is None and not (owner or asked.action == "ViewStill"):
        yield "4: no grant"
    age = facts.age_of(asked.action, subject.recorded_at, about, questions.BOOK.limits)
    if age == "older" and not (approved or owner):
        yield "5: old without approval"
    if glass and grant is not None:
        too_old = (
            asked.action != "ViewLive"
            and subject.recorded_at is not None
            and (grant.starts_at - subject.recorded_at).total_seconds() > 1800
        )
        lasts_s = (grant.ends_at - grant.starts_at).total_seconds()
        if viewer.system or not viewer.second_factor or too_old or lasts_s > 1200 or asked.action == "ControlPTZ":
            yield "8"


@pytest.mark.parametrize("start", STARTS)
def test_nothing_is_permitted_that_the_second_reading_holds_something_against(start: str) -> None:
    permitted, wrong = 0, []
    for one, other in itertools.combinations(CHANGES, 2):
        changed = {**one, **other}
        asked = questions.question(STARTS[start], **changed)
        decision = questions.decider().decide(asked, questions.book(**changed), 7)
        if decision.permitted:
            permitted += 1
            wrong += [
                (reason, changed, decision.rule_ids)
                for reason in wrong_with(asked, changed.get("second_factor_needed", True))
            ]
    assert not wrong, "\n".join(map(str, wrong[:20]))
    assert permitted >= 30, "the question it starts from is permitted, and so is much that changes nothing of weight"
