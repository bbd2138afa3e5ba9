"""Questions to the access rules: a plain permitted one, and changes to it by name, as the replayed table has them."""

import dataclasses
import datetime
import functools
import uuid
from collections.abc import Mapping
from typing import Any

from sharing_hub.domain import access, default_district, district, grants, viewers
from sharing_hub.policy import engine, loading

NOON = datetime.datetime(2026, 11, 28, 12, tzinfo=datetime.UTC)
INCIDENT, OTHER_INCIDENT, REQUEST = (uuid.UUID(int=n) for n in (1, 2, 3))
ME, SOMEBODY, THIRD = (uuid.UUID(int=n) for n in (11, 12, 13))
BOOK = dataclasses.replace(
    default_district.make(),
    agencies=(
        *default_district.make().agencies,
        district.Agency("vendor-a", "vendor", "납품업체", "A vendor"),
        district.Agency("closed-agency", "police", "닫힌 기관", "An agency no more", active=False),
        district.Agency("next-district", "hub", "이웃 구", "The next district"),
    ),
)
PICTURES = ("ViewStill", "ViewLive", "ViewRecorded", "ControlPTZ", "Export", "Unmask")

OPERATOR: Mapping[str, Any] = {
    "agency": "district", "role": "operator", "action": "ViewLive", "purpose": "crime_response", "legal_basis": "25-1",
    "incident": True, "kind": "fight",
}  # fmt: skip
"""An operator looks at the camera of the incident that is worked on: permitted."""
PARTNER: Mapping[str, Any] = {
    "agency": "fire-119", "role": "partner", "action": "ViewLive", "purpose": "emergency_response",
    "legal_basis": "18-2-3", "incident": True, "kind": "fire", "shared": True, "confirmed": True,
    "media": "still_and_live", "distance_m": 100.0, "grant": True,
}  # fmt: skip
"""119 looks at a camera near a confirmed fire, by a grant: permitted."""
REQUESTED: Mapping[str, Any] = {
    **PARTNER, "agency": "police-112", "action": "ViewRecorded", "purpose": "crime_response", "legal_basis": "18-2-7",
    "incident": False, "shared": False, "confirmed": False, "media": "none", "kind": "", "distance_m": None,
    "request": True, "approver": True, "letter": "112-2026-77", "age_s": 86_400, "covers": True,
}  # fmt: skip
"""112 looks at yesterday's recording, which it asked for by letter and somebody of the district approved: permitted."""
STARTS: Mapping[str, Mapping[str, Any]] = {"operator": OPERATOR, "partner": PARTNER, "requested": REQUESTED}


@functools.cache
def decider() -> engine.Engine:
    """Return an engine with the built-in policies."""
    return engine.Engine(loading.load())


def decide(start: Mapping[str, Any] = PARTNER, **changed: Any) -> access.Decision:
    """Decide a start with changes."""
    return decider().decide(question(start, **changed), book(**changed), 7)


def book(**changed: Any) -> district.District:
    """Return the book that a question is decided by."""
    needed = {name: changed[name] for name in ("second_factor_needed", "training_needed") if name in changed}
    return dataclasses.replace(BOOK, limits=dataclasses.replace(BOOK.limits, **needed)) if needed else BOOK


def question(start: Mapping[str, Any] = PARTNER, **changed: Any) -> access.Question:
    """Return the question of a start with changes."""
    said = {**start, **changed}
    viewer = viewers.Viewer(
        ME, "kim", said["role"], agency_id=said["agency"], system=said.get("system", False),
        second_factor=said.get("second_factor", True), trained=said.get("trained", True),
        on_shift=said.get("on_shift", True),
    )  # fmt: skip
    camera = said.get("camera", "gate")
    facts = district.CameraFacts(
        camera or "", owner=said.get("owner", "district"), sensitivity=said.get("sensitivity", ""),
        purposes=tuple(said.get("installed_for", "crime_prevention").split(",")),
    )  # fmt: skip
    age_s = said.get("age_s", 60 if said["action"] in ("ViewStill", "ViewRecorded", "Export", "Unmask") else None)
    recorded_at = None if age_s is None else NOON - datetime.timedelta(seconds=age_s)
    subject = access.Subject(camera, facts, said.get("masked", "none"), recorded_at, said.get("download", False))
    return access.Question(viewer, said["action"], subject, _circumstances(said, camera, recorded_at))


def _circumstances(
    said: Mapping[str, Any], camera: str | None, recorded_at: datetime.datetime | None
) -> access.Circumstances:
    asked, approved = said.get("request", False), said.get("approver", False)
    requester = {True: SOMEBODY, False: None}.get(said.get("own_request", False) or asked)
    requester = ME if said.get("own_request") else requester
    return access.Circumstances(
        now=NOON,
        purpose=said["purpose"],
        legal_basis=said["legal_basis"],
        incident_id=INCIDENT if said["incident"] else None,
        incident_known=said.get("known", said["incident"]),
        incident_kind=said.get("kind", ""),
        incident_open=said["incident"] and said.get("open", True),
        incident_confirmed=said.get("confirmed", False),
        incident_began_at=NOON - datetime.timedelta(seconds=said["began_s"]) if "began_s" in said else None,
        incident_shared=said.get("shared", False),
        share_media=said.get("media", "none"),
        request_id=REQUEST if asked else None,
        distance_m=said.get("distance_m"),
        grant=_grant(said, camera, recorded_at) if said.get("grant") else None,
        requester_id=requester,
        approver_id=requester if approved == "same" else (THIRD if approved else None),
        letter=said.get("letter"),
    )


def _grant(said: Mapping[str, Any], camera: str | None, recorded_at: datetime.datetime | None) -> grants.Grant:
    starts = NOON + datetime.timedelta(seconds=said.get("grant_starts_s", -300))
    covered = recorded_at if recorded_at is not None and said.get("covers") else None
    return grants.Grant(
        uuid.UUID(int=99),
        said.get("grant_agency", said["agency"]),
        SOMEBODY if said.get("grant_person") == "another" else None,
        frozenset({said.get("grant_camera", camera or "gate")}),
        frozenset(said.get("grant_actions", said["action"]).split(",")),
        said.get("grant_purpose", said["purpose"]),
        said.get("grant_basis", said["legal_basis"]),
        {"this": INCIDENT, "other": OTHER_INCIDENT, "none": None}[
            said.get("grant_incident", "this" if said["incident"] else "none")
        ],
        REQUEST if said.get("request") else (uuid.UUID(int=98) if not said["incident"] else None),
        starts,
        starts + datetime.timedelta(seconds=said.get("grant_lasts_s", 1200)),
        lookback_s=said.get("grant_lookback_s", 600),
        covers_from=covered,
        covers_until=covered + datetime.timedelta(hours=1) if covered else None,
        mask_level=said.get("grant_mask", "none"),
        export_mode=said.get("export_mode", "none"),
        break_glass=said.get("break_glass", False),
        revoked_at=NOON - datetime.timedelta(seconds=1) if said.get("revoked") else None,
    )
