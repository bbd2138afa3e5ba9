"""A question in the words of the schema: every attribute filled, from the question and the district's book alone.

A value that is not what it should be raises, and whoever asks takes that for a denial: nothing is guessed.
"""

import math
from datetime import datetime, timedelta
from typing import Any

from sharing_hub.domain import access, actions, district, grants, viewers

MAX_M = 1_000_000
"""A distance beyond this is this: it is too far for anything."""
_NOW: frozenset[actions.Action] = frozenset({"ViewLive", "ControlPTZ"})
_TAKING: frozenset[actions.Action] = frozenset({"Export", "Unmask", "Reshare", "ExportForTraining", "SearchPlate"})
_NOBODY: dict[str, Any] = {
    "held": False, "mine": False, "in_force": False, "names_camera": False, "names_action": False, "for_case": False,
    "on_terms": False, "covers_time": False, "break_glass": False, "lasts_s": 0, "export_mode": "none",
}  # fmt: skip


def request_of(question: access.Question, book: district.District) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return Cedar's request and entities.

    Raises:
        TypeError, ValueError: something of the question is not what it should be.
    """
    who = {"type": "Person", "id": str(question.viewer.operator_id)}
    camera = question.subject.camera_id
    what = {"type": "Records", "id": "district"} if camera is None else {"type": "Camera", "id": _text(camera)}
    request = {
        "principal": who,
        "action": {"type": "Action", "id": _text(question.action)},
        "resource": what,
        "context": context_of(question, book),
    }
    entities = [
        {"uid": who, "attrs": _person(question.viewer, book), "parents": []},
        {"uid": what, "attrs": {} if camera is None else _camera(question.subject.facts, book), "parents": []},
    ]
    return request, entities


def context_of(question: access.Question, book: district.District) -> dict[str, Any]:
    """Return the circumstances with every attribute of the schema."""
    about, subject, limits = question.circumstances, question.subject, book.limits
    if about.now.tzinfo is None:
        raise ValueError("the time of the question has no offset")
    purpose, basis = book.purpose(about.purpose), book.legal_basis(about.legal_basis)
    distance_m = _distance(about.distance_m)
    return {
        "purpose": _text(about.purpose or ""),
        "purpose_listed": purpose is not None,
        "purpose_fits": book.covers(about.purpose, subject.facts),
        "legal_basis": _text(about.legal_basis or ""),
        "basis_listed": basis is not None,
        "letter_needed": basis is not None and basis.needs_letter,
        "letter": bool((_text(about.letter or "")).strip()),
        "incident": about.incident_id is not None,
        "incident_known": _flag(about.incident_known),
        "incident_kind": _text(about.incident_kind),
        "incident_open": _flag(about.incident_open) and about.incident_id is not None,
        "incident_confirmed": _flag(about.incident_confirmed),
        "incident_shared": _flag(about.incident_shared),
        "share_media": _text(about.share_media),
        "request": about.request_id is not None,
        "approved": None not in (about.approver_id, about.requester_id) and about.approver_id != about.requester_id,
        "own_request": about.requester_id is not None and about.requester_id == question.viewer.operator_id,
        "distance_known": distance_m is not None,
        "distance_m": MAX_M if distance_m is None else distance_m,
        "radius_m": _radius(about, limits),
        "break_glass_radius_m": int(limits.break_glass_radius_m),
        "break_glass_s": limits.break_glass_s,
        "age": age_of(question.action, subject.recorded_at, about, limits),
        "masked": actions.MASK_LEVELS.index(subject.masked),
        "mask_needed": actions.MASK_LEVELS.index(mask_needed(question.action, about, book)),
        "download": _flag(subject.download),
        "second_factor_needed": _flag(limits.second_factor_needed),
        "training_needed": _flag(limits.training_needed),
        "grant": _grant(question, about.grant) if about.grant is not None else _NOBODY,
    }


def mask_needed(action: actions.Action, about: access.Circumstances, book: district.District) -> actions.MaskLevel:
    """Return how much must be masked at least: what the purpose asks or what the grant asks, whichever is more.

    Where a grant lets the sealed original be taken away, its level is that of what is looked at only; the purpose's always holds.
    """
    purpose, grant = book.purpose(about.purpose), about.grant
    takes_original = action in _TAKING and grant is not None and grant.export_mode == "original"
    asked = [purpose.mask_level if purpose else "none", grant.mask_level if grant and not takes_original else "none"]
    return max(asked, key=actions.MASK_LEVELS.index)


def age_of(
    action: actions.Action, recorded_at: datetime | None, about: access.Circumstances, limits: district.Limits
) -> str:
    """Return how far back a recording lies; one of an unknown time, or from a future beyond any look back, is old.

    Counted from now, or from when the incident began while it is open: what it shows stays to be seen as long as it is worked on.
    """
    if action in _NOW:
        return "live"
    lookback = timedelta(seconds=limits.lookback_s)
    if recorded_at is None or recorded_at - about.now > lookback:
        return "older"
    back = reference_of(about) - recorded_at
    if back <= lookback:
        return "recent"
    return "emergency" if back <= timedelta(seconds=limits.break_glass_lookback_s) else "older"


def reference_of(about: access.Circumstances) -> datetime:
    """Return the time that a look back is counted from: for broken glass when it was broken, however long ago the incident began."""
    if about.grant is not None and about.grant.break_glass:
        return min(about.now, about.grant.starts_at)
    began = about.incident_began_at if about.incident_open else None
    return about.now if began is None else min(about.now, began)


def covers_time(grant: grants.Grant, recorded_at: datetime | None, about: access.Circumstances) -> bool:
    """Say whether a grant names the time of a recording: the stretch that was asked for, or its look back."""
    if recorded_at is None:
        return False
    if grant.covers_from is not None and grant.covers_until is not None:
        return grant.covers_from <= recorded_at < grant.covers_until
    return recorded_at >= min(grant.starts_at, reference_of(about)) - timedelta(seconds=grant.lookback_s)


def _person(viewer: viewers.Viewer, book: district.District) -> dict[str, Any]:
    agency = book.agency(viewer.agency_id)
    return {
        "agency": _text(viewer.agency_id),
        "agency_kind": agency.kind if agency else "",
        "agency_active": agency is not None,
        "role": _text(viewer.role),
        "unit": _text(viewer.unit),
        "system": _flag(viewer.system),
        "second_factor": _flag(viewer.second_factor),
        "trained": _flag(viewer.trained),
        "on_shift": _flag(viewer.on_shift),
    }


def _camera(facts: district.CameraFacts, book: district.District) -> dict[str, Any]:
    return {
        "area": _text(facts.area),
        "owner": _text(facts.owner),
        "owner_kind": next((one.kind for one in book.agencies if one.agency_id == facts.owner), ""),
        "purposes": [_text(purpose) for purpose in facts.purposes],
        "sensitivity": _text(facts.sensitivity),
    }


def _grant(question: access.Question, grant: grants.Grant) -> dict[str, Any]:
    about, viewer, camera = question.circumstances, question.viewer, question.subject.camera_id
    same_incident = grant.incident_id is not None and grant.incident_id == about.incident_id
    same_request = grant.request_id is not None and grant.request_id == about.request_id
    return {
        "held": True,
        "mine": grants.is_for(grant, viewer.agency_id, viewer.operator_id),
        "in_force": grants.in_force(grant, about.now),
        "names_camera": camera in grant.camera_ids,
        "names_action": question.action in grant.actions,
        "for_case": same_incident or same_request,
        "on_terms": (grant.purpose, grant.legal_basis) == (about.purpose, about.legal_basis),
        "covers_time": covers_time(grant, question.subject.recorded_at, about),
        "break_glass": _flag(grant.break_glass),
        "lasts_s": math.ceil((grant.ends_at - grant.starts_at).total_seconds()),
        "export_mode": _text(grant.export_mode),
    }


def _radius(about: access.Circumstances, limits: district.Limits) -> int:
    wide = about.incident_kind in limits.wide_kinds or about.purpose in limits.wide_kinds
    return int(limits.wide_radius_m if wide else limits.live_radius_m)


def _distance(metres: float | None) -> int | None:
    """Return whole metres, upwards; None for what is no distance."""
    if metres is None or not math.isfinite(metres) or metres < 0:
        return None
    return min(math.ceil(metres), MAX_M)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{value!r} is neither true nor false")
    return value
