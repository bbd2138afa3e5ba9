"""Lists of media: scoped by SQL first; what somebody of another agency may not look at is then left out, by the policies.

A list of ten thousand is some hundred different questions: files of one camera, incident, form and age are decided together.
"""

import bisect
import dataclasses
import itertools
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import pydantic
import sqlalchemy as sa
from sqlalchemy.orm import Session

from sharing_hub.domain import access as domain
from sharing_hub.domain import district, grants, viewers
from sharing_hub.policy import facts
from sharing_hub.services import access, access_sources, browsing, cursors, looks, views
from sharing_hub.store import queries, tables


class Item(NamedTuple):
    """A media file, as far as the rules ask. Ids are hex: thousands of them are compared, few become UUIDs."""

    media_id: str
    camera_id: str
    incident_id: str | None
    form: str
    masking: str | None
    starts_at: datetime


class ListedView(views.View):
    """A media file in a list; its bytes are at /v1/media/{media_id}."""

    media_id: UUID
    camera_id: str
    incident_id: UUID | None
    form: str
    masking: str | None
    starts_at: datetime


class _Spans:
    """Numbers of items of one camera, incident, form and masking, by the stretch of time that they lie in: one stretch is decided alike."""

    def __init__(self, edges: tuple[datetime, ...]) -> None:
        self.edges = edges
        self.numbers: tuple[list[int], ...] = tuple([] for _ in range(len(edges) + 1))


_LISTED = pydantic.TypeAdapter(list[ListedView])


def page(
    session: Session, gate: access.Access, viewer: viewers.Viewer, camera_id: str | None, before: str | None,
    limit: int, now: datetime, incident_id: UUID | None = None,
) -> views.Page[ListedView]:  # fmt: skip
    """Return the media that the viewer may know of, the newest first. A page may hold fewer than `limit` and still have a next one."""
    kept, following = listed(session, gate, viewer, camera_id, before, limit, now, incident_id)
    return views.Page[ListedView](items=_LISTED.validate_python(kept, from_attributes=True), next=following)


def listed(
    session: Session, gate: access.Access, viewer: viewers.Viewer, camera_id: str | None, before: str | None,
    limit: int, now: datetime, incident_id: UUID | None = None,
) -> tuple[list[Item], str | None]:  # fmt: skip
    """Return what `page` shows, and the cursor of the next page where there is one."""
    media, alarm = tables.Media, tables.Alarm
    conditions: list[sa.ColumnElement[bool]] = [media.deleted_at.is_(None)]
    if camera_id is not None:
        conditions.append(media.camera_id == camera_id)
    if incident_id is not None:
        conditions.append(alarm.incident_id == incident_id)
    named = (media.media_id, media.camera_id, alarm.incident_id, media.form, media.masking, media.starts_at)
    parts = [
        part.where(*conditions).with_only_columns(*named, maintain_column_froms=True)
        for part in queries.visible_to(viewer, now).media_with_alarms()
    ]
    every = sa.union_all(*parts).subquery().c
    chosen = cursors.page(sa.select(*_plain(every)), every.starts_at, every.media_id, before, limit)
    rows = [
        Item(media_id, camera, incident, form, masking, at.replace(tzinfo=UTC))
        for media_id, camera, incident, form, masking, at in session.connection().execute(chosen).all()
    ]
    last = rows[limit - 1] if len(rows) > limit else None
    following = None if last is None else cursors.after_row(last.starts_at, UUID(hex=last.media_id))
    return permitted(session, gate, viewer, rows[:limit], now), following


def permitted(
    session: Session, gate: access.Access, viewer: viewers.Viewer, items: Sequence[Item], now: datetime
) -> list[Item]:
    """Return those of the files that the viewer may look at; the district's people see every row of theirs."""
    if viewers.is_of_district(viewer) or not items:
        return list(items)
    version, book = gate.book(session)
    incidents = {one.incident_id for one in items if one.incident_id is not None}
    sources = access_sources.ReadAhead(session, viewer, map(_uuid, incidents), now)
    spans: dict[tuple[str, str | None, str, str | None], _Spans] = {}
    for number, (_, camera_id, incident_id, form, masking, starts_at) in enumerate(items):
        known = spans.get((camera_id, incident_id, form, masking))
        if known is None:
            question = gate.question(sources, _asked(viewer, items[number]), book, now)
            edges = _edges(question.circumstances, sources.grants(viewer, camera_id), book.limits)
            known = spans[camera_id, incident_id, form, masking] = _Spans(edges)
        known.numbers[bisect.bisect_right(known.edges, starts_at)].append(number)
    groups = [numbers for one in spans.values() for numbers in one.numbers if numbers]
    questions = [gate.question(sources, _asked(viewer, items[numbers[0]]), book, now) for numbers in groups]
    decisions = gate.engine.decide_all(questions, book, version)
    chosen = (numbers for numbers, one in zip(groups, decisions, strict=True) if one.permitted)
    return [items[number] for number in sorted(itertools.chain.from_iterable(chosen))]


def only_permitted(
    session: Session, gate: access.Access, viewer: viewers.Viewer, events: Sequence[views.EventView],
    incident_id: UUID | None, now: datetime,
) -> list[views.EventView]:  # fmt: skip
    """Return events whose media are only those that the viewer may look at."""
    if viewers.is_of_district(viewer):
        return list(events)
    incidents = dict.fromkeys((one.event_id for one in events), incident_id)
    if incident_id is None:
        alarm = tables.Alarm
        told = queries.visible_to(viewer, now).alarms().where(alarm.event_id.in_([one.event_id for one in events]))
        incidents |= {row.event_id: row.incident_id for row in session.scalars(told)}
    items = [
        Item(file.media_id.hex, one.camera_id, _hex(incidents[one.event_id]), file.form, file.masking, file.starts_at)
        for one in events
        for file in one.media
    ]
    kept = {item.media_id for item in permitted(session, gate, viewer, items, now)}
    return [
        one.model_copy(update={"media": [file for file in one.media if file.media_id.hex in kept]}) for one in events
    ]


def _plain(every: Any) -> list[Any]:
    """Return the columns of an item as the driver has them: ids as hex, times without an offset, which is UTC."""
    media_id, incident_id = (sa.type_coerce(column, sa.String) for column in (every.media_id, every.incident_id))
    at = sa.type_coerce(every.starts_at, sa.DateTime)
    return [media_id, every.camera_id, incident_id, every.form, every.masking, at]


def _asked(viewer: viewers.Viewer, item: Item) -> access.Asked:
    incident_id = None if item.incident_id is None else _uuid(item.incident_id)
    masked = browsing.masked_of(item.masking)
    form: looks.Action = item.form  # type: ignore[assignment]
    subject = looks.Subject(form, item.camera_id, item.media_id, incident_id, masked, item.starts_at)
    return looks.asked(viewer, subject, looks.Reason("", ""))


def _uuid(text: str) -> UUID:
    return UUID(hex=str(text))


def _hex(key: UUID | None) -> str | None:
    return None if key is None else key.hex


def _edges(about: domain.Circumstances, held: Sequence[grants.Grant], limits: district.Limits) -> tuple[datetime, ...]:
    """Return the times between which recordings of one camera and incident are decided alike."""
    reference = facts.reference_of(dataclasses.replace(about, grant=None))
    counted_from = {reference, *(min(about.now, grant.starts_at) for grant in held if grant.break_glass)}
    backs = [timedelta(seconds=back) for back in (limits.lookback_s, limits.break_glass_lookback_s)]
    edges = {since - back for since in counted_from for back in backs} | {about.now + backs[0]}
    for grant in held:
        edges.add(min(grant.starts_at, reference) - timedelta(seconds=grant.lookback_s))
        edges |= {edge for edge in (grant.covers_from, grant.covers_until) if edge is not None}
    return tuple(sorted(edges))
