"""Public figures of a month: how often which agency was told and let look, what alarms there were, with small counts suppressed.

They come from the ledger and the incidents alone, name no person, no place of an event and no time finer than the month.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import select
from sqlalchemy.orm import Session

from sharing_hub.domain import district, suppression
from sharing_hub.services import book, ledger, registers
from sharing_hub.store import ledger_tables, tables

SHARED = ("message.written", "grant.issued", "request.handed_over")
"""Ledger actions that count as sharing with an agency: told, let look, handed over."""
_LOOKED = tuple(f"look.{action}" for action in ("still", "masked_still", "clip", "range", "live"))


@dataclass(frozen=True, slots=True)
class Figures:
    """A month's figures as they may be shown; counts are text, for small ones are hidden.

    Attributes:
        shared: for each agency, for each of told, let look and handed over.
        looks: permitted and denied looks of everybody.
        incidents: for each kind.
    """

    month: str
    shared: Mapping[str, Mapping[str, str]]
    looks: Mapping[str, str]
    incidents: Mapping[str, str]
    incidents_total: str


@dataclass(frozen=True, slots=True)
class PublicCamera:
    """What residents may know of a camera: no address on the network, no exact place."""

    camera_id: str
    name: str
    area: str
    owner: str
    purposes: tuple[str, ...]


def of_month(session: Session, month: str) -> Figures:
    """Return the figures of a month, `YYYY-MM` in Korean time.

    Raises:
        Unprocessable: not a month.
    """
    starts_at, ends_at = registers.month_of(month)
    shared: dict[str, Counter[str]] = {}
    looks: Counter[str] = Counter()
    table = ledger_tables.Entry
    wanted = select(table.index, table.action, table.body).where(
        table.at >= starts_at, table.at < ends_at, table.action.in_((*SHARED, *_LOOKED))
    )
    for index, action, body in session.execute(wanted.execution_options(yield_per=1000)):
        values = ledger.values_of(index, body)
        if action in SHARED:
            agency_id = str(values["details"].get("agency_id") or district.OWNER)
            if agency_id != district.OWNER:
                shared.setdefault(agency_id, Counter())[action] += 1
        else:
            looks[str(values["decision"])] += 1
    kinds = _incidents(session, starts_at, ends_at)
    hidden = {
        agency_id: suppression.suppress({one: counts[one] for one in SHARED}, False)
        for agency_id, counts in shared.items()
    }
    return Figures(
        month, hidden, suppression.suppress(looks, False), suppression.suppress(kinds), suppression.shown_total(kinds)
    )


def public_cameras(session: Session) -> list[PublicCamera]:
    """Return the cameras as residents may know them, by area and name."""
    _, found = book.in_force(session)
    rows = session.execute(select(tables.Camera.camera_id, tables.Camera.name)).all()
    shown = [_public(found.camera(camera_id), name) for camera_id, name in rows]
    return sorted(shown, key=lambda camera: (camera.area, camera.name))


def _public(facts: district.CameraFacts, name: str) -> PublicCamera:
    return PublicCamera(facts.camera_id, name, facts.area, facts.owner, facts.purposes)


def _incidents(session: Session, starts_at: datetime, ends_at: datetime) -> dict[str, int]:
    table = tables.Incident
    wanted = (
        select(table.kind, sa.func.count())
        .where(table.opened_at >= starts_at, table.opened_at < ends_at)
        .group_by(table.kind)
        .order_by(table.kind)
    )
    return {kind: count for kind, count in session.execute(wanted)}  # noqa: C416 - a row is a tuple of its own kind
