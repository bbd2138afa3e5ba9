"""The district's book: agencies, lists of purposes and legal bases, the matrix of who is told what, limits, and what is known of each camera.

Law, agencies and numbers are data here: one book, versioned as a whole, changed by two people (`services.district`). What every book must keep,
whoever writes it, is checked where it is made.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Literal

from sharing_hub.domain import actions

_MOST = 1_000_000_000
OWNER = "district"
"""The agency that owns the hub: its operators, leaders, administrators, auditors and privacy officers."""

AgencyKind = Literal[
    "district", "police", "fire", "disaster", "traffic", "facility", "cleaning", "justice", "vendor", "hub"
]
When = Literal["auto", "confirmed", "copy", "opened"]
"""Sent on detection; after an operator confirmed; a copy for information after an operator confirmed; only to the agency that opened it itself."""
Media = Literal["none", "masked_still", "still", "still_and_live"]
"""What goes with a confirmed alert. Before it, whatever this says, an alert carries metadata and one masked still at most."""
Sensitivity = Literal["", "school", "clinic", "shelter", "religious", "assembly"]


@dataclass(frozen=True, slots=True)
class Agency:
    """Who may be shared with. `agency_id` is a short word in a-z, 0-9 and hyphens."""

    agency_id: str
    kind: AgencyKind
    ko: str
    en: str
    active: bool = True


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a picture may be looked at for.

    Attributes:
        camera_purposes: purposes of installation (PIPA 25) that cover it; a camera that has none of them is not used for it. Empty: any camera.
        mask_level: how much is masked at least.
    """

    code: str
    ko: str
    en: str
    camera_purposes: tuple[str, ...] = ()
    mask_level: actions.MaskLevel = "none"


@dataclass(frozen=True, slots=True)
class LegalBasis:
    """A clause that allows providing or looking. `needs_letter`: an official letter's number belongs to it."""

    code: str
    ko: str
    en: str
    needs_letter: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """One cell of the matrix: which agency is told of which kind, when, and with what."""

    kind: str
    agency_id: str
    when: When
    media: Media = "none"
    purpose: str = "emergency_response"
    legal_basis: str = "18-2-3"


@dataclass(frozen=True, slots=True)
class OwnUse:
    """What the district's own people look for where they name no purpose, and on what basis.

    Attributes:
        category: of the incident's kind (fire, crime, traffic, disaster, health); "": without an incident, or of a kind of none of them. Where a
            category has several, the first whose purpose the camera was installed for is taken.
    """

    category: str
    purpose: str
    legal_basis: str = "25-1"


@dataclass(frozen=True, slots=True)
class CameraFacts:
    """What the district knows of a camera beside what its agent says.

    Attributes:
        purposes: why it was installed (PIPA 25).
        heading_deg: where it looks, clockwise from north; view_angle_deg: how wide; view_range_m: how far. None: not known.
    """

    camera_id: str
    area: str = ""
    owner: str = OWNER
    purposes: tuple[str, ...] = ("crime_prevention",)
    sensitivity: Sensitivity = ""
    heading_deg: float | None = None
    view_angle_deg: float | None = None
    view_range_m: float | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """Numbers of the access rules; distances in metres, times in seconds unless their names say otherwise.

    Attributes:
        lease_s: how long an incident stays with the operator who works on it, from the last thing done.
        leader_told_after_s, police_told_after_s: when an unacknowledged incident of severity 1 goes to the shift leader and to the posted police.
        flood_alarms, flood_window_s: more new incidents than this within this time are a flood; severity 3 then goes to the digest.
        second_factor_needed, training_needed: whether whoever looks at a picture must have proved a second factor, and be trained.
    """

    live_radius_m: float = 500.0
    wide_radius_m: float = 1000.0
    wide_kinds: tuple[str, ...] = ("vehicle", "missing_person")
    nearest_cameras: int = 5
    live_grant_s: int = 1200
    renew_warning_s: int = 60
    after_close_s: int = 300
    lookback_s: int = 600
    break_glass_radius_m: float = 500.0
    break_glass_s: int = 1200
    break_glass_lookback_s: int = 1800
    review_due_hours: int = 24
    letter_due_days: int = 7
    fold_radius_m: float = 100.0
    lease_s: int = 120
    leader_told_after_s: int = 30
    police_told_after_s: int = 60
    flood_alarms: int = 10
    flood_window_s: int = 600
    longest_shelving_s: int = 28800
    second_factor_needed: bool = True
    training_needed: bool = True

    def __post_init__(self) -> None:
        """Check the numbers.

        Raises:
            ValueError: one is below 0, or no number at all.
        """
        for item in fields(self):
            value = getattr(self, item.name)
            if isinstance(value, int | float) and not 0 <= value <= _MOST:
                raise ValueError(f"the limit {item.name} is {value}; it must be from 0 to {_MOST}")


@dataclass(frozen=True, slots=True)
class District:
    """The whole book of one version.

    Raises:
        ValueError: two entries of a list have one code, or an entry names something that is in no list.
    """

    name_ko: str
    name_en: str
    agencies: tuple[Agency, ...]
    purposes: tuple[Purpose, ...]
    legal_bases: tuple[LegalBasis, ...]
    matrix: tuple[Notice, ...]
    camera_purposes: tuple[str, ...]
    cameras: tuple[CameraFacts, ...] = ()
    own_use: tuple[OwnUse, ...] = ()
    limits: Limits = field(default_factory=Limits)
    _by_camera: Mapping[str, CameraFacts] = field(init=False, repr=False, compare=False)  # asked at every decision

    def __post_init__(self) -> None:
        """Check what belongs together."""
        object.__setattr__(self, "_by_camera", {one.camera_id: one for one in self.cameras})
        agencies = _unique("agency", (one.agency_id for one in self.agencies))
        purposes = _unique("purpose", (one.code for one in self.purposes))
        bases = _unique("legal basis", (one.code for one in self.legal_bases))
        _unique("camera", (one.camera_id for one in self.cameras))
        _unique("cell of the matrix", (f"{one.kind} for {one.agency_id}" for one in self.matrix))
        if OWNER not in agencies:
            raise ValueError(f"the book needs the agency {OWNER!r}, which owns the hub")
        for notice in self.matrix:
            where = f"the matrix's cell {notice.kind} for {notice.agency_id}"
            _known(where, "agency", notice.agency_id, agencies)
            _known(where, "purpose", notice.purpose, purposes)
            _known(where, "legal basis", notice.legal_basis, bases)
        for use in self.own_use:
            where = f"the own use for {use.category or 'no incident'}"
            _known(where, "purpose", use.purpose, purposes)
            _known(where, "legal basis", use.legal_basis, bases)
        for purpose in self.purposes:
            for code in purpose.camera_purposes:
                _known(f"purpose {purpose.code}", "camera purpose", code, self.camera_purposes)
        for camera in self.cameras:
            _known(f"camera {camera.camera_id}", "agency", camera.owner, agencies)
            for code in camera.purposes:
                _known(f"camera {camera.camera_id}", "camera purpose", code, self.camera_purposes)

    def agency(self, agency_id: str) -> Agency | None:
        """Return the agency of this id that is active, or None."""
        return next((one for one in self.agencies if one.agency_id == agency_id and one.active), None)

    def purpose(self, code: str | None) -> Purpose | None:
        """Return the purpose of this code, or None."""
        return next((one for one in self.purposes if one.code == code), None)

    def legal_basis(self, code: str | None) -> LegalBasis | None:
        """Return the legal basis of this code, or None."""
        return next((one for one in self.legal_bases if one.code == code), None)

    def notices(self, kind: str) -> tuple[Notice, ...]:
        """Return whom the matrix tells of this kind."""
        return tuple(one for one in self.matrix if one.kind == kind)

    def use_of(self, category: str, facts: CameraFacts) -> OwnUse | None:
        """Return what the district's own people look at a camera for, for an incident of this category; None: nothing is said."""
        rows = [one for one in self.own_use if one.category == category]
        return next((one for one in rows if self.covers(one.purpose, facts)), rows[0] if rows else None)

    def covers(self, code: str | None, facts: CameraFacts) -> bool:
        """Say whether a camera was installed for something that covers a purpose."""
        purpose = self.purpose(code)
        if purpose is None:
            return False
        return not purpose.camera_purposes or not set(purpose.camera_purposes).isdisjoint(facts.purposes)

    def camera(self, camera_id: str) -> CameraFacts:
        """Return what is known of a camera; of one that is not in the book, nothing but that the district owns it."""
        return self._by_camera.get(camera_id) or CameraFacts(camera_id)


def _unique(what: str, codes: Iterable[str]) -> frozenset[str]:
    seen: set[str] = set()
    for code in codes:
        if not code or code in seen:
            raise ValueError(f"there are two of the {what} {code!r}" if code else f"a {what} has no code")
        seen.add(code)
    return frozenset(seen)


def _known(where: str, what: str, code: str, known: Iterable[str]) -> None:
    if code not in known:
        raise ValueError(
            f"{where} names the {what} {code!r}, which is not in the book; known: {', '.join(sorted(known))}"
        )
