"""What holds of every question, whatever else is in it."""

import dataclasses
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sharing_hub.domain import actions, district, viewers
from tests.support import questions

MANY = settings(max_examples=60, deadline=None, derandomize=True)
FLAGS = (
    "confirmed", "shared", "open", "grant", "request", "revoked", "break_glass", "download", "system", "second_factor",
    "trained", "on_shift", "covers",
)  # fmt: skip
AGENCIES = [one.agency_id for one in questions.BOOK.agencies]


@st.composite
def changes(draw: st.DrawFn) -> dict[str, Any]:
    """Return changes to a start: any role, agency, action and circumstances."""
    said: dict[str, Any] = {name: draw(st.booleans()) for name in FLAGS}
    purpose, basis = draw(st.sampled_from(questions.BOOK.purposes)), draw(st.sampled_from(questions.BOOK.legal_bases))
    return said | {
        "agency": draw(st.sampled_from(AGENCIES)),
        "role": draw(st.sampled_from([*viewers.ROLES, "visitor"])),
        "action": draw(st.sampled_from(actions.ACTIONS)),
        "purpose": purpose.code,
        "legal_basis": basis.code,
        "incident": draw(st.booleans()),
        "approver": draw(st.sampled_from([True, False, "same"])),
        "letter": draw(st.sampled_from([None, "12-3"])),
        "distance_m": draw(st.none() | st.floats(0, 3000)),
        "age_s": draw(st.none() | st.integers(0, 10_000)),
        "masked": draw(st.sampled_from(actions.MASK_LEVELS)),
        "sensitivity": draw(st.sampled_from(["", "school"])),
        "owner": draw(st.sampled_from(["district", "facility"])),
        "media": draw(st.sampled_from(["none", "masked_still", "still", "still_and_live"])),
        "export_mode": draw(st.sampled_from(["none", "masked", "original"])),
    }


pictures = st.sampled_from(questions.PICTURES)
starts = st.sampled_from([questions.OPERATOR, questions.PARTNER, questions.REQUESTED])


@MANY
@given(starts, changes(), pictures)
def test_without_a_purpose_no_picture_is_shown(start: dict[str, Any], said: dict[str, Any], action: str) -> None:
    assert not questions.decide(start, **said | {"action": action, "purpose": None}).permitted


@MANY
@given(starts, changes())
def test_nobody_is_ever_identified_by_face(start: dict[str, Any], said: dict[str, Any]) -> None:
    decision = questions.decide(start, **said | {"action": "IdentifyFace"})
    assert (decision.permitted, decision.rule_ids) == (False, ("never-identify-faces",))


@MANY
@given(starts, changes())
def test_what_is_permitted_names_permits_alone_and_what_is_denied_no_permit(
    start: dict[str, Any], said: dict[str, Any]
) -> None:
    decision = questions.decide(start, **said)
    forbids = {
        "agency-inactive", "purpose-needed", "case-needed", "too-far", "another-agencys-case", "grant-over",
        "second-factor-needed", "deny-by-default", "deny-on-error",
    }  # fmt: skip
    permits = {"control-room-looks-at-incidents", "agency-looks-by-grant", "agency-sees-masked-still"}
    assert not set(decision.rule_ids) & (forbids if decision.permitted else permits)
    assert decision.rule_ids and decision.reasons and decision.policy_version.endswith("/7")


@MANY
@given(changes(), st.integers(0, 100_000))
def test_an_ended_grant_shows_nothing(said: dict[str, Any], since_s: int) -> None:
    over = {
        "grant": True,
        "action": "ViewLive",
        "grant_starts_s": -1200 - since_s,
        "agency": "fire-119",
        "owner": "district",
    }
    assert not questions.decide(questions.PARTNER, **said | over).permitted


@MANY
@given(changes(), st.none() | st.floats(1000.001, 1e9) | st.sampled_from([float("nan"), float("inf"), -1.0]))
def test_a_camera_too_far_or_nobody_knows_how_far_is_not_watched(
    said: dict[str, Any], distance_m: float | None
) -> None:
    far = {"action": "ViewLive", "distance_m": distance_m, "agency": "fire-119", "owner": "district"}
    assert not questions.decide(questions.PARTNER, **said | far).permitted


@MANY
@given(changes(), pictures)
def test_another_agencys_case_shows_nothing(said: dict[str, Any], action: str) -> None:
    other = {"incident": True, "shared": False, "agency": "fire-119", "action": action}
    assert not questions.decide(questions.PARTNER, **said | other).permitted


GARBAGE = st.sampled_from([None, 7, 1.5, b"x", ["crime_response"], {"a": 1}, object(), "\ud800", "x" * 500, "'; DROP"])


@MANY
@given(
    st.sampled_from(
        [
            field.name
            for field in dataclasses.fields(viewers.Viewer)
            if field.name not in ("name", "unit", "session_id", "on_shift")
        ]
    ),
    GARBAGE,
)
def test_garbage_about_the_viewer_is_denied(name: str, value: Any) -> None:
    question = questions.question(questions.PARTNER)
    if name == "operator_id" or (name == "system" and value is None):
        return  # an id is only compared; nobody's is nobody's
    viewer = dataclasses.replace(question.viewer, **{name: value})
    asked = dataclasses.replace(question, viewer=viewer)
    assert not questions.decider().decide(asked, questions.BOOK, 1).permitted


@MANY
@given(
    st.sampled_from(["now", "purpose", "legal_basis", "incident_kind", "incident_open", "incident_confirmed", "incident_shared", "share_media", "distance_m", "grant"]),
    GARBAGE.filter(lambda value: not isinstance(value, int | float)),
)  # fmt: skip
def test_garbage_about_the_circumstances_is_denied(name: str, value: Any) -> None:
    question = questions.question(questions.PARTNER)
    if isinstance(value, str) and name in ("incident_kind", "share_media") and value != "\ud800":
        return  # any word may be a kind; it opens nothing
    about = dataclasses.replace(question.circumstances, **{name: value})
    asked = dataclasses.replace(question, circumstances=about)
    assert not questions.decider().decide(asked, questions.BOOK, 1).permitted


@MANY
@given(st.sampled_from(["masked", "recorded_at", "download", "facts", "camera_id"]), GARBAGE)
def test_garbage_about_what_is_looked_at_is_denied(name: str, value: Any) -> None:
    question = questions.question(questions.PARTNER, action="ViewRecorded")
    asked = dataclasses.replace(question, subject=dataclasses.replace(question.subject, **{name: value}))
    assert not questions.decider().decide(asked, questions.BOOK, 1).permitted


def test_an_empty_book_opens_nothing() -> None:
    empty = district.District("", "", (district.Agency("district", "district", "", ""),), (), (), (), ())
    for start in (questions.OPERATOR, questions.PARTNER):
        assert not questions.decider().decide(questions.question(start), empty, 1).permitted
