"""The exporter: makes the packages of approved requests, one request at a time, in a process of its own for what is masked.

Invariants: a package that does not verify is not kept; what could not be made fails its request with words, and harms no other; a stop ends the masking at once,
and the next start begins it anew.
"""

import hashlib
import importlib.util
import shutil
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Literal
from uuid import UUID

import httpx
import structlog

from sharing_hub import authority, errors
from sharing_hub import hub as hubs
from sharing_hub.domain import ledger as entries
from sharing_hub.media import credentials, package, plan, stamps, worker
from sharing_hub.services import exports, video_requests

FOLDER = "exports"
EVERY_S = 2.0

log = structlog.get_logger(__name__)


class Exporter:
    """Makes packages; `run` is a job that the worker repeats.

    Args:
        stamper: who stamps the time of a package; None where no authority is configured.
    """

    def __init__(self, hub: hubs.Hub, stamper: stamps.TimestampAuthority | None) -> None:
        self._hub, self._stamper = hub, stamper
        self._ending = threading.Event()
        self.progress: dict[UUID, float] = {}

    def run(self) -> None:
        """Prepare what is due, until nothing is."""
        while not self._ending.is_set():
            with self._hub.database.reading() as session:
                request_id = exports.due(session)
            if request_id is None:
                return
            self._prepare(request_id)

    def stop(self) -> None:
        """End what is being made."""
        self._ending.set()

    def _prepare(self, request_id: UUID) -> None:
        folder = folder_of(self._hub, request_id)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700, parents=True)
        try:
            with self._hub.database.writing() as session:
                job = exports.begin(session, request_id, self._hub.clock())
            for source in job.sources:
                self._pack(job, source, folder)
        except worker.Cancelled:
            return
        except errors.HubError as e:
            log.error("an export was not made", request_id=str(request_id), fault=e.detail)
            self._end(request_id, "fail", e.detail)
        else:
            self._end(request_id, "finish", "")
        finally:
            self.progress.pop(request_id, None)

    def _pack(self, job: exports.Job, source: exports.Source, folder: Path) -> None:
        now, original = self._hub.clock(), folder / f"{source.recording_id}.original"
        _copy(self._hub, source.media.sha256, original)
        mark = exports.watermark_id(job, source)
        masked = job.row.export_mode == "masked"
        video, report = self._masked(job, source, original, mark, now) if masked else (original, None)
        digest = _hashed(video)
        with self._hub.database.writing() as session:
            index = exports.note_made(session, job, source, mark, digest, report, now)
        with self._hub.database.writing() as session:
            proof = exports.proof(session, self._hub.ledger_key, index, now)
        media = source.media
        given = package.PackageParts(
            export=exports.told_of(job, source, mark, now),
            video=video,
            original=package.Original(media.signed, str(media.agent_id), source.agent_key),
            report=report,
            proof=proof,
            key=self._hub.ledger_key,
            chain=_chain(media.signed.manifest.model_dump(mode="json")),
            authority_pem=self._authority_pem() if masked else None,
            stamper=self._stamper,
        )
        package.write_package(package_of(folder, source.recording_id), given)
        for used in {original, video}:
            used.unlink(missing_ok=True)

    def _masked(
        self, job: exports.Job, source: exports.Source, original: Path, mark: str, now: datetime
    ) -> tuple[Path, plan.DerivativeReport]:
        wanted = plan.MaskPlan(job.row.mask_level, source.keep_clear)
        shown = plan.Watermark(job.agency, job.row.asked_by_name, now, mark, source.media.starts_at)
        plain, signed = original.with_suffix(".masked"), original.with_suffix(".mp4")
        report = worker.make_derivative(
            original, plain, wanted, shown, models_folder(), self._told(job.row.request_id), self._ending.is_set
        )
        signer = authority.prepare_signer(self._hub.settings.authority_dir, now)
        credentials.sign(plain, original, signed, report, signer)
        plain.unlink()
        return signed, report

    def _authority_pem(self) -> bytes:
        return (self._hub.settings.authority_dir / authority.AUTHORITY_FILE).read_bytes()

    def _told(self, request_id: UUID) -> Callable[[float], None]:
        def tell(share: float) -> None:
            self.progress[request_id] = share

        return tell

    def _end(self, request_id: UUID, change: Literal["fail", "finish"], fault: str) -> None:
        with self._hub.database.writing() as session:
            video_requests.move(session, request_id, change, entries.HUB, self._hub.clock(), fault)
        self._hub.counters.add("exports", change)


def folder_of(hub: hubs.Hub, request_id: UUID) -> Path:
    """Return where a request's packages are."""
    return hub.settings.data_dir / FOLDER / str(request_id)


def package_of(folder: Path, recording_id: UUID) -> Path:
    """Return the file of one package."""
    return folder / f"{recording_id}.zip"


def stamper_of(hub: hubs.Hub) -> stamps.TimestampAuthority | None:
    """Return the time stamp authority of the settings; None where none is configured.

    Raises:
        SettingsError: its certificates cannot be read.
    """
    chosen = hub.settings.export
    if chosen.time_stamp_url is None or chosen.time_stamp_roots is None:
        return None
    try:
        roots = chosen.time_stamp_roots.read_bytes()
    except OSError as e:
        raise errors.SettingsError(
            f"[export] time_stamp_roots {chosen.time_stamp_roots}: cannot be read ({e.strerror})"
        ) from e
    return stamps.HttpAuthority(chosen.time_stamp_url, roots, httpx.Client(timeout=20.0, follow_redirects=False))


def models_folder() -> Path:
    """Return where the models are that find what must be masked.

    Raises:
        StoreError: they are not installed.
    """
    found = importlib.util.find_spec("models")
    if found is None or found.origin is None:
        raise errors.StoreError("the folder `models` is not installed: nothing can be masked")
    return Path(found.origin).parent


def _copy(hub: hubs.Hub, sha256: str, target: Path) -> None:
    with target.open("wb") as file:
        for piece in hub.blobs.read(sha256):
            file.write(piece)


def _hashed(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _chain(manifest: dict[str, object]) -> tuple[dict[str, object], ...]:
    place = manifest.get("chain")
    links = place.get("links") if isinstance(place, dict) else None
    return tuple(links) if isinstance(links, list | tuple) else ()
