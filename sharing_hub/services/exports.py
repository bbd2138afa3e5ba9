"""Exports: what an approved request hands out, one package for each of its recordings, and the record of handing it out.

Steps of one: (1) the request is taken up (`preparing`) once each recording arrived or was refused; (2) video: the sealed original, or its masked derivative with content
credentials; (3) the entry that names the video is in the ledger, and a checkpoint covers it; (4) the package with the proof is written; (5) the request is `ready`.
A kill anywhere begins it anew: files of an unfinished attempt are removed, its entries stay, and say so by another video.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from sharing_hub import errors, ledger_key
from sharing_hub.domain import district, requests
from sharing_hub.domain import ledger as entries
from sharing_hub.media import package, parts, plan
from sharing_hub.services import book, checkpoints, ledger, video_requests
from sharing_hub.store import ledger_tables, request_tables, tables

_REQUEST = request_tables.VideoRequest
MAX_PICKS_CHARACTERS = 200
_ITEMS = "개인영상정보 (personal video)"
_SAFEGUARDS = "목적 외 이용·재제공 금지, 목적 달성 후 파기 (no other use, no onward provision, destroy when done)"


@dataclass(frozen=True, slots=True)
class Source:
    """A recording of a request that is here.

    Attributes:
        keep_clear: who stays clear, as it was picked.
    """

    recording_id: UUID
    media: tables.Media
    camera_name: str
    agent_key: str
    keep_clear: tuple[plan.Pick, ...]


@dataclass(frozen=True, slots=True)
class Job:
    """A request that is to be prepared."""

    row: request_tables.VideoRequest
    agency: str
    sources: tuple[Source, ...]


def due(session: Session) -> UUID | None:
    """Return the oldest request that can be prepared: approved, something to be taken away, no recording under way; or one that a kill interrupted."""
    wanted = (
        select(_REQUEST)
        .where(_REQUEST.state.in_(("approved", "preparing")), _REQUEST.export_mode != "none")
        .order_by(_REQUEST.asked_at)
    )
    for row in session.scalars(wanted):
        states = {recording.state for _, recording in video_requests.recordings_of(session, row.request_id)}
        if not states & {"requested", "accepted"}:
            return row.request_id
    return None


def begin(session: Session, request_id: UUID, now: datetime) -> Job:
    """Take a request up.

    Raises:
        Unprocessable: none of its recordings came; the request is to be failed with these words.
    """
    row = video_requests.find(session, request_id)
    if row.state == "approved":
        row = video_requests.move(session, request_id, "prepare", entries.HUB, now)
    sources = tuple(_sources(session, request_id))
    if not sources:
        reasons = {recording.reason for _, recording in video_requests.recordings_of(session, request_id)}
        raise errors.Unprocessable(f"no recording came: {'; '.join(sorted(reasons)) or 'no reason was given'}")
    _, found = book.in_force(session)
    agency = _name_of(found, row.agency_id)
    session.flush()
    session.expunge_all()  # read on by the exporter, when this transaction is over
    return Job(row, agency, sources)


def note_made(
    session: Session, job: Job, source: Source, watermark_id: str, video_sha256: str, report: plan.DerivativeReport | None, now: datetime
) -> int:  # fmt: skip
    """Put on record what is about to be packed; return the entry's number."""
    details: dict[str, entries.Detail] = {
        parts.VIDEO_HASH: video_sha256, "source_sha256": source.media.sha256, "media_id": str(source.media.media_id),
        "watermark_id": watermark_id, "mask_level": "original" if report is None else report.level,
        "agency_id": job.row.agency_id, "letter": job.row.letter, "approved_by": job.row.decided_by_name,
    }  # fmt: skip
    if report is not None:
        details |= {"frames": report.frames, "frames_masked": report.frames_masked}
    return ledger.append(
        session,
        entries.Entry(
            at=now, action="export.made", actor=entries.HUB, subject=entries.Subject("request", str(job.row.request_id)),
            camera_id=source.media.camera_id, incident_id=_text(job.row.incident_id), purpose=job.row.purpose,
            legal_basis=job.row.legal_basis, why=job.row.why, details=details,
        ),
    )  # fmt: skip


def proof(session: Session, key: ledger_key.LedgerKey, index: int, now: datetime) -> package.LedgerProof:
    """Return the proof of an entry in a checkpoint that covers it, made now where there is none."""
    checkpoints.make(session, key, now)
    size = ledger.size_of(session)
    session.flush()
    body = session.get_one(ledger_tables.Entry, index).body
    _, hashes = checkpoints.inclusion(session, index, size)
    return package.LedgerProof(body.encode(), index, size, tuple(hashes), checkpoints.note(session, size))


def told_of(job: Job, source: Source, watermark_id: str, now: datetime) -> package.Export:
    """Return what the package says of itself."""
    row = job.row
    return package.Export(
        export_id=watermark_id, created_at=now, agency=job.agency, person=row.asked_by_name, purpose=row.purpose,
        legal_basis=row.legal_basis, why=row.why, camera_id=source.media.camera_id, camera_name=source.camera_name,
        starts_at=source.media.starts_at, ends_at=source.media.ends_at, grant_id=_text(row.grant_id),
        request_id=str(row.request_id), incident_id=_text(row.incident_id), letter_number=row.letter,
        approved_by=row.decided_by_name,
    )  # fmt: skip


def hand_over(
    session: Session, request_id: UUID, recording_id: UUID, file_name: str, sha256: str, by: entries.Actor, now: datetime
) -> None:  # fmt: skip
    """Put on record that a package is about to be handed out: as the request's step and as a provision to a third party.

    Raises:
        Conflict: it is not ready, or has expired.
    """
    row = video_requests.move(session, request_id, "hand_over", by, now, package_sha256=sha256)
    _, found = book.in_force(session)
    form = "원본 MP4 (original)" if row.export_mode == "original" else f"가림 처리 MP4 (masked: {row.mask_level})"
    details: Mapping[str, entries.Detail] = {
        "file": file_name, "recipient": _name_of(found, row.agency_id), "items": _ITEMS, "form": form,
        "safeguards": _SAFEGUARDS, "period": f"{entries.time_text(row.starts_at)}/{entries.time_text(row.ends_at)}",
        "sha256": sha256, "letter": row.letter, "agency_id": row.agency_id,
    }  # fmt: skip
    ledger.append(
        session,
        entries.Entry(
            at=now, action="provision", actor=by, subject=entries.Subject("recording", str(recording_id)),
            camera_id=",".join(row.camera_ids)[:200], incident_id=_text(row.incident_id), purpose=row.purpose,
            legal_basis=row.legal_basis, why=row.why, details=details,
        ),
    )  # fmt: skip


def pick(
    session: Session, request_id: UUID, recording_id: UUID, picks: tuple[plan.Pick, ...], by: entries.Actor, now: datetime
) -> None:  # fmt: skip
    """Keep who stays clear in a recording, as picked on its picture (a person's own copy).

    Raises:
        NotFound: no such recording of this request.
        Conflict: it is being prepared already, or no person's own request.
        Unprocessable: too many.
    """
    row = video_requests.find(session, request_id)
    part = session.get(request_tables.RequestedRecording, (request_id, recording_id))
    if part is None:
        raise errors.NotFound(f"no recording {recording_id} of this request")
    if row.kind != "citizen" or row.state not in ("requested", "approved"):
        raise errors.Conflict("who stays clear is picked for a person's own request, before it is prepared")
    text = ";".join(f"{one.time_s:.3f},{one.x_norm:.4f},{one.y_norm:.4f}" for one in picks)
    if len(text) > MAX_PICKS_CHARACTERS:
        raise errors.Unprocessable("at most eight picks for a recording")
    part.keep_clear = text or None
    details: dict[str, entries.Detail] = {"recording_id": str(recording_id), "picks": len(picks)}
    subject = entries.Subject("request", str(request_id))
    ledger.append(session, entries.Entry(at=now, action="request.picked", actor=by, subject=subject, details=details))


def watermark_id(job: Job, source: Source) -> str:
    """Return the id that leads from a copy to its ledger entry."""
    return f"JK-{job.row.request_id.hex[:8]}-{source.recording_id.hex[:8]}".upper()


def _sources(session: Session, request_id: UUID) -> list[Source]:
    found: list[Source] = []
    for part, recording in video_requests.recordings_of(session, request_id):
        media = session.get(tables.Media, recording.media_id) if recording.media_id else None
        if media is None or media.deleted_at is not None:
            continue
        camera, agent = session.get_one(tables.Camera, media.camera_id), session.get_one(tables.Agent, media.agent_id)
        picks = _picks(part.keep_clear)
        found.append(Source(part.recording_id, media, camera.name, agent.public_key, picks))
    return found


def _picks(text: str | None) -> tuple[plan.Pick, ...]:
    return tuple(plan.Pick(*(float(value) for value in one.split(","))) for one in (text or "").split(";") if one)


def _name_of(found: district.District, agency_id: str) -> str:
    agency = found.agency(agency_id)
    return agency.ko if agency else agency_id


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)


PREPARED_STATES: tuple[requests.State, ...] = ("ready", "handed_over")
"""In which a request's packages may be fetched."""
